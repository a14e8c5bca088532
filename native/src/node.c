#include "node.h"

static inline uint64_t prefix_size(const ztc__node *node) {
  const uint64_t n = node->count;
  const uint64_t types = (node->flags & ZTC__NODE_TYPES) != 0 ? n : 0;
  switch (node->kind) {
    case ZTC__KIND_DICT:
      return ZTC__NODE_HEADER_SIZE + 20 * n + types;
    case ZTC__KIND_ARRAY:
      return ZTC__NODE_HEADER_SIZE + n * ztc__element_size(node->elem);
    case ZTC__KIND_ROWS:
      return ZTC__NODE_HEADER_SIZE + n * node->shape->count * ZTC__SLOT_SIZE +
             (types != 0 ? node->shape->count : 0);
    default:
      return ZTC__NODE_HEADER_SIZE + ZTC__SLOT_SIZE * n + types;
  }
}

ztc_status ztc__node_open(const ztc__image *image, uint32_t at, uint32_t end, ztc__node *out) {
  if (at % 8 != 0 || end > image->size || at >= end || end - at < ZTC__NODE_HEADER_SIZE) {
    return ZTC_CORRUPT;
  }
  const uint64_t header = ztc__load64(image->base, at);
  *out = (ztc__node){.at = at,
                     .end = end,
                     .slots_at = at + ZTC__NODE_HEADER_SIZE,
                     .arg = (uint32_t)(header >> 32),
                     .count = (uint32_t)(header >> 32),
                     .kind = (uint8_t)header,
                     .flags = (uint8_t)(header >> 8),
                     .elem = (uint8_t)(header >> 16)};
  const uint32_t elem_and_zero = (uint32_t)header >> 16;
  if ((out->flags & ~ZTC__NODE_FLAGS) != 0)
    return ZTC_CORRUPT;
  if (elem_and_zero > 0xFF && out->kind != ZTC__KIND_ROWS)
    return ZTC_CORRUPT;
  switch (out->kind) {
    case ZTC__KIND_MAP:
      if (out->arg >= image->schema->shape_count)
        return ZTC_CORRUPT;
      out->shape = &image->schema->shapes[out->arg];
      out->count = out->shape->count;
      break;
    case ZTC__KIND_ARRAY:
      if (ztc__element_size(out->elem) == 0 || (out->flags & ZTC__NODE_TYPES) != 0) {
        return ZTC_CORRUPT;
      }
      break;
    case ZTC__KIND_EXT:
    case ZTC__KIND_BOX:
      if ((out->flags & ZTC__NODE_TYPES) != 0)
        return ZTC_CORRUPT;
      out->count = 1;
      break;
    case ZTC__KIND_ROWS:
      if (elem_and_zero >= image->schema->shape_count || out->count == 0)
        return ZTC_CORRUPT;
      out->shape = &image->schema->shapes[elem_and_zero];
      out->elem = 0;
      if (out->shape->count == 0)
        return ZTC_CORRUPT;
      break;
    case ZTC__KIND_DICT:
    case ZTC__KIND_LIST:
      break;
    default:
      return ZTC_CORRUPT;
  }
  const uint64_t prefix = prefix_size(out);
  if (prefix > end - at)
    return ZTC_CORRUPT;
  out->data_at = at + (uint32_t)prefix;
  if ((out->flags & ZTC__NODE_TYPES) != 0) {
    const bool rows = out->kind == ZTC__KIND_ROWS;
    out->types_at = out->data_at - (rows ? out->shape->count : out->count);
  }
  return ZTC_OK;
}

ztc_status ztc__node_row(const ztc__node *rows, uint64_t i, ztc__node *out) {
  if (rows->kind != ZTC__KIND_ROWS || i >= rows->count)
    return ZTC_CORRUPT;
  *out = *rows;
  out->kind = ZTC__KIND_MAP;
  out->count = rows->shape->count;
  out->row = (uint32_t)i + 1;
  out->slots_at += (uint32_t)i * out->count * ZTC__SLOT_SIZE;
  return ZTC_OK;
}

