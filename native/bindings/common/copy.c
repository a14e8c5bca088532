#include "copy.h"

#include <stdlib.h>

enum { SCHEMA_HEADER = 16 };

static inline uint32_t load32(const uint8_t *p) {
  uint32_t value;
  memcpy(&value, p, sizeof value);
  return value;
}

/* -------------------------------------------------------------------------------- schema -- */

bool ztb_schema_read(ztb_schema *schema, const ztc_schema *source) {
  const void *image;
  uint64_t size;
  ztc_schema_image(source, &image, &size);
  schema->image = image;
  schema->key_count = load32(schema->image);
  schema->shape_count = load32(schema->image + 4);
  schema->shapes = calloc((size_t)schema->shape_count + 1, sizeof *schema->shapes);
  if (schema->shapes == NULL)
    return false;
  const uint8_t *entry = schema->image + SCHEMA_HEADER + 8 * (uint64_t)schema->key_count;
  for (uint32_t i = 0; i < schema->shape_count; i++, entry += 8) {
    ztb_shape *shape = &schema->shapes[i];
    shape->number = i;
    shape->count = load32(entry + 4);
    shape->keys = schema->image + load32(entry);
    shape->types = shape->keys + 4 * (uint64_t)shape->count;
  }
  return true;
}

void ztb_schema_free(ztb_schema *schema) {
  free(schema->shapes);
  schema->shapes = NULL;
}

ztb_text ztb_schema_key(const ztb_schema *schema, uint32_t number) {
  const uint8_t *entry = schema->image + SCHEMA_HEADER + 8 * (uint64_t)number;
  const uint32_t tagged = load32(entry + 4);
  return (ztb_text){.data = (const char *)schema->image + load32(entry),
                    .size = tagged & 0x3fffffff,
                    .kind = tagged >> 30};
}

/* --------------------------------------------------------------------------------- nodes -- */

uint32_t ztb_element_size(uint8_t type) {
  switch (type) {
    case ZTC_TYPE_I8:
      return 1;
    case ZTC_TYPE_I16:
      return 2;
    case ZTC_TYPE_I32:
    case ZTC_TYPE_F32:
      return 4;
    case ZTC_TYPE_I64:
    case ZTC_TYPE_F64:
      return 8;
    default:
      return 0;
  }
}

/* A shaped node: its values' number and default types. */
static bool take_shape(const ztb_copy *copy, ztb_node *node, uint32_t number) {
  if (number >= copy->schema->shape_count)
    return false;
  node->shape = &copy->schema->shapes[number];
  node->types = node->shape->types;
  return true;
}

bool ztb_node_open(const ztb_copy *copy, uint32_t at, uint32_t end, ztb_node *out) {
  if (at % 8 != 0 || end > copy->size || at >= end || end - at < ZTB_NODE_HEADER)
    return false;
  const uint64_t header = ztb_load64(copy, at);
  const uint32_t low = (uint32_t)header;
  *out = (ztb_node){.at = at,
                    .end = end,
                    .slots = at + ZTB_NODE_HEADER,
                    .count = (uint32_t)(header >> 32),
                    .arg = (uint32_t)(header >> 32),
                    .kind = (uint8_t)low,
                    .flags = (uint8_t)(low >> 8),
                    .elem = (uint8_t)(low >> 16)};
  if (out->flags > 7 || (out->kind != ZTB_ROWS && low >> 24 != 0))
    return false;
  const bool explicit_types = (out->flags & ZTB_TYPES) != 0;
  uint64_t body = 0, types = out->count;
  switch (out->kind) {
    case ZTB_MAP:
      if (!take_shape(copy, out, out->arg))
        return false;
      out->count = out->shape->count;
      types = out->count;
      body = ZTB_SLOT * (uint64_t)out->count;
      break;
    case ZTB_DICT:
      body = (2 * ZTB_SLOT + 4) * (uint64_t)out->count;
      break;
    case ZTB_LIST:
      body = ZTB_SLOT * (uint64_t)out->count;
      break;
    case ZTB_ARRAY:
      if (ztb_element_size(out->elem) == 0 || explicit_types)
        return false;
      body = out->count * (uint64_t)ztb_element_size(out->elem);
      break;
    case ZTB_EXT:
    case ZTB_BOX:
      if (explicit_types)
        return false;
      out->count = 1;
      body = ZTB_SLOT;
      break;
    case ZTB_ROWS:
      if (!take_shape(copy, out, low >> 16) || out->shape->count == 0)
        return false;
      types = out->shape->count;
      body = ZTB_SLOT * (uint64_t)out->count * out->shape->count;
      break;
    default:
      return false;
  }
  const uint64_t prefix = ZTB_NODE_HEADER + body + (explicit_types ? types : 0);
  if (prefix > end - at)
    return false;
  out->data = at + (uint32_t)prefix;
  if (explicit_types)
    out->types = copy->bytes + out->data - types;
  return true;
}

