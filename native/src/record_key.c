#include "record_key.h"

#include <inttypes.h>
#include <stdio.h>

#include "format.h"
#include "key.h"
#include "text.h"

size_t ztc__utf8_check(const uint8_t *bytes, size_t size) {
  for (size_t at = 0; at < size;) {
    uint32_t length;
    if (ztc__utf8_decode(bytes + at, size - at, &length) < 0)
      return at;
    at += length;
  }
  return ZTC__WELL_FORMED;
}

/* The code point at data[*at], which moves behind it; -1 if a surrogate lacks its other half. */
static inline int32_t next_point(const ztc__record_key *key, uint32_t *at) {
  if (key->encoding == ZTC_LATIN1)
    return key->data[(*at)++];
  uint16_t unit, low;
  memcpy(&unit, key->data + *at, 2);
  *at += 2;
  if (unit < 0xD800 || unit > 0xDFFF)
    return unit;
  if (unit > 0xDBFF || key->size - *at < 2)
    return -1;
  memcpy(&low, key->data + *at, 2);
  *at += 2;
  return low < 0xDC00 || low > 0xDFFF ? -1
                                      : 0x10000 + ((unit & 0x3FF) << 10) + (int32_t)(low & 0x3FF);
}

/* A code point's UTF-8 bytes, the first one lowest, and their number. */
static inline uint32_t pack_utf8(uint32_t point, uint32_t *count) {
  if (point < 0x80) {
    *count = 1;
    return point;
  }
  if (point < 0x800) {
    *count = 2;
    return (0xC0 | point >> 6) | (0x80 | (point & 0x3F)) << 8;
  }
  if (point < 0x10000) {
    *count = 3;
    return (0xE0 | point >> 12) | (0x80 | (point >> 6 & 0x3F)) << 8 | (0x80 | (point & 0x3F)) << 16;
  }
  *count = 4;
  return (0xF0 | point >> 18) | (0x80 | (point >> 12 & 0x3F)) << 8 |
         (0x80 | (point >> 6 & 0x3F)) << 16 | (0x80 | (point & 0x3F)) << 24;
}

uint64_t ztc__key_word_converted(const ztc__record_key *key, ztc__key_cursor *cursor) {
  uint64_t word = cursor->pending;
  uint32_t filled = cursor->count;
  cursor->pending = cursor->count = 0;
  while (filled < 8 && cursor->at < key->size) {
    uint32_t count;
    const uint32_t bytes = pack_utf8((uint32_t)next_point(key, &cursor->at), &count);
    word |= (uint64_t)bytes << 8 * filled;
    filled += count;
    if (filled > 8) {
      cursor->count = filled - 8;
      cursor->pending = bytes >> 8 * (count - cursor->count);
    }
  }
  return word;
}

uint64_t ztc__record_key_hash_converted(const ztc__record_key *key, uint64_t seed) {
  ztc__siphash hash = ztc__siphash_begin(seed, key->type);
  ztc__key_cursor cursor = {0};
  for (uint32_t left = key->canonical_size; left >= 8; left -= 8)
    ztc__siphash_word(&hash, ztc__key_word_converted(key, &cursor));
  const uint64_t tail = key->canonical_size % 8 == 0 ? 0 : ztc__key_word_converted(key, &cursor);
  return ztc__siphash_end(&hash, tail, key->canonical_size);
}

/* Counts the canonical bytes of text that has to be converted. */
static ztc_status measure(ztc__record_key *key, uint64_t *bad) {
  uint32_t total = 0;
  for (uint32_t at = 0; at < key->size;) {
    const uint32_t from = at;
    const int32_t point = next_point(key, &at);
    if (point < 0) {
      *bad = from;
      return ZTC_UNSTORABLE;
    }
    uint32_t count;
    pack_utf8((uint32_t)point, &count);
    total += count;
  }
  key->canonical_size = total;
  return total > ZTC_MAX_KEY_SIZE ? ZTC_TOO_LARGE : ZTC_OK;
}

static ztc_status init_string(ztc__record_key *out, const ztc_key *key, uint64_t *bad) {
  if ((unsigned)key->encoding > ZTC_UTF16)
    return ZTC_INVALID_ARGUMENT;
  if (key->encoding == ZTC_UTF8)
    return ZTC_OK;
  if (key->encoding != ZTC_UTF16 && ztc__is_ascii(out->data, out->size))
    return ZTC_OK;
  if (key->encoding == ZTC_ASCII) {
    for (*bad = 0; out->data[*bad] < 0x80;)
      ++*bad;
    return ZTC_UNSTORABLE;
  }
  if (key->encoding == ZTC_UTF16 && out->size % 2 != 0) {
    *bad = out->size - 1;
    return ZTC_UNSTORABLE;
  }
  out->encoding = key->encoding;
  return measure(out, bad);
}

ztc_status ztc__record_key_init(ztc__record_key *out, const ztc_key *key, uint64_t *bad) {
  if (key == NULL)
    return ZTC_INVALID_ARGUMENT;
  if (key->type == ZTC_KEY_I64) {
    *out = ztc__record_key_of(ZTC_KEY_I64, &key->number, sizeof key->number);
    return ZTC_OK;
  }
  if ((key->type != ZTC_KEY_STRING && key->type != ZTC_KEY_BYTES) ||
      (key->data == NULL && key->size > 0)) {
    return ZTC_INVALID_ARGUMENT;
  }
  /* A code unit of UTF-16 can be one byte of UTF-8. */
  const bool wide = key->type == ZTC_KEY_STRING && key->encoding == ZTC_UTF16;
  if (key->size > (wide ? 2 * ZTC_MAX_KEY_SIZE : ZTC_MAX_KEY_SIZE))
    return ZTC_TOO_LARGE;
  *out = ztc__record_key_of(key->type, key->data, (uint32_t)key->size);
  return key->type == ZTC_KEY_STRING ? init_string(out, key, bad) : ZTC_OK;
}

void ztc__record_key_show(uint32_t type, const uint8_t *bytes, uint32_t size,
                          char out[ZTC__KEY_SHOWN]) {
  enum { ROOM = ZTC__KEY_SHOWN - 16 }; /* for an escape, "..." and the end */
  if (type == ZTC_KEY_I64) {
    int64_t number;
    memcpy(&number, bytes, sizeof number);
    snprintf(out, ZTC__KEY_SHOWN, "%" PRId64, number);
    return;
  }
  char *to = out;
  to += snprintf(to, 4, "%s\"", type == ZTC_KEY_BYTES ? "x" : "");
  uint32_t at = 0;
  while (at < size && to - out < ROOM) {
    uint32_t length = 1;
    const bool text = type == ZTC_KEY_STRING &&
                      ztc__utf8_decode(bytes + at, size - at, &length) >= 0x20 && bytes[at] != 0x7F;
    if (type == ZTC_KEY_BYTES) {
      to += snprintf(to, 3, "%02x", bytes[at]);
    } else if (!text) {
      to += snprintf(to, 7, "\\u%04x", bytes[at]);
      length = 1;
    } else {
      if (bytes[at] == '"' || bytes[at] == '\\')
        *to++ = '\\';
      memcpy(to, bytes + at, length);
      to += length;
    }
    at += length;
  }
  snprintf(to, 8, "%s\"", at < size ? "..." : "");
}
