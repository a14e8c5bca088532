/*
 * A record knows its copy: it lists the runs of bytes in the section `shared` that belong to it,
 * and its references are stored as they are in the copy. So copying is appending. Only shared
 * extents that reference others must be patched, since their places differ from record to record;
 * for those the record lists what is to be stored where.
 *
 * Every word of a list is loaded once, checked, and used.
 */
#include "graph.h"

#include <string.h>

#include "crc32c.h"

static inline ztc_status load_head(ztc__src source, uint64_t at, uint64_t size,
                                   ztc__graph_head *out) {
  if (size < ZTC__GRAPH_HEAD_SIZE + ZTC__NODE_HEADER_SIZE)
    return ZTC_CORRUPT;
  const uint64_t kind_count = ztc__load64(source, at);
  const uint64_t size_root = ztc__load64(source, at + ZTC__GRAPH_FLAT_SIZE);
  *out = (ztc__graph_head){.shared_count = (uint32_t)(kind_count >> 32),
                           .flat_size = (uint32_t)size_root,
                           .root = (uint32_t)(size_root >> 32),
                           .ref_count = ztc__load32(source, at + ZTC__GRAPH_REF_COUNT)};
  return (uint32_t)kind_count != ZTC__KIND_GRAPH || out->root % 8 != 0 ||
                 out->root > size - ZTC__NODE_HEADER_SIZE
             ? ZTC_CORRUPT
             : ZTC_OK;
}

ztc_status ztc__graph_shared_head(ztc__src source, uint64_t at, uint64_t size,
                                  ztc__graph_head *out) {
  const ztc_status status = load_head(source, at, size, out);
  if (status != ZTC_OK)
    return status;
  return out->root < ZTC__GRAPH_HEAD_SIZE + (uint64_t)ZTC__GRAPH_REF_SIZE * out->ref_count
             ? ZTC_CORRUPT
             : ZTC_OK;
}

static inline ztc_status load_record_head(ztc__src source, uint64_t at, uint64_t size,
                                          ztc__graph_head *out) {
  const ztc_status status = load_head(source, at, size, out);
  if (status != ZTC_OK)
    return status;
  return out->root < ztc__graph_runs(out->shared_count, out->ref_count) ? ZTC_CORRUPT : ZTC_OK;
}

ztc_status ztc__graph_record_head(ztc__src source, uint64_t at, uint64_t size,
                                  ztc__graph_head *out) {
  return load_record_head(source, at, size, out);
}

static inline ztc_status load_claims(const ztc_region *region, const ztc__extent *record,
                                     ztc__graph_head *out) {
  const ztc_status status = load_record_head(region->source, record->offset, record->size, out);
  if (status != ZTC_OK)
    return status;
  if (out->flat_size < record->size || out->flat_size > ZTC_MAX_RECORD_SIZE ||
      out->flat_size % 8 != 0) {
    return ZTC_CORRUPT;
  }
  const uint64_t shared_size = out->flat_size - record->size;
  return shared_size > region->shared.extents_end - region->shared.extents ||
                 out->shared_count > region->shared.count ||
                 out->shared_count > shared_size / ZTC__NODE_HEADER_SIZE
             ? ZTC_CORRUPT
             : ZTC_OK;
}

ztc_status ztc__graph_claims(const ztc_region *region, const ztc__extent *record,
                             ztc__graph_head *out) {
  return load_claims(region, record, out);
}

ztc_status ztc__graph_listed(const ztc_region *region, ztc__src record, uint32_t i,
                             ztc__listed *listed) {
  listed->id = ztc__load32(record, ZTC__GRAPH_HEAD_SIZE + (uint64_t)ZTC__GRAPH_ID_SIZE * i);
  listed->place = listed->end;
  if (listed->id >= region->shared.count)
    return ZTC_CORRUPT;
  const ztc_status status = ztc__table_entry(region, &region->shared, listed->id, &listed->extent);
  if (status == ZTC_OK)
    listed->end += listed->extent.size;
  return status;
}

static inline uint64_t run_place(uint64_t run) {
  return run >> ZTC__RUN_LENGTH_BITS << 3;
}
static inline uint64_t run_size(uint64_t run) {
  return (run & ZTC__RUN_LENGTH_MASK) << 3;
}