ztc__entry ztc__node_cell(const ztc__image *image, const ztc__node *rows, uint32_t i,
                          uint32_t column) {
  ztc__node row = *rows;
  ztc__node_row(rows, i, &row); /* the caller keeps i < count */
  return ztc__node_entry(image, &row, column);
}

ztc_status ztc__node_root(const ztc__image *image, ztc__node *out) {
  uint32_t at = 0, row = 0;
  if (image->size < ZTC__NODE_HEADER_SIZE)
    return ZTC_CORRUPT;
  if (ztc__load8(image->base, 0) == ZTC__KIND_GRAPH) {
    if (image->size < ZTC__GRAPH_HEAD_SIZE)
      return ZTC_CORRUPT;
    at = ztc__load32(image->base, ZTC__GRAPH_ROOT);
    row = ztc__load32(image->base, ZTC__GRAPH_ROW);
    if (at < ZTC__GRAPH_HEAD_SIZE)
      return ZTC_CORRUPT;
  }
  ztc_status status = ztc__node_open(image, at, image->size, out);
  if (status == ZTC_OK && row != 0) {
    const ztc__node rows = *out;
    status = ztc__node_row(&rows, row - 1, out);
  }
  return status;
}

bool ztc__kind_fits(uint8_t kind, uint8_t type) {
  switch (type) {
    case ZTC_TYPE_LIST:
      return kind == ZTC__KIND_LIST || kind == ZTC__KIND_ROWS;
    case ZTC_TYPE_MAP:
      return kind == ZTC__KIND_MAP || kind == ZTC__KIND_DICT;
    case ZTC_TYPE_ARRAY:
      return kind == ZTC__KIND_ARRAY;
    case ZTC_TYPE_EXT:
      return kind == ZTC__KIND_EXT;
    default:
      return false;
  }
}

uint8_t ztc__type_of_kind(uint8_t kind) {
  switch (kind) {
    case ZTC__KIND_LIST:
    case ZTC__KIND_ROWS:
      return ZTC_TYPE_LIST;
    case ZTC__KIND_ARRAY:
      return ZTC_TYPE_ARRAY;
    case ZTC__KIND_EXT:
      return ZTC_TYPE_EXT;
    default:
      return ZTC_TYPE_MAP;
  }
}

ztc_status ztc__node_child(const ztc__image *image, const ztc__node *parent,
                           const ztc__entry *entry, ztc__node *out, bool *empty) {
  const uint32_t offset = (uint32_t)entry->slot;
  const uint32_t extent = (uint32_t)(entry->slot >> 32);
  *empty = extent == 0;
  if (extent == 0) {
    const bool may_be = entry->type == ZTC_TYPE_LIST || entry->type == ZTC_TYPE_MAP;
    return may_be && offset == 0 ? ZTC_OK : ZTC_CORRUPT;
  }
  const uint32_t room = parent->end - parent->at;
  if (offset < parent->data_at - parent->at || offset > room || extent > room - offset ||
      extent % 8 != 0) {
    return ZTC_CORRUPT;
  }
  const ztc_status status =
      ztc__node_open(image, parent->at + offset, parent->at + offset + extent, out);
  return status == ZTC_OK && !ztc__kind_fits(out->kind, entry->type) ? ZTC_CORRUPT : status;
}

ztc_status ztc__node_target(const ztc__image *image, const ztc__node *holder,
                            const ztc__entry *entry, ztc__node *out) {
  const uint32_t extent = (uint32_t)(entry->slot >> 32);
  const int64_t at = (int64_t)holder->at + (int32_t)(uint32_t)entry->slot;
  if (extent == 0 || at < 0 || at > (int64_t)image->size || extent > image->size - (uint64_t)at) {
    return ZTC_CORRUPT;
  }
  const ztc_status status = ztc__node_open(image, (uint32_t)at, (uint32_t)at + extent, out);
  if (status == ZTC_OK && (out->flags & ZTC__NODE_SHARED) == 0)
    return ZTC_CORRUPT;
  return status;
}

