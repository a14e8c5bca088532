/*
 * The event stream of a writer (format document, section 8) as a growing buffer. Every put_*
 * returns false when memory runs out.
 */
#ifndef ZTB_EVENTS_H
#define ZTB_EVENTS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <ztc/ztc.h>

enum {
  ZTB_EVENT_NULL = 0x00,
  ZTB_EVENT_FALSE = 0x01,
  ZTB_EVENT_TRUE = 0x02,
  ZTB_EVENT_I32 = 0x05,
  ZTB_EVENT_I64 = 0x06,
  ZTB_EVENT_F32 = 0x07,
  ZTB_EVENT_F64 = 0x08,
  ZTB_EVENT_STRING = 0x10, /* + encoding */
  ZTB_EVENT_BYTES = 0x14,
  ZTB_EVENT_ARRAY = 0x15,
  ZTB_EVENT_LIST = 0x20,
  ZTB_EVENT_MAP = 0x21,
  ZTB_EVENT_EXT = 0x22,
  ZTB_EVENT_END = 0x23,
  ZTB_EVENT_KEY = 0x28, /* + encoding */
  ZTB_EVENT_DEFINE_KEY = 0x2c,
  ZTB_EVENT_USE_KEY = 0x2d,
  ZTB_EVENT_LABEL = 0x30,
  ZTB_EVENT_REF = 0x31,
  ZTB_EVENT_RECORD_KEY = 0x38, /* + encoding */
  ZTB_EVENT_RECORD_KEY_I64 = 0x3c,
  ZTB_EVENT_RECORD_KEY_BYTES = 0x3d,
  ZTB_EVENT_END_RECORD = 0x3f
};

/* Format document, section 3.7. */
enum {
  ZTB_EXT_UINT64 = 1,
  ZTB_EXT_BIG_INTEGER = 2,
  ZTB_EXT_DECIMAL = 3,
  ZTB_EXT_CHAR = 4,
  ZTB_EXT_SET = 5,
  ZTB_EXT_TUPLE = 6,
  ZTB_EXT_MAP = 7,
  ZTB_EXT_INSTANT = 8,
  ZTB_EXT_UUID = 16,
  ZTB_EXT_ENUM = 17,
  ZTB_EXT_OBJECT = 18,
  ZTB_EXT_SYMBOL = 19,
  ZTB_EXT_WEAK = 20,
  ZTB_EXT_UTF16 = 21,
  ZTB_EXT_URI = 22
};

/* Feed a writer when so many bytes have come together. */
enum { ZTB_FEED_AT = 1 << 18, ZTB_MOST_KEYS = 4096 };

typedef struct ztb_events {
  uint8_t *data;
  size_t size;
  size_t capacity;
} ztb_events;

static inline void ztb_events_free(ztb_events *e) {
  free(e->data);
  *e = (ztb_events){0};
}

/* Room for `size` bytes, which count as written; NULL when out of memory. */
static inline uint8_t *ztb_events_room(ztb_events *e, size_t size) {
  if (size > e->capacity - e->size) {
    const size_t capacity = (e->size + size) * 3 / 2 + 4096;
    uint8_t *data = realloc(e->data, capacity);
    if (data == NULL)
      return NULL;
    e->data = data;
    e->capacity = capacity;
  }
  e->size += size;
  return e->data + e->size - size;
}

static inline bool ztb_put_raw(ztb_events *e, const void *data, size_t size) {
  uint8_t *out = ztb_events_room(e, size);
  if (out != NULL && size > 0)
    memcpy(out, data, size);
  return out != NULL;
}

static inline bool ztb_put_op(ztb_events *e, uint8_t op) {
  uint8_t *out = ztb_events_room(e, 1);
  if (out != NULL)
    *out = op;
  return out != NULL;
}

static inline bool ztb_put_op32(ztb_events *e, uint8_t op, uint32_t value) {
  uint8_t *out = ztb_events_room(e, 5);
  if (out == NULL)
    return false;
  *out = op;
  memcpy(out + 1, &value, 4);
  return true;
}

static inline bool ztb_put_op64(ztb_events *e, uint8_t op, const void *value) {
  uint8_t *out = ztb_events_room(e, 9);
  if (out == NULL)
    return false;
  *out = op;
  memcpy(out + 1, value, 8);
  return true;
}

/* An event with a size and so many bytes: a string, bytes, a key. */
static inline bool ztb_put_sized(ztb_events *e, uint8_t op, const void *data, uint32_t size) {
  return ztb_put_op32(e, op, size) && ztb_put_raw(e, data, size);
}

static inline bool ztb_put_define_key(ztb_events *e, uint8_t encoding, const void *data,
                                      uint32_t size) {
  const uint8_t head[2] = {ZTB_EVENT_DEFINE_KEY, encoding};
  return ztb_put_raw(e, head, 2) && ztb_put_raw(e, &size, 4) && ztb_put_raw(e, data, size);
}

static inline bool ztb_put_array(ztb_events *e, uint8_t element, const void *data, uint32_t count,
                                 uint32_t element_size) {
  const uint8_t head[2] = {ZTB_EVENT_ARRAY, element};
  return ztb_put_raw(e, head, 2) && ztb_put_raw(e, &count, 4) &&
         ztb_put_raw(e, data, (size_t)count * element_size);
}

#endif
