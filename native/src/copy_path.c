/*
 * Copying one value out of a record. The path is followed in the source, across shared references;
 * then a closed container is one memory copy, a scalar becomes a box, and a container that
 * references nodes outside itself, or a row of a list, is copied with what it lies in; the copy's
 * graph head then names the root.
 *
 * Where checksums count, a value must not be read again after its checksum was computed. So the
 * whole record is copied and checked first; the path is followed in that copy, and what it leads to
 * moved to its front.
 */
#include <string.h>

#include "error.h"
#include "graph.h"
#include "path.h"
#include "region.h"
#include "value.h"

/* An image (the record's extent, a shared one, or a checked copy) and what is selected in it. */
typedef struct place {
  ztc__image image;
  uint8_t *copy;   /* the image, if it is a checked copy; it begins where the result will */
  uint64_t offset; /* of the image in the region */
  bool image_closed;
  bool in_record; /* else in shared extent `id` */
  uint32_t id;
  ztc__node node; /* the container selected, or the holder of the scalar or empty entry */
  bool is_entry;  /* the selection is `entry` of node, a scalar or an empty container */
  ztc__entry entry;
} place;

static ztc_status enter_extent(const ztc_region *region, const ztc__extent *extent, place *p) {
  p->image = (ztc__image){.base = ztc__src_at(region->source, extent->offset),
                          .schema = region->schema,
                          .size = extent->size};
  p->offset = extent->offset;
  p->image_closed = extent->closed;
  return ztc__node_root(&p->image, &p->node);
}

/* A node has been reached: look inside if it is a box. */
static void select_node(place *p) {
  p->is_entry = p->node.kind == ZTC__KIND_BOX;
  if (p->is_entry)
    p->entry = ztc__node_entry(&p->image, &p->node, 0);
}

/* Enters the shared extent whose root node of `length` bytes lies at `at` in the record's copy. */
static ztc_status enter_listed(const ztc_region *region, place *p, uint64_t at, uint32_t length) {
  const ztc__src record = p->image.base;
  ztc__graph_head head;
  ztc_status status = ztc__graph_record_head(record, 0, p->image.size, &head);
  ztc__listed listed = {.end = p->image.size};
  for (uint32_t i = 0; status == ZTC_OK && listed.end <= at; i++) {
    status = i < head.shared_count ? ztc__graph_listed(region, record, i, &listed) : ZTC_CORRUPT;
  }
  if (status == ZTC_OK)
    status = enter_extent(region, &listed.extent, p);
  if (status != ZTC_OK)
    return status;
  p->id = listed.id;
  p->in_record = false;
  const bool is_root = p->node.at == at - listed.place && p->node.end - p->node.at == length;
  return is_root && (p->node.flags & ZTC__NODE_SHARED) != 0 ? ZTC_OK : ZTC_CORRUPT;
}

/* Follows p->entry of p->node to what it stands for. */
static ztc_status follow(const ztc_region *region, place *p) {
  p->is_entry = true;
  if (p->entry.type <= ZTC_TYPE_BYTES)
    return ZTC_OK;
  ztc__node next;
  bool empty = false;
  ztc_status status;
  if (p->entry.type == ZTC__TYPE_ROW) {
    status = ztc__node_row(&p->node, p->entry.slot, &next);
    if (status != ZTC_OK)
      return status;
    p->node = next;
  } else if (p->entry.type != ZTC__TYPE_REF) {
    status = ztc__node_child(&p->image, &p->node, &p->entry, &next, &empty);
    if (status != ZTC_OK || empty)
      return status;
    p->node = next;
  } else if (p->entry.slot >> 32 != 0) {
    const int64_t target = (int64_t)p->node.at + (int32_t)(uint32_t)p->entry.slot;
    if (p->copy == NULL && p->in_record && !p->image_closed && target >= (int64_t)p->image.size) {
      status = enter_listed(region, p, (uint64_t)target, (uint32_t)(p->entry.slot >> 32));
    } else {
      status = ztc__node_target(&p->image, &p->node, &p->entry, &next);
      if (status == ZTC_OK)
        p->node = next;
    }
    if (status != ZTC_OK)
      return status;
  } else {
    if (p->in_record || p->image_closed)
      return ZTC_CORRUPT;
    ztc__extent extent;
    p->id = (uint32_t)p->entry.slot;
    p->in_record = false;
    if (p->id >= region->shared.count)
      return ZTC_CORRUPT;
    status = ztc__table_entry(region, &region->shared, p->id, &extent);
    if (status == ZTC_OK)
      status = enter_extent(region, &extent, p);
    if (status != ZTC_OK)
      return status;
  }
  select_node(p);
  return p->is_entry && p->entry.type > ZTC_TYPE_BYTES ? ZTC_CORRUPT : ZTC_OK;
}

