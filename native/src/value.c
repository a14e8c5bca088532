/* Values of a copy: typed getters and access to children. */
#include "value.h"

#include <string.h>

ztc_status ztc__value_of_node(const ztc__image *image, const ztc__node *node, ztc__value *out) {
  if (node->kind == ZTC__KIND_BOX) {
    const ztc__entry entry = ztc__node_entry(image, node, 0);
    /* No reference, so that boxes cannot form a chain, or a loop. */
    if (entry.type > ZTC_TYPE_BYTES)
      return ZTC_CORRUPT;
    return ztc__value_of_entry(image, node, &entry, out);
  }
  *out = (ztc__value){.image = *image,
                      .at = node->at,
                      .end = node->end,
                      .slot = node->row,
                      .slot_at = node->slots_at,
                      .type = ztc__type_of_kind(node->kind),
                      .shared = (node->flags & ZTC__NODE_SHARED) != 0};
  return ZTC_OK;
}

ztc_status ztc__value_of_entry(const ztc__image *image, const ztc__node *node,
                               const ztc__entry *entry, ztc__value *out) {
  if (entry->type <= ZTC_TYPE_BYTES) {
    if (!ztc__scalar_is_valid(entry->type, entry->slot))
      return ZTC_CORRUPT;
    *out = (ztc__value){.image = *image,
                        .at = node->at,
                        .end = node->end,
                        .slot = entry->slot,
                        .slot_at = entry->slot_at,
                        .type = entry->type};
    return ZTC_OK;
  }
  ztc__node child;
  bool empty = false;
  ztc_status status;
  if (entry->type == ZTC__TYPE_ROW) {
    status = ztc__node_row(node, entry->slot, &child);
  } else if (entry->type == ZTC__TYPE_REF) {
    status = ztc__node_target(image, node, entry, &child);
  } else {
    status = ztc__node_child(image, node, entry, &child, &empty);
  }
  if (status != ZTC_OK)
    return status;
  if (!empty)
    return ztc__value_of_node(image, &child, out);
  *out = (ztc__value){.image = *image, .type = entry->type};
  return ZTC_OK;
}

ztc_status ztc__value_node(const ztc__value *value, ztc__node *out, bool *empty) {
  if (value->type < ZTC_TYPE_LIST)
    return ZTC_TYPE_MISMATCH;
  *empty = value->at == value->end;
  if (*empty)
    return ZTC_OK;
  ztc_status status = ztc__node_open(&value->image, value->at, value->end, out);
  if (status == ZTC_OK && value->slot != 0) {
    const ztc__node rows = *out;
    status = ztc__node_row(&rows, value->slot - 1, out);
  }
  return status;
}

ztc_status ztc_value_root(const void *copy, uint64_t size, const ztc_schema *schema,
                          ztc_value *out) {
  if (copy == NULL || schema == NULL || out == NULL || size > ZTC_MAX_RECORD_SIZE) {
    return ZTC_INVALID_ARGUMENT;
  }
  const ztc__image image = {.base = ztc__src_of(copy), .schema = schema, .size = (uint32_t)size};
  ztc__node root;
  const ztc_status status = ztc__node_root(&image, &root);
  if (status != ZTC_OK)
    return status;
  if (root.kind == ZTC__KIND_BOX && root.elem == ZTC__TYPE_REF) {
    const ztc__entry entry = ztc__node_entry(&image, &root, 0);
    return ztc__value_of_entry(&image, &root, &entry, ztc__value_out(out));
  }
  return ztc__value_of_node(&image, &root, ztc__value_out(out));
}

ztc_type ztc_value_type(const ztc_value *value) {
  return (ztc_type)ztc__value_in(value)->type;
}

uint64_t ztc_value_identity(const ztc_value *value, bool *shared) {
  const ztc__value *v = ztc__value_in(value);
  if (shared != NULL)
    *shared = v->shared;
  /* The first slot is behind a header and no two containers have the same. 0 means scalar (or an
     empty container without a node, which nothing else can lead to). */
  if (v->type < ZTC_TYPE_LIST || v->end == v->at)
    return 0;
  return (uint64_t)v->slot_at | (v->slot != 0); /* a list of rows begins where its first row does */
}

ztc_status ztc_value_bool(const ztc_value *value, bool *out) {
  const ztc__value *v = ztc__value_in(value);
  if (v->type != ZTC_TYPE_BOOL)
    return ZTC_TYPE_MISMATCH;
  *out = v->slot != 0;
  return ZTC_OK;
}

ztc_status ztc_value_i64(const ztc_value *value, int64_t *out) {
  const ztc__value *v = ztc__value_in(value);
  if (v->type < ZTC_TYPE_I8 || v->type > ZTC_TYPE_I64)
    return ZTC_TYPE_MISMATCH;
  *out = (int64_t)v->slot;
  return ZTC_OK;
}

/* Exact if the number has at most 53 significant bits. */
static bool exact_as_double(int64_t n) {
  uint64_t magnitude = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
  while (magnitude != 0 && (magnitude & 1) == 0)
    magnitude >>= 1;
  return magnitude < UINT64_C(1) << 53;
}

ztc_status ztc_value_f64(const ztc_value *value, double *out) {
  const ztc__value *v = ztc__value_in(value);
  if (v->type == ZTC_TYPE_F64) {
    memcpy(out, &v->slot, sizeof *out);
    return ZTC_OK;
  }
  if (v->type == ZTC_TYPE_F32) {
    const uint32_t bits = (uint32_t)v->slot;
    float narrow;
    memcpy(&narrow, &bits, sizeof narrow);
    *out = (double)narrow;
    return ZTC_OK;
  }
  if (v->type < ZTC_TYPE_I8 || v->type > ZTC_TYPE_I64)
    return ZTC_TYPE_MISMATCH;
  const int64_t n = (int64_t)v->slot;
  if (!exact_as_double(n))
    return ZTC_LOSSY;
  *out = (double)n;
  return ZTC_OK;
}

