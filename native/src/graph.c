/*
 * Breadth-first graph copy after C. J. Cheney, "A nonrecursive list compacting algorithm" (CACM
 * 13(11), 1970). Cheney leaves forwarding pointers in the source; here they are in a small hash
 * table in local memory, since writing the source is what this library exists to avoid. Each extent
 * lists its outgoing references, so that scanning one never looks at a value.
 *
 * An extent is fetched into dst first; everything but index entries is then read from the private
 * copy, whose bytes no longer change.
 */
#include "graph.h"

#include <string.h>

#include "crc32c.h"

ztc_status ztc__graph_head_load(ztc__src source, uint64_t at, uint64_t size,
                                ztc__graph_head *out) {
  if (size < ZTC__GRAPH_HEAD_SIZE + ZTC__NODE_HEADER_SIZE ||
      ztc__load32(source, at) != ZTC__KIND_GRAPH) {
    return ZTC_CORRUPT;
  }
  const ztc__graph_head head = {
      .shared_count = ztc__load32(source, at + ZTC__GRAPH_SHARED_COUNT),
      .flat_size = ztc__load32(source, at + ZTC__GRAPH_FLAT_SIZE),
      .root = ztc__load32(source, at + ZTC__GRAPH_ROOT),
      .ref_count = ztc__load32(source, at + ZTC__GRAPH_REF_COUNT)};
  if (head.root % 8 != 0 || head.root < ZTC__GRAPH_HEAD_SIZE ||
      head.root > size - ZTC__NODE_HEADER_SIZE ||
      head.ref_count > (size - ZTC__GRAPH_HEAD_SIZE) / ZTC__GRAPH_REF_SIZE) {
    return ZTC_CORRUPT;
  }
  *out = head;
  return ZTC_OK;
}

typedef struct copier {
  const ztc_region *region;
  uint8_t *dst;
  uint64_t limit; /* bytes: the record's own claim, which the caller has held against dst */
  uint64_t used;
  ztc__forward *slots;
  uint64_t mask;
  uint32_t *queue;
  uint32_t queued;
  uint32_t appended; /* shared extents */
  uint32_t most_appended;
} copier;

/* Knuth's multiplicative hash */
static inline uint64_t slot_of(uint32_t id, uint64_t mask) {
  return ((id * UINT32_C(2654435769)) >> 7) & mask;
}

uint32_t ztc__graph_place(const ztc__graph_result *result, uint32_t id) {
  for (uint64_t s = slot_of(id, result->mask);; s = (s + 1) & result->mask) {
    if (result->slots[s].place == 0 || result->slots[s].id == id) return result->slots[s].place;
  }
}

static ztc_status append(copier *c, const ztc__extent *extent) {
  if (extent->size > c->limit - c->used) return ZTC_BUDGET;
  ztc__fetch(c->dst + c->used, c->region->source, extent->offset, extent->size);
  if (c->region->check_records &&
      ztc__crc32c(0, c->dst + c->used, extent->size) != extent->checksum) {
    return ZTC_CHECKSUM;
  }
  c->used += extent->size;
  return ZTC_OK;
}

/* Finds the slot of shared extent `id`, appending the extent if it is new. */
static ztc_status forward(copier *c, uint32_t id, const ztc__forward **out) {
  uint64_t s = slot_of(id, c->mask);
  for (; c->slots[s].place != 0; s = (s + 1) & c->mask) {
    if (c->slots[s].id == id) {
      *out = &c->slots[s];
      return ZTC_OK;
    }
  }
  if (id >= c->region->shared.count) return ZTC_CORRUPT;
  if (c->appended == c->most_appended) return ZTC_BUDGET;
  ztc__extent extent;
  ztc_status status = ztc__table_entry(c->region, &c->region->shared, id, &extent);
  if (status != ZTC_OK) return status;
  ztc__forward entry = {.id = id, .place = (uint32_t)c->used, .size = extent.size};
  status = append(c, &extent);
  if (status != ZTC_OK) return status;
  if (!extent.closed) {
    ztc__graph_head head;
    status = ztc__graph_head_load(ztc__src_of(c->dst), entry.place, entry.size, &head);
    if (status != ZTC_OK) return status;
    entry.root = head.root;
    c->queue[c->queued++] = (uint32_t)s;
  }
  c->appended++;
  c->slots[s] = entry;
  *out = &c->slots[s];
  return ZTC_OK;
}

/* Warms the lines that the references of an extent are about to need: first all index entries,
   then all targets, so that their misses overlap. */
