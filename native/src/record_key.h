/*
 * A record's key in canonical form (format document, "Key index"), whatever encoding the caller
 * has, without a buffer: the canonical bytes are produced in words of 8, the last one with zeros
 * behind.
 */
#ifndef ZTC_RECORD_KEY_H
#define ZTC_RECORD_KEY_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "siphash.h"
#include "ztc/ztc.h"

typedef struct ztc__record_key {
  const uint8_t *data; /* the caller's */
  uint32_t size;       /* of data */
  uint32_t canonical_size;
  uint32_t type;
  uint32_t encoding; /* ZTC_UTF8 if the data are canonical as they are, else LATIN1 or UTF16 */
} ztc__record_key;

/*
 * `key` must outlive the result. UNSTORABLE (*bad is the offset of the first wrong byte) or
 * TOO_LARGE: no record can have this key; INVALID_ARGUMENT. Text given as UTF-8 is not looked at:
 * what is ill-formed in it is not in any region.
 */
ztc_status ztc__record_key_init(ztc__record_key *out, const ztc_key *key, uint64_t *bad);
/* A key whose canonical bytes are these. */
static inline ztc__record_key ztc__record_key_of(uint32_t type, const void *bytes, uint32_t size) {
  return (ztc__record_key){
      .data = bytes, .size = size, .canonical_size = size, .type = type, .encoding = ZTC_UTF8};
}
/* ZTC__WELL_FORMED (text.h), or the offset of the first byte that is not well-formed UTF-8. */
size_t ztc__utf8_check(const uint8_t *bytes, size_t size);

/* Where in a key the next word begins. */
typedef struct ztc__key_cursor {
  uint32_t at;      /* in data */
  uint32_t pending; /* bytes produced already */
  uint32_t count;   /* of them */
} ztc__key_cursor;

uint64_t ztc__key_word_converted(const ztc__record_key *key, ztc__key_cursor *cursor);

/* The last size % 8 bytes as a word, 0 if there are none. */
static inline uint64_t ztc__key_tail(const uint8_t *data, uint32_t size) {
  const uint32_t left = size & 7;
  uint64_t word = 0;
  if (left == 0)
    return 0;
  if (size > 8) { /* and some of those before, which go again */
    memcpy(&word, data + size - 8, 8);
    return word >> 8 * (8 - left);
  }
  uint32_t four = 0;
  uint16_t two = 0;
  if ((left & 4) != 0)
    memcpy(&four, data, 4);
  if ((left & 2) != 0)
    memcpy(&two, data + (left & 4), 2);
  if ((left & 1) != 0)
    word = (uint64_t)data[left - 1] << 8 * (left - 1);
  return word | four | (uint64_t)two << 8 * (left & 4);
}

/* A word of 8 canonical bytes, or the last ones; in a loop over all, one after the other. */
static inline uint64_t ztc__key_word(const ztc__record_key *key, ztc__key_cursor *cursor) {
  if (__builtin_expect(key->encoding != ZTC_UTF8, 0))
    return ztc__key_word_converted(key, cursor);
  const uint32_t at = cursor->at;
  uint64_t word;
  if (key->size - at < 8)
    return ztc__key_tail(key->data, key->size);
  memcpy(&word, key->data + at, 8);
  cursor->at = at + 8;
  return word;
}

uint64_t ztc__record_key_hash_converted(const ztc__record_key *key, uint64_t seed);

static inline uint64_t ztc__record_key_hash(const ztc__record_key *key, uint64_t seed) {
  if (__builtin_expect(key->encoding != ZTC_UTF8, 0))
    return ztc__record_key_hash_converted(key, seed);
  ztc__siphash hash = ztc__siphash_begin(seed, key->type);
  const uint8_t *at = key->data;
  for (uint32_t left = key->size; left >= 8; left -= 8, at += 8) {
    uint64_t word;
    memcpy(&word, at, 8);
    ztc__siphash_word(&hash, word);
  }
  return ztc__siphash_end(&hash, ztc__key_tail(key->data, key->size), key->size);
}

/* Home slot and tag of a hash among `homes` slots, as one number that grows with the hash. */
static inline uint64_t ztc__key_position(uint64_t hash, uint64_t homes) {
  __extension__ typedef unsigned __int128 wide;
  return (uint64_t)((wide)hash * homes >> (64 - 12));
}

/* A key as it is shown in messages: a quoted string, a number, or x"hex"; cut if it is long. */
enum { ZTC__KEY_SHOWN = 80 };
void ztc__record_key_show(uint32_t type, const uint8_t *bytes, uint32_t size,
                          char out[ZTC__KEY_SHOWN]);

#endif