ztc_status ztc_value_string(const ztc_value *value, ztc_string *out) {
  const ztc__value *v = ztc__value_in(value);
  if (v->type != ZTC_TYPE_STRING)
    return ZTC_TYPE_MISMATCH;
  const ztc__entry entry = {.slot = v->slot, .slot_at = v->slot_at, .type = v->type};
  ztc__text text;
  const ztc_status status = ztc__entry_text(&entry, v->at, v->end, &text);
  if (status != ZTC_OK)
    return status;
  *out = (ztc_string){
      .data = ztc__address(v->image.base, text.at), .size = text.size, .encoding = text.kind};
  return ZTC_OK;
}

ztc_status ztc_value_bytes(const ztc_value *value, const void **data, uint64_t *size) {
  const ztc__value *v = ztc__value_in(value);
  if (v->type != ZTC_TYPE_BYTES)
    return ZTC_TYPE_MISMATCH;
  const ztc__entry entry = {.slot = v->slot, .slot_at = v->slot_at, .type = v->type};
  uint32_t from, length;
  const ztc_status status = ztc__entry_bytes(&entry, v->at, v->end, &from, &length);
  if (status != ZTC_OK)
    return status;
  *data = ztc__address(v->image.base, from);
  *size = length;
  return ZTC_OK;
}

ztc_status ztc_value_array(const ztc_value *value, ztc_type *element, const void **data,
                           uint64_t *count) {
  const ztc__value *v = ztc__value_in(value);
  if (v->type != ZTC_TYPE_ARRAY)
    return ZTC_TYPE_MISMATCH;
  ztc__node node;
  bool empty;
  const ztc_status status = ztc__value_node(v, &node, &empty);
  if (status != ZTC_OK)
    return status;
  *element = (ztc_type)node.elem;
  *data = ztc__address(v->image.base, node.at + ZTC__NODE_HEADER_SIZE);
  *count = node.count;
  return ZTC_OK;
}

ztc_status ztc_value_ext(const ztc_value *value, uint32_t *id, ztc_value *payload) {
  const ztc__value *v = ztc__value_in(value);
  if (v->type != ZTC_TYPE_EXT)
    return ZTC_TYPE_MISMATCH;
  ztc__node node;
  bool empty;
  const ztc_status status = ztc__value_node(v, &node, &empty);
  if (status != ZTC_OK)
    return status;
  *id = node.arg;
  const ztc__entry entry = ztc__node_entry(&v->image, &node, 0);
  const ztc__image image = v->image;
  return ztc__value_of_entry(&image, &node, &entry, ztc__value_out(payload));
}

ztc_status ztc_value_count(const ztc_value *value, uint64_t *out) {
  const ztc__value *v = ztc__value_in(value);
  if (v->type < ZTC_TYPE_LIST || v->type == ZTC_TYPE_EXT)
    return ZTC_TYPE_MISMATCH;
  ztc__node node;
  bool empty;
  const ztc_status status = ztc__value_node(v, &node, &empty);
  if (status == ZTC_OK)
    *out = empty ? 0 : node.count;
  return status;
}

/* Opens a container of this type that has an entry `index`. */
static ztc_status open_at(const ztc_value *value, uint8_t type, uint64_t index, ztc__node *node) {
  const ztc__value *v = ztc__value_in(value);
  if (v->type != type)
    return ZTC_TYPE_MISMATCH;
  bool empty;
  const ztc_status status = ztc__value_node(v, node, &empty);
  if (status != ZTC_OK)
    return status;
  return empty || index >= node->count ? ZTC_OUT_OF_RANGE : ZTC_OK;
}

static ztc_status child_at(const ztc_value *parent, const ztc__node *node, uint32_t index,
                           ztc_value *out) {
  const ztc__image image = ztc__value_in(parent)->image; /* out may be parent */
  const ztc__entry entry = ztc__node_entry(&image, node, index);
  return ztc__value_of_entry(&image, node, &entry, ztc__value_out(out));
}

ztc_status ztc_list_at(const ztc_value *list, uint64_t index, ztc_value *out) {
  ztc__node node;
  const ztc_status status = open_at(list, ZTC_TYPE_LIST, index, &node);
  return status == ZTC_OK ? child_at(list, &node, (uint32_t)index, out) : status;
}

ztc_status ztc_map_at(const ztc_value *map, uint64_t index, ztc_string *key, ztc_value *out) {
  ztc__node node;
  ztc_status status = open_at(map, ZTC_TYPE_MAP, index, &node);
  if (status != ZTC_OK)
    return status;
  status = ztc__map_key(&ztc__value_in(map)->image, &node, (uint32_t)index, key);
  return status == ZTC_OK ? child_at(map, &node, (uint32_t)index, out) : status;
}

ztc_status ztc_map_get(const ztc_value *map, const char *key, size_t size, ztc_encoding encoding,
                       ztc_value *out) {
  ztc__node node;
  ztc_status status = open_at(map, ZTC_TYPE_MAP, 0, &node);
  if (status != ZTC_OK)
    return status == ZTC_OUT_OF_RANGE ? ZTC_NO_SUCH_KEY : status;
  ztc__key wanted;
  if (!ztc__key_init(&wanted, key, size, encoding))
    return ZTC_NO_SUCH_KEY;
  uint32_t index;
  status = ztc__map_find(&ztc__value_in(map)->image, &node, &wanted, &index);
  return status == ZTC_OK ? child_at(map, &node, index, out) : status;
}
