/* Where records come from: a region read through the public C API, or a synthetic data set for
 * tests. A source is opened over an audit mapping and used by forked workers. */
#ifndef PD_SOURCE_H
#define PD_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit_mapping.h"
#include "problem.h"

/* A worker's private memory for copies. Grows, never shrinks. Zero-initialise; free `data`. */
struct pd_buffer {
  uint8_t *data;
  size_t capacity;
  void *workspace; /* the source's own, freed by the source's release */
};

/* False when memory is short. */
bool pd_buffer_reserve(struct pd_buffer *buffer, size_t capacity);

/* Receives the values of a record, depth first; a map's key comes before each of its values.
 * A callback that returns false stops the walk. */
struct pd_events {
  bool (*null)(void *context);
  bool (*number)(void *context, uint64_t bits, bool is_float);
  bool (*string)(void *context, const void *bytes, size_t size);
  bool (*key)(void *context, const void *bytes, size_t size);
  /* Before a container that more than one reference leads to: *placed says that it was begun before
   * and now stands here again, so that it is not walked a second time. */
  bool (*again)(void *context, uint64_t identity, bool *placed);
  /* `identity` is 0 for a container that has one place only. */
  bool (*begin)(void *context, bool is_map, uint64_t count, uint64_t identity);
  bool (*end)(void *context);
};

struct pd_source {
  const char *name;
  uint64_t count;
  /* Copies record `index` into the private buffer; *bytes is the size of the copy. */
  bool (*copy)(const struct pd_source *source, uint64_t index, struct pd_buffer *buffer,
               uint64_t *bytes, struct pd_error *error);
  /* Where the record's bytes lie, from the mapping's base. */
  bool (*extent)(const struct pd_source *source, uint64_t index, uint64_t *offset, uint64_t *size);
  /* Walks a copy made by `copy`. */
  bool (*walk)(const struct pd_source *source, const struct pd_buffer *buffer, uint64_t bytes,
               const struct pd_events *events, void *context, struct pd_error *error);
  void (*release)(struct pd_source *source, struct pd_buffer *buffer); /* a worker's buffer */
  void (*close)(struct pd_source *source);
  void *state;
};

/* Opens a region over the mapping, which must outlive the source. */
bool pd_source_open_region(struct pd_source *source, const struct pd_mapping *mapping,
                           struct pd_error *error);

/* A data set of `count` records of 40 to 640 bytes in a scratch file: *fd and *size. */
bool pd_synthetic_file(uint64_t count, uint64_t seed, int *fd, size_t *size,
                       struct pd_error *error);

/* Opens such a file's image over the mapping. */
bool pd_source_open_synthetic(struct pd_source *source, const struct pd_mapping *mapping,
                              struct pd_error *error);

/* A region of `count` small records, already without a name: *fd, open for reading, and *size. */
bool pd_sample_region(uint64_t count, uint64_t seed, int *fd, size_t *size, struct pd_error *error);

/* The records that have bytes in pages [first, first + pages): false when there are none.
 * Requires that records lie in index order. */
bool pd_source_records_in(const struct pd_source *source, size_t first, size_t pages,
                          uint64_t *first_record, uint64_t *last_record);

#endif
