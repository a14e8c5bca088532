/* The region handle. Written at open and, apart from the state word, never again. */
#ifndef ZTC_REGION_H
#define ZTC_REGION_H

#include <stdatomic.h>
#include <stdint.h>

#include "format.h"
#include "load.h"
#include "mapping.h"
#include "schema.h"
#include "ztc/ztc.h"

/* A section that is an array of index entries, with the section its extents lie in. */
typedef struct ztc__table {
  uint64_t index;        /* file offset of entry 0 */
  uint64_t count;        /* entries */
  uint64_t extents;      /* file offset of the first extent */
  uint64_t extents_size; /* bytes of all extents */
} ztc__table;

struct ztc_region {
  ztc__src source;
  ztc__table records;
  ztc__table shared;
  uint64_t size;
  const ztc_schema *schema;
  bool check_records; /* ZTC_OPEN_VERIFY_RECORD */
  _Atomic uint32_t *state; /* a ztc_status: OK, CLOSED or LOST; shared with the SIGBUS handler */
  ztc__mapping mapping;
};

/* One index entry, loaded once and checked against its table. */
typedef struct ztc__extent {
  uint64_t offset; /* in the region */
  uint32_t size;
  uint32_t checksum;
  bool closed;
} ztc__extent;

/* ZTC_OK while the region is open. With `fence` after a copy, so that the answer is not older than
   the bytes: a copy that overlapped a close or a truncation is refused. */
static inline ztc_status ztc__region_state(const ztc_region *region) {
  return (ztc_status)atomic_load_explicit(region->state, memory_order_acquire);
}
static inline ztc_status ztc__region_state_after_reading(const ztc_region *region) {
  atomic_thread_fence(memory_order_acquire);
  return (ztc_status)atomic_load_explicit(region->state, memory_order_relaxed);
}

/* Entry `index` (< table->count, which the caller checks). CORRUPT if it leads outside. O(1). */
static inline ztc_status ztc__table_entry(const ztc_region *region, const ztc__table *table,
                                          uint64_t index, ztc__extent *out) {
  const uint64_t at = table->index + index * ZTC__INDEX_ENTRY_SIZE;
  const uint64_t place = ztc__load64(region->source, at);
  const uint64_t tail = ztc__load64(region->source, at + 8);
  const uint64_t offset = place & ZTC__PLACE_OFFSET_MASK;
  const uint64_t from = offset - table->extents; /* wraps to a huge number if before */
  const uint64_t size = (uint32_t)tail;
  if (from > table->extents_size || size > table->extents_size - from || ((offset | size) & 7) ||
      size < ZTC__NODE_HEADER_SIZE || size > ZTC_MAX_RECORD_SIZE) {
    return ZTC_CORRUPT;
  }
  *out = (ztc__extent){.offset = offset,
                       .size = (uint32_t)size,
                       .checksum = (uint32_t)(tail >> 32),
                       .closed = (place >> ZTC__PLACE_FLAGS_SHIFT & ZTC__EXTENT_CLOSED) != 0};
  return ZTC_OK;
}

#endif