static ztc_status walk_path(const ztc_region *region, const char *text, place *p,
                            ztc_error *error) {
  ztc__path path;
  ztc__path_begin(&path, text);
  select_node(p);
  if (p->is_entry && p->entry.type == ZTC__TYPE_REF) {
    const ztc_status status = follow(region, p);
    if (status != ZTC_OK)
      return ztc__path_fail(&path, status, error);
  } else if (p->is_entry && p->entry.type > ZTC_TYPE_BYTES) {
    return ztc__path_fail(&path, ZTC_CORRUPT, error); /* a box holds no container */
  }
  for (;;) {
    bool end;
    ztc_status status = ztc__path_next(&path, &end);
    if (status == ZTC_OK && end)
      return ZTC_OK;
    if (status == ZTC_OK && p->is_entry)
      status = ztc__path_entry_of_empty(&path, p->entry.type);
    if (status == ZTC_OK)
      status = ztc__path_entry(&path, &p->image, &p->node, &p->entry);
    if (status == ZTC_OK)
      status = follow(region, p);
    if (status != ZTC_OK)
      return ztc__path_fail(&path, status, error);
  }
}

/* Bytes of the image to dst, which may overlap them if the image is a copy. */
static void take(const place *p, uint8_t *dst, uint32_t from, uint64_t length) {
  if (p->copy != NULL)
    memmove(dst, p->copy + from, length);
  else
    ztc__fetch(dst, p->image.base, from, length);
}

/* A scalar, or an empty container, as a record of its own. */
static ztc_status copy_entry(const place *p, uint8_t *dst, uint64_t capacity, uint64_t *size) {
  const ztc__entry *entry = &p->entry;
  uint64_t slot = entry->slot;
  uint32_t from = 0, length = 0;
  uint8_t kind = ZTC__KIND_BOX;
  ztc_status status = ZTC_OK;
  const bool outside =
      entry->type == ZTC_TYPE_STRING && slot >> ZTC__STRING_KIND_SHIFT != ZTC__STRING_FORM_INLINE;
  if (outside) {
    ztc__text text;
    status = ztc__entry_text(entry, p->node.at, p->node.end, &text);
    from = text.at;
    length = text.size;
    slot = (slot & ~UINT64_C(0xffffffff)) | 16;
  } else if (entry->type == ZTC_TYPE_BYTES) {
    status = ztc__entry_bytes(entry, p->node.at, p->node.end, &from, &length);
    if (length > 0)
      slot = (slot & ~UINT64_C(0xffffffff)) | 16;
  } else if (entry->type == ZTC_TYPE_LIST || entry->type == ZTC_TYPE_MAP) {
    kind = entry->type == ZTC_TYPE_LIST ? ZTC__KIND_LIST : ZTC__KIND_DICT;
  }
  if (status != ZTC_OK)
    return status;
  const bool box = kind == ZTC__KIND_BOX;
  *size = box ? ztc__align8(ZTC__NODE_HEADER_SIZE + ZTC__SLOT_SIZE + (uint64_t)length)
              : ZTC__NODE_HEADER_SIZE;
  if (*size > capacity)
    return ZTC_BUFFER_TOO_SMALL;
  /* The text first: what it is moved out of may lie where the rest is written. */
  const uint64_t text = ZTC__NODE_HEADER_SIZE + ZTC__SLOT_SIZE;
  if (length > 0) {
    take(p, dst + text, from, length);
    memset(dst + text + length, 0, *size - text - length);
  }
  memset(dst, 0, ZTC__NODE_HEADER_SIZE);
  dst[0] = kind;
  dst[1] = ZTC__NODE_CLOSED;
  if (!box)
    return ZTC_OK;
  dst[2] = entry->type;
  memcpy(dst + ZTC__NODE_HEADER_SIZE, &slot, sizeof slot);
  return ZTC_OK;
}