/* Appends the runs listed at `list`; *used is the size of the copy so far. */
static inline ztc_status append_runs(const ztc_region *region, ztc__src list, uint64_t count,
                                     uint8_t *dst, uint64_t *used, uint64_t limit) {
  const ztc__src shared = ztc__src_at(region->source, region->shared.extents);
  const uint64_t section = region->shared.extents_end - region->shared.extents;
  uint64_t at = *used;
  for (uint64_t i = 0; i < count; i++) {
    const uint64_t run = ztc__load64(list, i * ZTC__GRAPH_RUN_SIZE);
    const uint64_t place = run_place(run), size = run_size(run);
    if (place + size > section) /* 39 bits and 31: no overflow */
      return ZTC_CORRUPT;
    if (size > limit - at)
      return ZTC_BUDGET;
    ztc__fetch_short(dst + at, shared, place, size);
    at += size;
  }
  *used = at;
  return ZTC_OK;
}

/* Stores what the record at `record` lists into the slots of shared extents in its copy. */
static inline ztc_status patch(const ztc__graph_head *head, ztc__src record, uint64_t record_size,
                               uint8_t *dst) {
  const uint64_t places = ZTC__GRAPH_HEAD_SIZE + (uint64_t)ZTC__GRAPH_ID_SIZE * head->shared_count;
  const uint64_t slots = ztc__graph_slots(head->shared_count, head->ref_count);
  const uint64_t last = head->flat_size - ZTC__SLOT_SIZE;
  for (uint64_t r = 0; r < head->ref_count; r++) {
    const uint64_t place = ztc__load32(record, places + r * ZTC__GRAPH_PLACE_SIZE);
    const uint64_t slot = ztc__load64(record, slots + r * ZTC__GRAPH_SLOT_SIZE);
    if (place < record_size || place > last || place % 8 != 0)
      return ZTC_CORRUPT;
    memcpy(dst + place, &slot, sizeof slot);
  }
  return ZTC_OK;
}

/* The checksums of the shared extents in a copy that is complete but not patched. */
__attribute__((noinline)) static ztc_status check_extents(const ztc_region *region, uint32_t count,
                                                          uint64_t record_size, const uint8_t *copy,
                                                          uint64_t size) {
  ztc__listed listed = {.end = record_size};
  for (uint32_t i = 0; i < count; i++) {
    const ztc_status status = ztc__graph_listed(region, ztc__src_of(copy), i, &listed);
    if (status != ZTC_OK || listed.end > size)
      return ZTC_CORRUPT;
    if (ztc__crc32c(0, copy + listed.place, listed.extent.size) != listed.extent.checksum)
      return ZTC_CHECKSUM;
  }
  return listed.end == size ? ZTC_OK : ZTC_CORRUPT;
}

bool ztc__graph_is_closed_copy(const uint8_t *copy, uint64_t size, uint32_t checksum) {
  return ztc__crc32c(0, copy, size) == checksum && copy[0] != ZTC__KIND_GRAPH;
}

ztc_status ztc__graph_copy(const ztc_region *region, ztc__line line, uint8_t *dst,
                           uint64_t capacity, uint64_t *size) {
  const ztc__extent extent = ztc__line_extent(line), *record = &extent;
  ztc__graph_head head;
  ztc_status status = load_claims(region, record, &head);
  if (status != ZTC_OK)
    return status;
  *size = head.flat_size;
  if (head.flat_size > capacity)
    return ZTC_BUFFER_TOO_SMALL;
  const uint64_t runs = ztc__graph_runs(head.shared_count, head.ref_count);
  const uint64_t count = (head.root - runs) / ZTC__GRAPH_RUN_SIZE;
  if (count > head.shared_count)
    return ZTC_BUDGET;
  /* Lists are read where they are not just being written; but where checksums count, what was
     checked. */
  const ztc__src source = ztc__src_at(region->source, record->offset);
  const ztc__src lists = region->check_records ? ztc__src_of(dst) : source;
  ztc__fetch(dst, region->source, record->offset, record->size);
  if (region->check_records && ztc__crc32c(0, dst, record->size) != record->checksum)
    return ZTC_CHECKSUM;
  uint64_t used = record->size;
  status = append_runs(region, ztc__src_at(lists, runs), count, dst, &used, head.flat_size);
  if (status == ZTC_OK && used != head.flat_size)
    status = ZTC_BUDGET;
  if (status == ZTC_OK && region->check_records)
    status = check_extents(region, head.shared_count, record->size, dst, used);
  return status == ZTC_OK ? patch(&head, lists, record->size, dst) : status;
}