static void prefetch_targets(const copier *c, uint64_t refs, uint64_t extent, uint32_t count,
                             uint32_t size) {
  const ztc__src copy = ztc__src_of(c->dst);
  for (int pass = 0; pass < 2; pass++) {
    for (uint32_t r = 0; r < count; r++) {
      const uint32_t slot = ztc__load32(copy, refs + (uint64_t)ZTC__GRAPH_REF_SIZE * r + 4);
      if (slot > size - ZTC__SLOT_SIZE) return;
      const uint32_t id = ztc__load32(copy, extent + slot);
      if (id >= c->region->shared.count) return;
      if (pass == 0) {
        ztc__prefetch_line(c->region->source,
                           c->region->shared.index + (uint64_t)id * ZTC__INDEX_ENTRY_SIZE);
      } else {
        ztc__extent target;
        if (ztc__table_entry(c->region, &c->region->shared, id, &target) != ZTC_OK) return;
        for (uint32_t line = 0; line < target.size && line < 256; line += 64) {
          ztc__prefetch_line(c->region->source, target.offset + line);
        }
      }
    }
  }
}

/* Forwards every reference of the extent of `size` bytes at `place` in the copy. */
static ztc_status scan(copier *c, uint32_t place, uint32_t size) {
  const ztc__src copy = ztc__src_of(c->dst);
  ztc__graph_head head;
  ztc_status status = ztc__graph_head_load(copy, place, size, &head);
  if (status != ZTC_OK) return status;
  const uint64_t refs = (uint64_t)place + ZTC__GRAPH_HEAD_SIZE;
  const uint32_t first = ZTC__GRAPH_HEAD_SIZE + head.ref_count * ZTC__GRAPH_REF_SIZE;
  if (head.ref_count > 1) prefetch_targets(c, refs, place, head.ref_count, size);
  for (uint32_t r = 0; r < head.ref_count; r++) {
    const uint64_t at = refs + (uint64_t)ZTC__GRAPH_REF_SIZE * r;
    const uint32_t node = ztc__load32(copy, at);
    const uint32_t slot = ztc__load32(copy, at + 4);
    if (slot % 8 != 0 || slot > size - ZTC__SLOT_SIZE || node < first || node >= slot) {
      return ZTC_CORRUPT;
    }
    const uint64_t ref = ztc__load64(copy, (uint64_t)place + slot);
    if (ref >> 32 != 0) return ZTC_CORRUPT; /* listed twice, or not a shared reference */
    const ztc__forward *target;
    status = forward(c, (uint32_t)ref, &target);
    if (status != ZTC_OK) return status;
    const uint32_t distance = target->place + target->root - (place + node); /* modulo 2^32 */
    const uint64_t local = (uint64_t)(target->size - target->root) << 32 | distance;
    memcpy(c->dst + place + slot, &local, sizeof local);
  }
  return ZTC_OK;
}

ztc_status ztc__graph_copy(const ztc_region *region, const ztc__extent *record, uint8_t *dst,
                           uint64_t capacity, ztc_workspace *workspace, ztc__graph_stack *stack,
                           ztc__graph_result *result) {
  ztc__graph_head head;
  ztc_status status = ztc__graph_head_load(region->source, record->offset, record->size, &head);
  if (status != ZTC_OK) return status;
  result->size = head.flat_size;
  if (head.flat_size < record->size || head.flat_size > ZTC_MAX_RECORD_SIZE ||
      head.flat_size % 8 != 0 ||
      head.shared_count > (head.flat_size - record->size) / ZTC__NODE_HEADER_SIZE) {
    return ZTC_CORRUPT;
  }
  if (head.flat_size > capacity) return ZTC_BUFFER_TOO_SMALL;
  if (head.shared_count > (workspace != NULL ? workspace->entries : ZTC__STACK_ENTRIES)) {
    result->size = head.shared_count;
    return ZTC_NEED_WORKSPACE;
  }
  const uint64_t slots = ztc__forward_slots(head.shared_count);
  copier c = {.region = region,
              .dst = dst,
              .limit = head.flat_size,
              .slots = workspace != NULL ? workspace->slots : stack->slots,
              .mask = slots - 1,
              .queue = workspace != NULL ? workspace->queue : stack->queue,
              .most_appended = head.shared_count};
  memset(c.slots, 0, slots * sizeof *c.slots);

  status = append(&c, record);
  if (status == ZTC_OK) status = scan(&c, 0, record->size);
  for (uint32_t next = 0; next < c.queued && status == ZTC_OK; next++) {
    const ztc__forward *extent = &c.slots[c.queue[next]];
    status = scan(&c, extent->place, extent->size);
  }
  if (status == ZTC_OK && (c.used != head.flat_size || c.appended != head.shared_count)) {
    status = ZTC_BUDGET;
  }
  result->slots = c.slots;
  result->mask = c.mask;
  return status;
}