/* The root of a copy may be reached again from what lies in it, so that readers must remember it.
 */
static void mark_root(uint8_t *dst, uint32_t root) {
  dst[root + 1] |= ZTC__NODE_SHARED;
}

/* Bytes [from, from + length) of the image behind a graph head of their own, which says where in
   them the root is. */
static ztc_status copy_with_head(const place *p, uint32_t from, uint32_t length, uint8_t *dst,
                                 uint64_t capacity, uint64_t *size) {
  *size = (uint64_t)length + ZTC__GRAPH_HEAD_SIZE;
  if (*size > ZTC_MAX_RECORD_SIZE)
    return ZTC_TOO_LARGE;
  if (*size > capacity)
    return ZTC_BUFFER_TOO_SMALL;
  const uint32_t root = p->node.at - from + ZTC__GRAPH_HEAD_SIZE;
  const uint32_t head[ZTC__GRAPH_HEAD_SIZE / 4] = {ZTC__KIND_GRAPH, 0, (uint32_t)*size, root, 0,
                                                   p->node.row};
  take(p, dst + ZTC__GRAPH_HEAD_SIZE, from, length);
  memcpy(dst, head, sizeof head);
  mark_root(dst, root);
  return ZTC_OK;
}

/* The place of shared extent `id` in the `size` bytes of the finished copy of `record`. */
static ztc_status place_of(const ztc_region *region, ztc__line record, uint32_t id,
                           const uint8_t *copy, uint64_t size, uint64_t *out) {
  const ztc__src source = ztc__src_of(copy);
  ztc__graph_head head;
  ztc_status status = ztc__graph_record_head(source, 0, size, &head);
  ztc__listed listed = {.end = ztc__line_size(record)};
  for (uint32_t i = 0; status == ZTC_OK && i < head.shared_count; i++) {
    status = ztc__graph_listed(region, source, i, &listed);
    *out = listed.place;
    if (status == ZTC_OK && listed.id == id)
      return ZTC_OK;
  }
  return ZTC_CORRUPT;
}

/* The whole of a record that references shared extents, with p->node as its root. */
static ztc_status copy_graph(const ztc_region *region, ztc__line record, const place *p,
                             uint8_t *dst, uint64_t capacity, uint64_t *size) {
  ztc_status status = ZTC_OK;
  if (p->copy != NULL)
    *size = p->image.size;
  else
    status = ztc__graph_copy(region, record, dst, capacity, size);
  uint64_t at = 0;
  if (status == ZTC_OK && !p->in_record)
    status = place_of(region, record, p->id, dst, *size, &at);
  if (status != ZTC_OK)
    return status;
  at += p->node.at;
  /* The path was followed in the source, where extents may have had another size. */
  if (at > *size - ZTC__NODE_HEADER_SIZE)
    return ZTC_CORRUPT;
  const uint32_t root = (uint32_t)at;
  memcpy(dst + ZTC__GRAPH_ROOT, &root, sizeof root);
  memcpy(dst + ZTC__GRAPH_ROW, &p->node.row, sizeof p->node.row);
  mark_root(dst, root);
  return ZTC_OK;
}

/* The container that was selected. */
static ztc_status copy_node(const ztc_region *region, ztc__line record, const place *p,
                            uint8_t *dst, uint64_t capacity, uint64_t *size) {
  const ztc__node *node = &p->node;
  const uint32_t length = node->end - node->at;
  if ((node->flags & ZTC__NODE_CLOSED) != 0) {
    if (node->row != 0)
      return copy_with_head(p, node->at, length, dst, capacity, size);
    *size = length;
    if (length > capacity)
      return ZTC_BUFFER_TOO_SMALL;
    take(p, dst, node->at, length);
    return ZTC_OK;
  }
  if (p->image_closed)
    return copy_with_head(p, 0, p->image.size, dst, capacity, size);
  return copy_graph(region, record, p, dst, capacity, size);
}

