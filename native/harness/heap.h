/* The story's control: the same data as reference-counted objects on the heap, laid out as Perl or
 * CPython lay it out. Each value is an object of its own behind a header with its count; strings
 * are separate objects; containers hold arrays of pointers; keys are interned. The layout is kinder
 * than theirs: objects lie in the order they are read, and nothing is ever freed. */
#ifndef PD_HEAP_H
#define PD_HEAP_H

#include <stdbool.h>
#include <stdint.h>

#include "audit_mapping.h"
#include "problem.h"
#include "source.h"

struct pd_heap {
  struct pd_mapping arena;
  struct pd_source index; /* answers `count` and `extent` only: records by their place */
  uint64_t objects;
  bool complete; /* false: the memory limit ended it before the last record */
  struct pd_heap_private *inside;
};

/* Builds objects for the first `records` records of `source`, as far as `limit` bytes go.
 * `progress` may be NULL. Free with pd_heap_close. */
bool pd_heap_build(struct pd_heap *heap, const struct pd_source *source, uint64_t records,
                   size_t limit, pd_mapping_progress *progress, void *context,
                   struct pd_error *error);

/* Reads record `index` as such a runtime does: takes a reference to every object it reads, copies
 * the value into the private buffer, and gives the reference back. */
bool pd_heap_visit(const struct pd_heap *heap, uint64_t index, struct pd_buffer *buffer,
                   uint64_t *bytes);

void pd_heap_close(struct pd_heap *heap);

#endif
