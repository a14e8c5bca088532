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
  uint64_t index;       /* file offset of entry 0 */
  uint64_t count;       /* entries */
  uint64_t extents;     /* file offset of the first extent */
  uint64_t extents_end; /* and of the end of the last one */
} ztc__table;

/* The key index; all zero if there is none. */
typedef struct ztc__key_table {
  uint64_t section; /* file offset */
  uint64_t end;     /* of the keys, counted from there */
  uint64_t slots;   /* file offset of slot 0 */
  uint64_t homes;
  uint64_t count; /* keys */
  uint64_t seed;
  uint32_t distance; /* no key is further from its home slot */
} ztc__key_table;

struct ztc_region {
  ztc__src source;
  ztc__table records;
  ztc__table shared;
  ztc__key_table keys;
  uint64_t size;
  const ztc_schema *schema;
  bool check_records;      /* ZTC_OPEN_VERIFY_RECORD */
  _Atomic uint32_t *state; /* a ztc_status: OK, CLOSED or LOST; shared with the SIGBUS handler */
  ztc__mapping mapping;
#if defined(ZTC_BREAK_INVARIANT_1) && ZTC_BREAK_INVARIANT_1 == 1
  uint64_t hits; /* what must never be here: see break.h */
#endif
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

/* An index entry as it is stored: place and flags, length and checksum. */
typedef struct ztc__line {
  uint64_t place;
  uint64_t tail;
} ztc__line;

/* Loads entry `index` (< table->count, which the caller checks). O(1). */
static inline ztc__line ztc__table_line(ztc__src source, const ztc__table *table, uint64_t index) {
  const uint64_t at = table->index + index * ZTC__INDEX_ENTRY_SIZE;
  return (ztc__line){.place = ztc__load64(source, at), .tail = ztc__load64(source, at + 8)};
}

static inline uint64_t ztc__line_offset(ztc__line line) {
  return line.place & ZTC__PLACE_OFFSET_MASK;
}
static inline uint32_t ztc__line_size(ztc__line line) {
  return (uint32_t)line.tail;
}
static inline bool ztc__line_closed(ztc__line line) {
  return (line.place >> ZTC__PLACE_FLAGS_SHIFT & ZTC__EXTENT_CLOSED) != 0;
}

/* Does the line lead to an extent that can be, inside its section? */
static inline bool ztc__line_fits(const ztc__table *table, ztc__line line) {
  const uint64_t offset = ztc__line_offset(line), size = ztc__line_size(line);
  /* No sum here wraps: an offset has 48 bits and a size 32. */
  return offset >= table->extents && offset + size <= table->extents_end &&
         ((offset | size) & 7) == 0 &&
         size - ZTC__NODE_HEADER_SIZE <= ZTC_MAX_RECORD_SIZE - ZTC__NODE_HEADER_SIZE;
}

static inline ztc__extent ztc__line_extent(ztc__line line) {
  return (ztc__extent){.offset = ztc__line_offset(line),
                       .size = ztc__line_size(line),
                       .checksum = (uint32_t)(line.tail >> 32),
                       .closed = ztc__line_closed(line)};
}

/* Entry `index` (< table->count). CORRUPT if it leads outside. O(1). */
static inline ztc_status ztc__table_entry(const ztc_region *region, const ztc__table *table,
                                          uint64_t index, ztc__extent *out) {
  const ztc__line line = ztc__table_line(region->source, table, index);
  if (!ztc__line_fits(table, line))
    return ZTC_CORRUPT;
  *out = ztc__line_extent(line);
  return ZTC_OK;
}

/* As ztc_region_open_fd with checked arguments, for a file that errors call `name`. */
ztc_status ztc__region_open_named(int fd, const char *name, uint32_t flags, ztc_region **out,
                                  ztc_error *error);
/* What the open functions refuse: unknown flags, no place for the handle. */
ztc_status ztc__region_open_check(uint32_t flags, ztc_region **out, ztc_error *error);

#endif
