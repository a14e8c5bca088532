/*
 * A growable run of bytes that is reused from record to record. Always has ZTC__SLACK bytes behind
 * its capacity, so that short copies may write a whole block and let the next one overwrite it.
 */
#ifndef ZTC_BUFFER_H
#define ZTC_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ZTC__SLACK = 32 };

typedef struct ztc__buffer {
  uint8_t *data;
  size_t size;
  size_t capacity;
} ztc__buffer;

/* Makes room for `more` bytes behind `size`, in amortised constant time. False: out of memory, and
   the buffer is as it was. */
static inline bool ztc__buffer_reserve(ztc__buffer *b, size_t more) {
  if (more <= b->capacity - b->size) {
    return true;
  }
  if (more > SIZE_MAX / 4 - b->size) {
    return false;
  }
  size_t capacity = b->size + more;
  if (capacity < b->capacity + b->capacity / 2) {
    capacity = b->capacity + b->capacity / 2;
  }
  if (capacity < 256) {
    capacity = 256;
  }
  uint8_t *data = realloc(b->data, capacity + ZTC__SLACK);
  if (data == NULL) {
    return false;
  }
  if (b->data == NULL) {
    memset(data, 0, ZTC__SLACK);
  }
  b->data = data;
  b->capacity = capacity;
  return true;
}

static inline void ztc__buffer_free(ztc__buffer *b) {
  free(b->data);
  *b = (ztc__buffer){0};
}

/* Copies `size` bytes; may write up to ZTC__SLACK bytes behind dst and read as many behind src. */
static inline void ztc__copy_slack(uint8_t *dst, const uint8_t *src, size_t size) {
  if (size <= ZTC__SLACK) {
    memcpy(dst, src, ZTC__SLACK);
  } else {
    memcpy(dst, src, size);
  }
}

static inline void ztc__store32(uint8_t *p, uint32_t v) {
  memcpy(p, &v, 4);
}
static inline void ztc__store64(uint8_t *p, uint64_t v) {
  memcpy(p, &v, 8);
}

/*
 * Typed stacks: DEFINE_STACK(name, type) gives a struct `name {type *at; uint32_t count, capacity}`
 * with name_push (NULL when out of memory) and name_free.
 */
#define ZTC__DEFINE_STACK(name, type)                                                              \
  typedef struct name {                                                                            \
    type *at;                                                                                      \
    uint32_t count;                                                                                \
    uint32_t capacity;                                                                             \
  } name;                                                                                          \
  static inline bool name##_reserve(name *s, uint32_t more) {                                      \
    if (more <= s->capacity - s->count) {                                                          \
      return true;                                                                                 \
    }                                                                                              \
    uint64_t capacity = (uint64_t)s->count + more;                                                 \
    uint64_t doubled = (uint64_t)s->capacity * 2;                                                  \
    capacity = capacity < doubled ? doubled : capacity;                                            \
    capacity = capacity < 16 ? 16 : capacity;                                                      \
    capacity = capacity > UINT32_MAX ? UINT32_MAX : capacity;                                      \
    if (capacity - s->count < more) {                                                              \
      return false;                                                                                \
    }                                                                                              \
    type *at = realloc(s->at, (size_t)capacity * sizeof(type));                                    \
    if (at == NULL) {                                                                              \
      return false;                                                                                \
    }                                                                                              \
    s->at = at;                                                                                    \
    s->capacity = (uint32_t)capacity;                                                              \
    return true;                                                                                   \
  }                                                                                                \
  static inline type *name##_push(name *s) {                                                       \
    return name##_reserve(s, 1) ? &s->at[s->count++] : NULL;                                       \
  }                                                                                                \
  static inline void name##_free(name *s) {                                                        \
    free(s->at);                                                                                   \
    *s = (name){0};                                                                                \
  }                                                                                                \
  struct name /* swallows the semicolon */

#endif