void ztb_node_row(const ztb_node *rows, uint32_t i, ztb_node *out) {
  ztb_node row = *rows;
  row.kind = ZTB_MAP;
  row.flags &= (uint8_t)~ZTB_SHARED; /* the list's, not the row's */
  row.count = rows->shape->count;
  row.slots = rows->slots + i * row.count * ZTB_SLOT;
  *out = row;
}

static bool fits(uint8_t kind, uint8_t type) {
  switch (type) {
    case ZTC_TYPE_LIST:
      return kind == ZTB_LIST || kind == ZTB_ROWS;
    case ZTC_TYPE_MAP:
      return kind == ZTB_MAP || kind == ZTB_DICT;
    case ZTC_TYPE_ARRAY:
      return kind == ZTB_ARRAY;
    default:
      return kind == ZTB_EXT;
  }
}

bool ztb_node_child(const ztb_copy *copy, const ztb_node *parent, uint8_t type, uint64_t slot,
                    ztb_node *out) {
  const uint32_t offset = (uint32_t)slot, extent = (uint32_t)(slot >> 32);
  const uint32_t room = parent->end - parent->at;
  if (offset < parent->data - parent->at || offset > room || extent > room - offset ||
      extent % 8 != 0) {
    return false;
  }
  const uint32_t at = parent->at + offset;
  return ztb_node_open(copy, at, at + extent, out) && fits(out->kind, type);
}

bool ztb_node_target(const ztb_copy *copy, const ztb_node *holder, uint64_t slot, ztb_node *out) {
  const uint32_t extent = (uint32_t)(slot >> 32);
  const int64_t at = (int64_t)holder->at + (int32_t)(uint32_t)slot;
  if (extent == 0 || at < 0 || at > (int64_t)copy->size || extent > copy->size - (uint64_t)at) {
    return false;
  }
  return ztb_node_open(copy, (uint32_t)at, (uint32_t)at + extent, out) &&
         (out->flags & ZTB_SHARED) != 0;
}

bool ztb_node_root(const ztb_copy *copy, ztb_node *out, uint32_t *row) {
  enum { HEAD = 24, ROOT = 12, ROW = 20 };
  uint32_t at = 0;
  *row = 0;
  if (copy->size < ZTB_NODE_HEADER)
    return false;
  if (copy->bytes[0] == ZTB_GRAPH) {
    if (copy->size < HEAD)
      return false;
    at = ztb_load32(copy, ROOT);
    *row = ztb_load32(copy, ROW);
    if (at < HEAD)
      return false;
  }
  if (!ztb_node_open(copy, at, copy->size, out))
    return false;
  return *row == 0 || (out->kind == ZTB_ROWS && *row <= out->count);
}

/* ----------------------------------------------------------------------------- look-ups -- */

static int compare(const ztb_text *a, const ztb_text *b) {
  if (a->kind != b->kind)
    return a->kind < b->kind ? -1 : 1;
  if (a->size != b->size)
    return a->size < b->size ? -1 : 1;
  return memcmp(a->data, b->data, a->size);
}

int64_t ztb_dict_find(const ztb_copy *copy, const ztb_node *dict, const ztb_text *key) {
  ztb_copy uncharged = *copy;
  const uint32_t order = dict->slots + 2 * dict->count * ZTB_SLOT;
  uint32_t low = 0, high = dict->count;
  while (low < high) {
    const uint32_t middle = low + (high - low) / 2;
    const uint32_t entry = ztb_load32(copy, order + 4 * middle);
    if (entry >= dict->count)
      return -1;
    const uint32_t at = dict->slots + 2 * entry * ZTB_SLOT;
    ztb_text found;
    uncharged.budget = copy->size;
    if (!ztb_slot_text(&uncharged, dict, ztb_load64(copy, at), at, &found))
      return -1;
    const int order_of = compare(key, &found);
    if (order_of == 0)
      return entry;
    if (order_of < 0) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return -1;
}