ztc_status ztc__entry_text(const ztc__entry *entry, uint32_t at, uint32_t end, ztc__text *out) {
  const uint32_t form = (uint32_t)(entry->slot >> ZTC__STRING_KIND_SHIFT);
  if (form == ZTC__STRING_FORM_INLINE) {
    const uint32_t top = (uint32_t)(entry->slot >> ZTC__INLINE_SIZE_SHIFT);
    *out = (ztc__text){.at = entry->slot_at, .size = top & 7, .kind = top >> 4 & 3};
    return (top & 8) != 0 || out->kind > ZTC_UTF8 ? ZTC_CORRUPT : ZTC_OK;
  }
  const uint32_t offset = (uint32_t)entry->slot;
  const uint32_t size = (uint32_t)(entry->slot >> ZTC__STRING_SIZE_SHIFT & ZTC__STRING_SIZE_MASK);
  if (offset > end - at || size > end - at - offset)
    return ZTC_CORRUPT;
  *out = (ztc__text){.at = at + offset, .size = size, .kind = form};
  return ZTC_OK;
}

ztc_status ztc__entry_bytes(const ztc__entry *entry, uint32_t at, uint32_t end, uint32_t *from,
                            uint32_t *size) {
  const uint32_t offset = (uint32_t)entry->slot;
  *size = (uint32_t)(entry->slot >> 32);
  *from = at + offset;
  return offset > end - at || *size > end - at - offset ? ZTC_CORRUPT : ZTC_OK;
}

static ztc_status dict_key(const ztc__image *image, const ztc__node *map, uint32_t i,
                           ztc_string *out) {
  const ztc__entry entry = ztc__node_key_entry(image, map, i);
  ztc__text text;
  const ztc_status status = ztc__entry_text(&entry, map->at, map->end, &text);
  if (status != ZTC_OK)
    return status;
  *out = (ztc_string){
      .data = ztc__address(image->base, text.at), .size = text.size, .encoding = text.kind};
  return ZTC_OK;
}

ztc_status ztc__map_key(const ztc__image *image, const ztc__node *map, uint32_t i,
                        ztc_string *out) {
  if (map->kind == ZTC__KIND_DICT)
    return dict_key(image, map, i, out);
  *out = ztc__schema_key(image->schema, map->shape->keys[i]);
  return ZTC_OK;
}

/* Compares with bytes that may be in the source, loading each once. */
static int compare_in_place(const ztc__image *image, const ztc__key *key, const ztc__text *text) {
  if (key->kind != text->kind || key->canonical_size != text->size) {
    return ztc__key_compare(key, text->kind, NULL, text->size);
  }
  uint8_t chunk[256];
  size_t at = 0;
  for (uint32_t done = 0; done < text->size; done += (uint32_t)sizeof chunk) {
    const uint32_t left = text->size - done;
    const uint32_t size = left < sizeof chunk ? left : (uint32_t)sizeof chunk;
    ztc__fetch(chunk, image->base, (uint64_t)text->at + done, size);
    const int order = ztc__key_compare_part(key, &at, chunk, size);
    if (order != 0)
      return order;
  }
  return 0;
}

ztc_status ztc__map_find(const ztc__image *image, const ztc__node *map, const ztc__key *key,
                         uint32_t *index) {
  if (map->kind == ZTC__KIND_MAP) {
    const uint32_t number = ztc__schema_find(image->schema, key);
    if (number == ZTC__NOT_FOUND)
      return ZTC_NO_SUCH_KEY;
    *index = ztc__shape_find(map->shape, number);
    return *index == ZTC__NOT_FOUND ? ZTC_NO_SUCH_KEY : ZTC_OK;
  }
  const uint64_t order = map->at + ZTC__NODE_HEADER_SIZE + 16ull * map->count;
  uint32_t low = 0, high = map->count;
  while (low < high) {
    const uint32_t middle = low + (high - low) / 2;
    const uint32_t i = ztc__load32(image->base, order + 4ull * middle);
    if (i >= map->count)
      return ZTC_CORRUPT;
    const ztc__entry entry = ztc__node_key_entry(image, map, i);
    ztc__text text;
    const ztc_status status = ztc__entry_text(&entry, map->at, map->end, &text);
    if (status != ZTC_OK)
      return status;
    const int comparison = compare_in_place(image, key, &text);
    if (comparison == 0) {
      *index = i;
      return ZTC_OK;
    }
    if (comparison > 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return ZTC_NO_SUCH_KEY;
}
