/* Bringing strings of any encoding into the narrowest kind that holds them. */
#ifndef ZTC_TEXT_H
#define ZTC_TEXT_H

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

/* The slot of a string of up to ZTC__STRING_INLINE_MAX bytes. */
static inline uint64_t ztc__text_inline(const ztc__text *text) {
  uint64_t slot = 0;
  if (text->size > 0)
    memcpy(&slot, text->data, text->size);
  return slot | (uint64_t)ZTC__STRING_FORM_INLINE << ZTC__STRING_KIND_SHIFT |
         (uint64_t)text->kind << ZTC__INLINE_KIND_SHIFT |
         (uint64_t)text->size << ZTC__INLINE_SIZE_SHIFT;
}

/* Orders strings as a DICT does: by kind, then size, then bytes. */
int ztc__text_compare(const ztc__text *a, const ztc__text *b);

#endif
