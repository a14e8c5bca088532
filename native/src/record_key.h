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

static inline uint64_t ztc__key_word(const ztc__record_key *key, ztc__key_cursor *cursor) {
  if (__builtin_expect(key->encoding != ZTC_UTF8, 0))
    return ztc__key_word_converted(key, cursor);
  const uint32_t left = key->size - cursor->at;
  uint64_t word = 0;
  if (left >= 8) {
    memcpy(&word, key->data + cursor->at, 8);
    cursor->at += 8;
    return word;
  }
  for (uint32_t i = 0; i < left; i++)
    word |= (uint64_t)key->data[cursor->at + i] << 8 * i;
  cursor->at += left;
  return word;
}

static inline uint64_t ztc__record_key_hash(const ztc__record_key *key, uint64_t seed) {
  ztc__siphash hash = ztc__siphash_begin(seed, key->type);
  ztc__key_cursor cursor = {0};
  for (uint32_t left = key->canonical_size; left >= 8; left -= 8)
    ztc__siphash_word(&hash, ztc__key_word(key, &cursor));
  const uint64_t tail = key->canonical_size % 8 == 0 ? 0 : ztc__key_word(key, &cursor);
  return ztc__siphash_end(&hash, tail, key->canonical_size);
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