/* The whole record to dst, and its checksums computed there. *size is what surely suffices if
   capacity does not. */
static ztc_status copy_checked(const ztc_region *region, ztc__line record, place *p, uint8_t *dst,
                               uint64_t capacity, uint64_t *size) {
  const ztc__extent extent = ztc__line_extent(record);
  ztc_status status = ZTC_OK;
  if (!extent.closed) {
    status = ztc__graph_copy(region, record, dst, capacity, size);
  } else if (extent.size > capacity) {
    const uint64_t most = (uint64_t)extent.size + ZTC__GRAPH_HEAD_SIZE;
    *size = most < ZTC_MAX_RECORD_SIZE ? most : ZTC_MAX_RECORD_SIZE;
    status = ZTC_BUFFER_TOO_SMALL;
  } else {
    *size = extent.size;
    ztc__fetch(dst, region->source, extent.offset, extent.size);
    if (!ztc__graph_is_closed_copy(dst, extent.size, extent.checksum))
      status = ZTC_CHECKSUM;
  }
  p->copy = dst;
  p->offset = extent.offset;
  p->image_closed = extent.closed;
  if (status != ZTC_OK)
    return status;
  p->image =
      (ztc__image){.base = ztc__src_of(dst), .schema = region->schema, .size = (uint32_t)*size};
  return ztc__node_root(&p->image, &p->node);
}

static ztc_status copy_at(const ztc_region *region, ztc__line record, const char *path,
                          uint8_t *dst, uint64_t capacity, uint64_t *size, ztc_error *error) {
  place p = {.in_record = true};
  const ztc__extent extent = ztc__line_extent(record);
  ztc_status status = region->check_records ? copy_checked(region, record, &p, dst, capacity, size)
                                            : enter_extent(region, &extent, &p);
  if (status != ZTC_OK)
    return ztc__fail(error, status, extent.offset, "%s", ztc_status_text(status));
  status = walk_path(region, path, &p, error);
  if (status != ZTC_OK)
    return status;
  status = p.is_entry ? copy_entry(&p, dst, capacity, size)
                      : copy_node(region, record, &p, dst, capacity, size);
  if (status == ZTC_OK)
    return status;
  /* Behind the record a checked copy has what lies elsewhere in the region. */
  const uint32_t at = p.copy == NULL || p.node.at < extent.size ? p.node.at : 0;
  return ztc__fail(error, status, p.offset + at, "%s", ztc_status_text(status));
}

ztc_status ztc_copy_path(const ztc_region *region, uint64_t index, const char *path, void *dst,
                         uint64_t capacity, uint64_t *size, ztc_workspace *workspace,
                         ztc_error *error) {
  (void)workspace;
  if (path == NULL) {
    return ztc__fail(error, ZTC_INVALID_ARGUMENT, ZTC_NO_OFFSET, "path must not be NULL");
  }
  ztc_status state = ztc__region_state(region);
  ztc_status status = ZTC_OK;
  if (state == ZTC_OK) {
    if (index >= region->records.count) {
      status = ztc__fail(error, ZTC_OUT_OF_RANGE, ZTC_NO_OFFSET,
                         "record %llu of a region with %llu records", (unsigned long long)index,
                         (unsigned long long)region->records.count);
    } else {
      const uint64_t entry = region->records.index + index * ZTC__INDEX_ENTRY_SIZE;
      const ztc__line record = ztc__table_line(region->source, &region->records, index);
      if (!ztc__line_fits(&region->records, record)) {
        status = ztc__fail(error, ZTC_CORRUPT, entry,
                           "the record's index entry leads outside its section");
      } else {
        status = copy_at(region, record, path, dst, capacity, size, error);
      }
    }
    state = ztc__region_state_after_reading(region);
  }
  if (state == ZTC_OK)
    return status;
  return ztc__fail(error, state, ZTC_NO_OFFSET, "%s", ztc_status_text(state));
}
