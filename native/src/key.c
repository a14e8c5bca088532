#include "key.h"

#include <string.h>

/* The last block overlaps the one before. */
bool ztc__is_ascii(const uint8_t *p, size_t size) {
  uint64_t seen = 0, chunk;
  if (size >= 8) {
    for (size_t at = 0; at < size - 8; at += 8) {
      memcpy(&chunk, p + at, 8);
      seen |= chunk;
    }
    memcpy(&chunk, p + size - 8, 8);
    seen |= chunk;
  } else {
    for (size_t at = 0; at < size; at++)
      seen |= p[at];
  }
  return (seen & UINT64_C(0x8080808080808080)) == 0;
}

int32_t ztc__utf8_decode(const uint8_t *p, size_t left, uint32_t *length) {
  if (left == 0)
    return -1;
  const uint32_t first = p[0];
  if (first < 0x80) {
    *length = 1;
    return (int32_t)first;
  }
  const uint32_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || left < size)
    return -1;
  uint32_t point = first & (0x7Fu >> size);
  for (uint32_t i = 1; i < size; i++) {
    if ((p[i] & 0xC0) != 0x80)
      return -1;
    point = point << 6 | (p[i] & 0x3Fu);
  }
  static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  if (point < least[size] || point > 0x10FFFF || (point >= 0xD800 && point < 0xE000))
    return -1;
  *length = size;
  return (int32_t)point;
}

static bool init_utf8(ztc__key *key) {
  uint32_t widest = 0, points = 0;
  for (size_t at = 0; at < key->size;) {
    uint32_t length;
    const int32_t point = ztc__utf8_decode(key->data + at, key->size - at, &length);
    if (point < 0)
      return false;
    if ((uint32_t)point > widest)
      widest = (uint32_t)point;
    points++;
    at += length;
  }
  key->narrow = widest <= 0xFF;
  key->kind = key->narrow ? ZTC_LATIN1 : ZTC_UTF8;
  key->canonical_size = key->narrow ? points : (uint32_t)key->size;
  return true;
}

bool ztc__key_init(ztc__key *key, const char *text, size_t size, ztc_encoding encoding) {
  if (size > ZTC_MAX_STRING_SIZE)
    return false;
  *key = (ztc__key){.data = (const uint8_t *)text,
                    .size = size,
                    .kind = ZTC_ASCII,
                    .canonical_size = (uint32_t)size};
  if (ztc__is_ascii(key->data, size))
    return encoding <= ZTC_UTF8;
  if (encoding == ZTC_UTF8)
    return init_utf8(key);
  key->kind = ZTC_LATIN1;
  return encoding == ZTC_LATIN1;
}

/* The canonical byte at *at, which moves on. */
static inline uint8_t next_byte(const ztc__key *key, size_t *at) {
  const uint8_t byte = key->data[(*at)++];
  if (!key->narrow || byte < 0x80)
    return byte;
  return (uint8_t)((byte & 3u) << 6 | (key->data[(*at)++] & 0x3Fu));
}

uint64_t ztc__key_hash(const ztc__key *key, const ztc__secret *secret) {
  if (!key->narrow)
    return ztc__secret_hash(secret, key->kind, key->data, key->canonical_size);
  ztc__siphash s = ztc__siphash_begin(secret->low ^ key->kind, secret->high);
  uint64_t word = 0;
  uint32_t count = 0;
  for (size_t at = 0; at < key->size;) {
    word |= (uint64_t)next_byte(key, &at) << 8 * (count % 8);
    if (++count % 8 != 0)
      continue;
    ztc__siphash_word(&s, word);
    word = 0;
  }
  return ztc__siphash_end(&s, word, count);
}

int ztc__key_compare_part(const ztc__key *key, size_t *at, const uint8_t *bytes, uint32_t size) {
  if (!key->narrow) {
    const int order = memcmp(key->data + *at, bytes, size);
    *at += size;
    return order;
  }
  for (uint32_t i = 0; i < size; i++) {
    const uint8_t byte = next_byte(key, at);
    if (byte != bytes[i])
      return byte < bytes[i] ? -1 : 1;
  }
  return 0;
}

int ztc__key_compare(const ztc__key *key, uint32_t kind, const void *bytes, uint32_t size) {
  if (key->kind != kind)
    return key->kind < kind ? -1 : 1;
  if (key->canonical_size != size)
    return key->canonical_size < size ? -1 : 1;
  size_t at = 0;
  return ztc__key_compare_part(key, &at, bytes, size);
}
