/* The path grammar (format document, section 6), read one step at a time. */
#ifndef ZTC_PATH_H
#define ZTC_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "key.h"
#include "node.h"

enum { ZTC__PATH_ESCAPED_MAX = 1024 }; /* for a key that is written with escapes, and 4 to spare */

typedef struct ztc__path {
  const char *text;
  size_t at;   /* of the next step */
  size_t step; /* where the last step began, for errors */
  bool is_index;
  uint64_t index;
  const char *key; /* UTF-8, key_size bytes; in `text` or in `unescaped` */
  size_t key_size;
  bool too_long; /* the key does not fit there */
  char unescaped[ZTC__PATH_ESCAPED_MAX];
} ztc__path;

void ztc__path_begin(ztc__path *path, const char *text);
/* Reads the next step. OK, or BAD_PATH with path->step the offset of the offending byte. *end is
   set when there is none. */
ztc_status ztc__path_next(ztc__path *path, bool *end);
/* The entry of a container that the step selects, an array's element as the entry of a scalar:
   TYPE_MISMATCH, NO_SUCH_KEY or OUT_OF_RANGE if there is none. */
ztc_status ztc__path_entry(const ztc__path *path, const ztc__image *image, const ztc__node *node,
                           ztc__entry *out);
/* The same for an empty container that has no node. */
ztc_status ztc__path_entry_of_empty(const ztc__path *path, uint8_t type);
/* Fills an error with what went wrong at the last step. */
ztc_status ztc__path_fail(const ztc__path *path, ztc_status status, ztc_error *error);

#endif
