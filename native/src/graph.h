/* Copying a record that references shared nodes. */
#ifndef ZTC_GRAPH_H
#define ZTC_GRAPH_H

#include "region.h"

/* A graph head (3.8), loaded once and checked against its extent: its lists and root lie inside. */
typedef struct ztc__graph_head {
  uint32_t shared_count;
  uint32_t flat_size;
  uint32_t root;
  uint32_t ref_count;
} ztc__graph_head;

/* Reads the head of a shared extent of `size` bytes at `at`. CORRUPT if it is none or does not fit.
 */
ztc_status ztc__graph_shared_head(ztc__src source, uint64_t at, uint64_t size,
                                  ztc__graph_head *out);
/* The same for a record, or a copy of one. */
ztc_status ztc__graph_record_head(ztc__src source, uint64_t at, uint64_t size,
                                  ztc__graph_head *out);
/*
 * And its claims must be possible in this region: each shared extent is copied once, so that the
 * copy cannot need more than there is.
 */
ztc_status ztc__graph_claims(const ztc_region *region, const ztc__extent *record,
                             ztc__graph_head *out);

/* A shared extent that a record lists, and its place in a copy of the record. */
typedef struct ztc__listed {
  ztc__extent extent;
  uint64_t place;
  uint64_t end; /* before the first one: the size of the record's extent */
  uint32_t id;
} ztc__listed;

/* Goes on to number `i` (< shared_count) in the list of the record at `record`. CORRUPT if there is
   no such extent. */
ztc_status ztc__graph_listed(const ztc_region *region, ztc__src record, uint32_t i,
                             ztc__listed *listed);

/* Whether the copy of an extent has this checksum, and is closed, as its index entry says, which is
   under no checksum that a copy looks at. */
bool ztc__graph_is_closed_copy(const uint8_t *copy, uint64_t size, uint32_t checksum);

/* Copies the record that `line` leads to (and that is not closed) with all that it lists to dst.
   *size is the copy's, or what it needs. */
ztc_status ztc__graph_copy(const ztc_region *region, ztc__line line, uint8_t *dst,
                           uint64_t capacity, uint64_t *size);

#endif
