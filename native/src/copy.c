/* Single and batch copies: an index line, and one memory copy for a closed record. */
#include "break.h"
#include "graph.h"
#include "region.h"

/* The index line of a record, or why not. */
static inline ztc_status find(ztc__src source, const ztc__table *records, uint64_t index,
                              ztc__line *out) {
  if (__builtin_expect(index >= records->count, 0))
    return ZTC_OUT_OF_RANGE;
  *out = ztc__table_line(source, records, index);
  return __builtin_expect(ztc__line_fits(records, *out), 1) ? ZTC_OK : ZTC_CORRUPT;
}

static inline ztc_status copy_line(const ztc_region *region, ztc__line line, void *dst,
                                   uint64_t capacity, uint64_t *size) {
  ztc__break_invariant(region, ztc__line_offset(line));
  if (__builtin_expect(!ztc__line_closed(line), 0)) {
    return ztc__graph_copy(region, line, dst, capacity, size);
  }
  const uint64_t length = ztc__line_size(line);
  *size = length;
  if (__builtin_expect(length > capacity, 0))
    return ZTC_BUFFER_TOO_SMALL;
  ztc__fetch(dst, region->source, ztc__line_offset(line), length);
  if (__builtin_expect(region->check_records, 0) &&
      !ztc__graph_is_closed_copy(dst, length, (uint32_t)(line.tail >> 32))) {
    return ZTC_CHECKSUM;
  }
  return ZTC_OK;
}

ztc_status ztc_copy(const ztc_region *region, uint64_t index, void *dst, uint64_t capacity,
                    uint64_t *size, ztc_workspace *workspace) {
  (void)workspace;
  ztc_status state = ztc__region_state(region);
  if (__builtin_expect(state != ZTC_OK, 0))
    return state;
  ztc__line line;
  ztc_status status = find(region->source, &region->records, index, &line);
  if (status == ZTC_OK)
    status = copy_line(region, line, dst, capacity, size);
  /* A region that failed meanwhile explains any other outcome. */
  state = ztc__region_state_after_reading(region);
  return __builtin_expect(state != ZTC_OK, 0) ? state : status;
}

ztc_status ztc_copy_size(const ztc_region *region, uint64_t index, uint64_t *size) {
  ztc_status state = ztc__region_state(region);
  if (state != ZTC_OK)
    return state;
  ztc__line line;
  ztc_status status = find(region->source, &region->records, index, &line);
  if (status == ZTC_OK) {
    *size = ztc__line_size(line);
    if (!ztc__line_closed(line)) {
      const ztc__extent extent = ztc__line_extent(line);
      ztc__graph_head head;
      status = ztc__graph_claims(region, &extent, &head);
      if (status == ZTC_OK)
        *size = head.flat_size;
    }
  }
  state = ztc__region_state_after_reading(region);
  return state != ZTC_OK ? state : status;
}

/*
 * A batch goes by blocks: finds the next block's records and asks for their first lines, then
 * copies the present one. How many cache misses overlap is decided by how few instructions lie
 * between them, so copying is a loop of its own with nothing in it that can be done before: 50 more
 * instructions a record make a prefetching loop without checks 1.2 x as slow (600 B, out of cache).
 */
enum { BLOCK = 4, SLOTS = 2 * BLOCK };

/* A record to copy; of size 0: not without a further look. */
typedef struct found {
  uint64_t offset;
  uint64_t size;
} found;

static inline void prefetch_index(ztc__src source, const ztc__table *records, uint64_t index) {
  ztc__prefetch_line(source, records->index + index * ZTC__INDEX_ENTRY_SIZE);
}

/* Finds a record by its line, checked, and asks for its head; `flags`: it needs one of them. */
static inline found find_ahead(ztc__src source, const ztc__table *records, uint64_t index,
                               uint64_t flags) {
  ztc__line line;
  if (__builtin_expect(find(source, records, index, &line) != ZTC_OK, 0))
    return (found){0, 0};
  const uint64_t offset = ztc__line_offset(line), size = ztc__line_size(line);
  const ztc__src head = ztc__src_at(source, offset);
  ztc__prefetch_line(head, 0);
  if (size > 64) {
    ztc__prefetch_line(head, 64);
    if (size > 128) {
      ztc__prefetch_line(head, 128);
      ztc__prefetch_line(head, 192);
    }
  }
  return (found){offset, __builtin_expect((line.place & flags) != 0, 1) ? size : 0};
}

