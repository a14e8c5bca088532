/* What the parts of the Ruby binding share. Functions that may raise say so. */
#ifndef ZT_H
#define ZT_H

#include <ruby.h>
#include <ruby/encoding.h>

#include "common/copy.h"
#include "common/events.h"
#include "common/seen.h"

extern VALUE zt_module, zt_convert, zt_ext_class, zt_set_class;

/* Raises the exception of a status of the C library. */
NORETURN(void zt_raise(ztc_status status, const char *message, const char *path));
NORETURN(void zt_raise_error(const ztc_error *error, const char *path, bool publishing));

/* --------------------------------------------------------------------------------- region -- */

typedef struct zt_region {
  ztc_region *region;
  ztb_schema schema;
  char *path;
  bool symbols; /* for keys */
  /* Keys of the schema, made when first met in this process. What was made before a fork is left
     alone in the child. */
  unsigned made_in;
  VALUE *keys; /* 0: not made */
  uint8_t *buffer;
  uint64_t capacity;
  bool buffer_in_use;
} zt_region;

/* Counts the forks between the first process and this one. */
extern unsigned zt_generation;

void zt_region_init(void);
VALUE zt_make_key(zt_region *region, uint32_t number);
static inline VALUE zt_key(zt_region *region, uint32_t number) {
  if (region->made_in == zt_generation) {
    const VALUE key = region->keys[number];
    if (key != 0)
      return key;
  }
  return zt_make_key(region, number);
}
/* A frozen string, or a symbol. 0 if the text is ill-formed. */
VALUE zt_key_of(const zt_region *region, const ztb_text *text);
/* A string; 0 if the text is ill-formed. */
VALUE zt_text(const ztb_text *text);

/* --------------------------------------------------------------------------------- decode -- */

/* Fresh data, or Qundef with *status and *reason, or *state of an exception that rb_protect caught.
 */
VALUE zt_decode(zt_region *region, const void *copy, uint64_t size, ztc_status *status,
                const char **reason, int *state);

/* -------------------------------------------------------------------------------- publish -- */

void zt_publish_init(void);

/* --------------------------------------------------------------------------------- forks -- */

void zt_fill_init(void);

#endif
