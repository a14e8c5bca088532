/* Bringing strings of any encoding into the narrowest kind that holds them. */
#ifndef ZTC_TEXT_H
#define ZTC_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "format.h"
#include "ztc/ztc.h"

#define ZTC__WELL_FORMED SIZE_MAX

/* A string in its narrowest kind; the bytes belong to somebody else. */
typedef struct ztc__text {
  const uint8_t *data;
  uint32_t size;
  uint8_t kind; /* ZTC_ASCII, ZTC_LATIN1 or ZTC_UTF8 */
} ztc__text;

/* Bytes that `size` bytes in `encoding` may need at most. */
static inline uint64_t ztc__text_bound(uint64_t size, ztc_encoding encoding) {
  return encoding == ZTC_UTF16 ? size + size / 2 + 3 : size;
}

/*
 * Writes the string into dst, which has room for ztc__text_bound bytes, and stores its kind and
 * size. Returns ZTC__WELL_FORMED, or the offset in src of the first byte that is wrong. `encoding`
 * is one of the four. O(size).
 */
size_t ztc__text_narrow(uint8_t *dst, const uint8_t *src, size_t size, ztc_encoding encoding,
                        uint8_t *kind, size_t *narrow_size);

/*
 * Copies; true if all is ASCII. Blocks at the end overlap the ones before, so that nothing outside
 * is read or written. The two do not overlap.
 */
static inline bool ztc__copy_ascii(uint8_t *dst, const uint8_t *src, size_t size) {
  typedef uint64_t block __attribute__((vector_size(16)));
  const uint64_t high = UINT64_C(0x8080808080808080);
  if (size >= 16) {
    block a, b, seen = {0, 0};
    size_t at = 0;
    for (; size - at >= 32; at += 32) {
      memcpy(&a, src + at, 16);
      memcpy(&b, src + at + 16, 16);
      memcpy(dst + at, &a, 16);
      memcpy(dst + at + 16, &b, 16);
      seen |= a | b;
    }
    if (size - at >= 16) {
      memcpy(&a, src + at, 16);
      memcpy(dst + at, &a, 16);
      seen |= a;
    }
    memcpy(&a, src + size - 16, 16);
    memcpy(dst + size - 16, &a, 16);
    seen |= a;
    return ((seen[0] | seen[1]) & high) == 0;
  }
  uint64_t a = 0, b = 0;
  if (size >= 8) {
    memcpy(&a, src, 8);
    memcpy(&b, src + size - 8, 8);
    memcpy(dst, &a, 8);
    memcpy(dst + size - 8, &b, 8);
  } else if (size >= 4) {
    memcpy(&a, src, 4);
    memcpy(&b, src + size - 4, 4);
    memcpy(dst, &a, 4);
    memcpy(dst + size - 4, &b, 4);
  } else {
    for (size_t at = 0; at < size; at++)
      a |= dst[at] = src[at];
  }
  return ((a | b) & high) == 0;
}

static inline uint64_t ztc__text_inline_form(const ztc__text *text, uint64_t bytes) {
  return bytes | (uint64_t)ZTC__STRING_FORM_INLINE << ZTC__STRING_KIND_SHIFT |
         (uint64_t)text->kind << ZTC__INLINE_KIND_SHIFT |
         (uint64_t)text->size << ZTC__INLINE_SIZE_SHIFT;
}

/* The slot of a string of up to ZTC__STRING_INLINE_MAX bytes. */
static inline uint64_t ztc__text_inline(const ztc__text *text) {
  uint64_t slot = 0;
  if (text->size > 0)
    memcpy(&slot, text->data, text->size);
  return ztc__text_inline_form(text, slot);
}

/* The same where 8 bytes can be read. */
static inline uint64_t ztc__text_inline_slack(const ztc__text *text) {
  uint64_t slot;
  memcpy(&slot, text->data, sizeof slot);
  return ztc__text_inline_form(text, slot & ((UINT64_C(1) << 8 * text->size) - 1));
}

/* Orders strings as a DICT does: by kind, then size, then bytes. */
int ztc__text_compare(const ztc__text *a, const ztc__text *b);

#endif