/* Copies one record of a batch that is no ordinary one, or does not fit. */
static ztc_status copy_other(const ztc_region *region, uint64_t index, void *dst, uint64_t capacity,
                             uint64_t *size) {
  ztc__line line;
  *size = 0;
  const ztc_status status = find(region->source, &region->records, index, &line);
  return status == ZTC_OK ? copy_line(region, line, dst, capacity, size) : status;
}

ztc_status ztc_copy_batch(const ztc_region *region, const uint64_t *indices, size_t count,
                          void *dst, uint64_t capacity, uint64_t *offsets, size_t *done,
                          ztc_workspace *workspace) {
  (void)workspace;
  *done = 0;
  offsets[0] = 0;
  ztc_status state = ztc__region_state(region);
  if (state != ZTC_OK)
    return state;
  /* Local, so that what is written to dst and offsets cannot be what they are. */
  const ztc__src source = region->source;
  const ztc__table records = region->records;
  /* Where checksums count, no record is an ordinary one. */
  const uint64_t ordinary =
      region->check_records ? 0 : (uint64_t)ZTC__EXTENT_CLOSED << ZTC__PLACE_FLAGS_SHIFT;
  found block[SLOTS];
  ztc_status status = ZTC_OK;
  uint64_t used = 0;
  size_t i = 0, ahead = 0, hinted = 0;
  for (; hinted < BLOCK && hinted < count; hinted++)
    prefetch_index(source, &records, indices[hinted]);
  while (i < count && status == ZTC_OK) {
    const size_t end = count - i > BLOCK ? i + BLOCK : count;
    const size_t next = count - end > BLOCK ? end + BLOCK : count;
    const size_t after = count - next > BLOCK ? next + BLOCK : count;
    for (; hinted < after; hinted++)
      prefetch_index(source, &records, indices[hinted]);
    for (; ahead < next; ahead++)
      block[ahead % SLOTS] = find_ahead(source, &records, indices[ahead], ordinary);
    for (; i < end; i++) {
      const uint64_t offset = block[i % SLOTS].offset;
      uint64_t size = block[i % SLOTS].size;
      uint8_t *const to = (uint8_t *)dst + used;
      if (__builtin_expect(size - 1 >= capacity - used, 0)) {
        status = copy_other(region, indices[i], to, capacity - used, &size);
      } else {
        ztc__break_invariant(region, offset);
        ztc__fetch(to, source, offset, size);
      }
      offsets[i + 1] = used + size;
      if (__builtin_expect(status != ZTC_OK, 0))
        break;
      used += size;
    }
  }
  state = ztc__region_state_after_reading(region);
  if (state != ZTC_OK)
    return state;
  *done = i;
  return status == ZTC_BUFFER_TOO_SMALL && i > 0 ? ZTC_OK : status;
}

/* What a hint asks for: all of an ordinary record; of one of many, its head, as a batch does. */
enum { LINE = 64, HINTED = 16 * LINE, HINTED_OF_MANY = 4 * LINE };

/*
 * Asks for the first `most` bytes of a record (< count). The line may be hostile, or change at
 * once: what it says is checked, so that a hint names nothing outside the region, and not used
 * again.
 */
static void prefetch_record(ztc__src source, const ztc__table *records, uint64_t index,
                            uint64_t most) {
  const ztc__line line = ztc__table_line(source, records, index);
  if (!ztc__line_fits(records, line))
    return;
  const uint64_t offset = ztc__line_offset(line), size = ztc__line_size(line);
  const uint64_t end = offset + (size < most ? size : most);
  for (uint64_t at = offset - offset % LINE; at < end; at += LINE)
    ztc__prefetch_line(source, at);
}

void ztc_prefetch(const ztc_region *region, uint64_t index) {
  if (index >= region->records.count || ztc__region_state(region) != ZTC_OK)
    return;
  prefetch_record(region->source, &region->records, index, HINTED);
}

void ztc_prefetch_batch(const ztc_region *region, const uint64_t *indices, size_t count) {
  if (ztc__region_state(region) != ZTC_OK)
    return;
  const ztc__src source = region->source;
  const ztc__table records = region->records;
  for (size_t i = 0; i < count; i++) {
    if (indices[i] < records.count)
      prefetch_index(source, &records, indices[i]);
  }
  for (size_t i = 0; i < count; i++) {
    if (indices[i] < records.count)
      prefetch_record(source, &records, indices[i], HINTED_OF_MANY);
  }
}
