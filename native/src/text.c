#include "text.h"

#include <stdbool.h>
#include <string.h>

#include "key.h"

static size_t first_high_byte(const uint8_t *src, size_t size) {
  size_t at = 0;
  while (at < size && src[at] < 0x80)
    at++;
  return at;
}

/* Of bytes that are in dst already. */
static size_t narrow_utf8(uint8_t *dst, const uint8_t *src, size_t size, uint8_t *kind,
                          size_t *narrow_size) {
  int32_t widest = 0;
  for (size_t at = 0; at < size;) {
    uint32_t length;
    const int32_t point = ztc__utf8_decode(src + at, size - at, &length);
    if (point < 0)
      return at;
    if (point > widest)
      widest = point;
    at += length;
  }
  if (widest > 0xFF) {
    *kind = ZTC_UTF8;
    *narrow_size = size;
    return ZTC__WELL_FORMED;
  }
  size_t out = 0;
  for (size_t at = 0; at < size; at++) {
    uint32_t byte = src[at];
    if (byte >= 0x80)
      byte = (byte & 3) << 6 | (src[++at] & 0x3Fu);
    dst[out++] = (uint8_t)byte;
  }
  *kind = ZTC_LATIN1;
  *narrow_size = out;
  return ZTC__WELL_FORMED;
}

static uint32_t unit_at(const uint8_t *src, size_t at) {
  uint16_t unit;
  memcpy(&unit, src + at, sizeof unit);
  return unit;
}

static size_t put_utf8(uint8_t *dst, uint32_t point) {
  if (point < 0x80) {
    dst[0] = (uint8_t)point;
    return 1;
  }
  if (point < 0x800) {
    dst[0] = (uint8_t)(0xC0 | point >> 6);
    dst[1] = (uint8_t)(0x80 | (point & 0x3F));
    return 2;
  }
  if (point < 0x10000) {
    dst[0] = (uint8_t)(0xE0 | point >> 12);
    dst[1] = (uint8_t)(0x80 | (point >> 6 & 0x3F));
    dst[2] = (uint8_t)(0x80 | (point & 0x3F));
    return 3;
  }
  dst[0] = (uint8_t)(0xF0 | point >> 18);
  dst[1] = (uint8_t)(0x80 | (point >> 12 & 0x3F));
  dst[2] = (uint8_t)(0x80 | (point >> 6 & 0x3F));
  dst[3] = (uint8_t)(0x80 | (point & 0x3F));
  return 4;
}

static size_t widen_utf16(uint8_t *dst, const uint8_t *src, size_t size, size_t *narrow_size) {
  size_t out = 0;
  for (size_t at = 0; at < size; at += 2) {
    uint32_t point = unit_at(src, at);
    if (point >= 0xD800 && point < 0xE000) {
      if (point >= 0xDC00 || at + 4 > size)
        return at;
      const uint32_t low = unit_at(src, at + 2);
      if (low < 0xDC00 || low > 0xDFFF)
        return at;
      point = 0x10000 + ((point & 0x3FF) << 10 | (low & 0x3FF));
      at += 2;
    }
    out += put_utf8(dst + out, point);
  }
  *narrow_size = out;
  return ZTC__WELL_FORMED;
}

static size_t narrow_utf16(uint8_t *dst, const uint8_t *src, size_t size, uint8_t *kind,
                           size_t *narrow_size) {
  if (size % 2 != 0)
    return size - 1;
  uint32_t seen = 0;
  for (size_t at = 0; at < size; at += 2) {
    const uint32_t unit = unit_at(src, at);
    seen |= unit;
    dst[at / 2] = (uint8_t)unit;
  }
  if (seen > 0xFF) {
    *kind = ZTC_UTF8;
    return widen_utf16(dst, src, size, narrow_size);
  }
  *kind = seen < 0x80 ? ZTC_ASCII : ZTC_LATIN1;
  *narrow_size = size / 2;
  return ZTC__WELL_FORMED;
}

size_t ztc__text_narrow(uint8_t *dst, const uint8_t *src, size_t size, ztc_encoding encoding,
                        uint8_t *kind, size_t *narrow_size) {
  if (encoding == ZTC_UTF16)
    return narrow_utf16(dst, src, size, kind, narrow_size);
  const bool ascii = ztc__copy_ascii(dst, src, size);
  if (!ascii && encoding == ZTC_ASCII)
    return first_high_byte(src, size);
  if (!ascii && encoding == ZTC_UTF8)
    return narrow_utf8(dst, src, size, kind, narrow_size);
  *kind = ascii ? ZTC_ASCII : ZTC_LATIN1;
  *narrow_size = size;
  return ZTC__WELL_FORMED;
}

int ztc__text_compare(const ztc__text *a, const ztc__text *b) {
  if (a->kind != b->kind)
    return a->kind < b->kind ? -1 : 1;
  if (a->size != b->size)
    return a->size < b->size ? -1 : 1;
  return a->size == 0 ? 0 : memcmp(a->data, b->data, a->size);
}
