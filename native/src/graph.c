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

ztc_status ztc__graph_head_load(ztc__src source, uint64_t at, uint64_t size, ztc__graph_head *out) {
  if (size < ZTC__GRAPH_HEAD_SIZE + ZTC__NODE_HEADER_SIZE ||
      ztc__load32(source, at) != ZTC__KIND_GRAPH) {
    return ZTC_CORRUPT;
  }
  const ztc__graph_head head = {.shared_count = ztc__load32(source, at + ZTC__GRAPH_SHARED_COUNT),
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

ztc_status ztc__graph_record_head(const ztc_region *region, const ztc__extent *record,
                                  ztc__graph_head *out) {
  const ztc_status status = ztc__graph_head_load(region->source, record->offset, record->size, out);
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

typedef struct copier {
  const ztc_region *region;
  uint8_t *dst;
  uint64_t limit; /* bytes: the record's own claim, which the caller has held against dst */
  uint64_t used;
  ztc__forward *slots;
  uint64_t mask;
  uint32_t *queue; /* slots of the extents met so far, in order */
  uint32_t met;
  uint32_t most_met;
} copier;

/* A free slot that was taken, while its extent has no place yet. */
enum { PLACE_PENDING = 1 };

/* Knuth's multiplicative hash: the topmost bits of the product. */
static inline uint64_t slot_of(uint32_t id, uint64_t mask) {
  return (id * UINT64_C(2654435769) & UINT32_MAX) * (mask + 1) >> 32;
}

uint32_t ztc__graph_place(const ztc__graph_result *result, uint32_t id) {
  for (uint64_t s = slot_of(id, result->mask);; s = (s + 1) & result->mask) {
    if (result->slots[s].place == 0 || result->slots[s].id == id)
      return result->slots[s].place;
  }
}

static inline ztc_status fetch(const copier *c, uint64_t offset, uint32_t size, uint32_t checksum,
                               uint32_t place) {
  ztc__fetch(c->dst + place, c->region->source, offset, size);
  if (c->region->check_records && ztc__crc32c(0, c->dst + place, size) != checksum) {
    return ZTC_CHECKSUM;
  }
  return ZTC_OK;
}

/* The slot of shared extent `id`; one that is new is queued, and its index line called for. */
static inline ztc_status meet(copier *c, uint32_t id, uint64_t *slot) {
  uint64_t s = slot_of(id, c->mask);
  for (; c->slots[s].place != 0; s = (s + 1) & c->mask) {
    if (c->slots[s].id == id) {
      *slot = s;
      return ZTC_OK;
    }
  }
  if (id >= c->region->shared.count)
    return ZTC_CORRUPT;
  if (c->met == c->most_met)
    return ZTC_BUDGET;
  ztc__prefetch_line(c->region->source,
                     c->region->shared.index + (uint64_t)id * ZTC__INDEX_ENTRY_SIZE);
  c->slots[s].id = id;
  c->slots[s].place = PLACE_PENDING;
  c->queue[c->met++] = (uint32_t)s;
  *slot = s;
  return ZTC_OK;
}

/*
 * Appends the extents queued from number `from` on: first all index entries, then all bytes, so
 * that the cache misses of either overlap.
 */
static ztc_status append_new(copier *c, uint32_t from) {
  enum { LINES_AHEAD = 4 };
  ztc_status status = ZTC_OK;
  for (uint32_t i = from; i < c->met; i++) {
    ztc__forward *f = &c->slots[c->queue[i]];
    ztc__extent extent;
    status = ztc__table_entry(c->region, &c->region->shared, f->id, &extent);
    if (status != ZTC_OK)
      return status;
    if (extent.size > c->limit - c->used)
      return ZTC_BUDGET;
    f->offset = extent.offset;
    f->place = (uint32_t)c->used;
    f->size = extent.size;
    f->root = extent.closed ? 0 : ZTC__GRAPH_HEAD_SIZE;
    c->used += extent.size;
    for (uint32_t line = 0; line < extent.size && line < 64 * LINES_AHEAD; line += 64) {
      ztc__prefetch_line(c->region->source, extent.offset + line);
    }
    /* The checksum waits in dst, which the bytes are about to overwrite. */
    memcpy(c->dst + f->place, &extent.checksum, sizeof extent.checksum);
  }
  for (uint32_t i = from; i < c->met; i++) {
    ztc__forward *f = &c->slots[c->queue[i]];
    uint32_t checksum;
    memcpy(&checksum, c->dst + f->place, sizeof checksum);
    status = fetch(c, f->offset, f->size, checksum, f->place);
    if (status != ZTC_OK)
      return status;
    if (f->root == 0)
      continue;
    ztc__graph_head head;
    status = ztc__graph_head_load(ztc__src_of(c->dst), f->place, f->size, &head);
    if (status != ZTC_OK)
      return status;
    f->root = head.root;
  }
  return ZTC_OK;
}

/*
 * Forwards every reference of the extent of `size` bytes at `place` in the copy. The number of the
 * target's slot waits in the reference's own slot until the target has its place.
 */
static ztc_status scan(copier *c, uint32_t place, uint32_t size) {
  const ztc__src copy = ztc__src_of(c->dst);
  ztc__graph_head head;
  ztc_status status = ztc__graph_head_load(copy, place, size, &head);
  if (status != ZTC_OK)
    return status;
  const uint64_t refs = (uint64_t)place + ZTC__GRAPH_HEAD_SIZE;
  const uint32_t first = ZTC__GRAPH_HEAD_SIZE + head.ref_count * ZTC__GRAPH_REF_SIZE;
  const uint32_t known = c->met;
  uint32_t last = first; /* slots ascend, so none is listed twice */
  for (uint32_t r = 0; r < head.ref_count; r++) {
    const uint64_t listed = ztc__load64(copy, refs + (uint64_t)ZTC__GRAPH_REF_SIZE * r);
    const uint32_t node = (uint32_t)listed, slot = (uint32_t)(listed >> 32);
    if (slot % 8 != 0 || slot > size - ZTC__SLOT_SIZE || slot <= last || node < first ||
        node >= slot) {
      return ZTC_CORRUPT;
    }
    last = slot;
    const uint64_t ref = ztc__load64(copy, (uint64_t)place + slot);
    if (ref >> 32 != 0)
      return ZTC_CORRUPT;
    uint64_t target = 0;
    status = meet(c, (uint32_t)ref, &target);
    if (status != ZTC_OK)
      return status;
    memcpy(c->dst + place + slot, &target, sizeof target);
  }
  status = append_new(c, known);
  if (status != ZTC_OK)
    return status;
  for (uint32_t r = 0; r < head.ref_count; r++) {
    const uint64_t listed = ztc__load64(copy, refs + (uint64_t)ZTC__GRAPH_REF_SIZE * r);
    const uint32_t node = (uint32_t)listed, slot = (uint32_t)(listed >> 32);
    const ztc__forward *target = &c->slots[ztc__load64(copy, (uint64_t)place + slot)];
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
  ztc_status status = ztc__graph_record_head(region, record, &head);
  if (status != ZTC_OK)
    return status;
  result->size = head.flat_size;
  if (head.flat_size > capacity)
    return ZTC_BUFFER_TOO_SMALL;
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
              .most_met = head.shared_count,
              .used = record->size};
  memset(c.slots, 0, slots * sizeof *c.slots);

  status = fetch(&c, record->offset, record->size, record->checksum, 0);
  if (status == ZTC_OK)
    status = scan(&c, 0, record->size);
  for (uint32_t next = 0; next < c.met && status == ZTC_OK; next++) {
    const ztc__forward *extent = &c.slots[c.queue[next]];
    if (extent->root != 0)
      status = scan(&c, extent->place, extent->size);
  }
  if (status == ZTC_OK && (c.used != head.flat_size || c.met != head.shared_count)) {
    status = ZTC_BUDGET;
  }
  result->slots = c.slots;
  result->mask = c.mask;
  return status;
}
