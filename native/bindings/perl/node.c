#include "decode.h"

uint32_t zt_element_size(uint8_t type) {
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

static bool find_shape(pTHX_ zt_decoder *d, zt_node *node, uint32_t number) {
  if (number >= d->region->shape_count) return false;
  node->shape = zt_shape_get(aTHX_ d->region, number);
  return true;
}

bool zt_node_open(pTHX_ zt_decoder *d, uint32_t at, uint32_t end, zt_node *out) {
  if (at % 8 != 0 || end > d->size || at >= end || end - at < ZT_NODE_HEADER) return false;
  const uint64_t header = zt_load64(d, at);
  const uint32_t low = (uint32_t)header;
  out->at = at;
  out->end = end;
  out->slots = at + ZT_NODE_HEADER;
  out->types = 0;
  out->arg = (uint32_t)(header >> 32);
  out->count = out->arg;
  out->kind = (uint8_t)low;
  out->flags = (uint8_t)(low >> 8);
  out->elem = (uint8_t)(low >> 16);
  out->shape = NULL;
  const uint32_t elem_and_zero = low >> 16;
  if (out->flags > 7 || (elem_and_zero > 0xff && out->kind != ZT_ROWS)) return false;
  const bool explicit_types = (out->flags & ZT_TYPES) != 0;
  uint64_t prefix = 0;
  uint64_t types = explicit_types ? out->count : 0;
  switch (out->kind) {
    case ZT_MAP:
      if (!find_shape(aTHX_ d, out, out->arg)) return false;
      out->count = out->shape->count;
      prefix = ZT_SLOT * (uint64_t)out->count;
      types = explicit_types ? out->count : 0;
      break;
    case ZT_DICT:
      prefix = 20 * (uint64_t)out->count;
      break;
    case ZT_LIST:
      prefix = ZT_SLOT * (uint64_t)out->count;
      break;
    case ZT_ARRAY:
      if (zt_element_size(out->elem) == 0 || explicit_types) return false;
      prefix = out->count * (uint64_t)zt_element_size(out->elem);
      break;
    case ZT_EXT:
    case ZT_BOX:
      if (explicit_types) return false;
      out->count = 1;
      prefix = ZT_SLOT;
      break;
    case ZT_ROWS:
      if (out->count == 0 || !find_shape(aTHX_ d, out, elem_and_zero)) return false;
      if (out->shape->count == 0) return false;
      prefix = ZT_SLOT * (uint64_t)out->count * out->shape->count;
      types = explicit_types ? out->shape->count : 0;
      break;
    default:
      return false;
  }
  if (ZT_NODE_HEADER + prefix + types > end - at) return false;
  out->data = at + ZT_NODE_HEADER + (uint32_t)(prefix + types);
  if (explicit_types) out->types = out->data - (uint32_t)types;
  return true;
}

static bool fits(uint8_t kind, uint8_t type) {
  switch (type) {
    case ZTC_TYPE_LIST:
      return kind == ZT_LIST || kind == ZT_ROWS;
    case ZTC_TYPE_MAP:
      return kind == ZT_MAP || kind == ZT_DICT;
    case ZTC_TYPE_ARRAY:
      return kind == ZT_ARRAY;
    default:
      return kind == ZT_EXT;
  }
}

bool zt_node_child(pTHX_ zt_decoder *d, const zt_node *parent, uint8_t type, uint64_t slot,
                   zt_node *out) {
  const uint32_t offset = (uint32_t)slot, extent = (uint32_t)(slot >> 32);
  const uint32_t room = parent->end - parent->at;
  if (offset < parent->data - parent->at || offset > room || extent > room - offset ||
      extent % 8 != 0) {
    return false;
  }
  const uint32_t at = parent->at + offset;
  return zt_node_open(aTHX_ d, at, at + extent, out) && fits(out->kind, type);
}

bool zt_node_target(pTHX_ zt_decoder *d, const zt_node *holder, uint64_t slot, zt_node *out) {
  const uint32_t extent = (uint32_t)(slot >> 32);
  const int64_t at = (int64_t)holder->at + (int32_t)(uint32_t)slot;
  if (extent == 0 || at < 0 || at > (int64_t)d->size || extent > d->size - (uint64_t)at) {
    return false;
  }
  return zt_node_open(aTHX_ d, (uint32_t)at, (uint32_t)at + extent, out) &&
         (out->flags & ZT_SHARED) != 0;
}

bool zt_node_root(pTHX_ zt_decoder *d, zt_node *out, uint32_t *row) {
  enum { HEAD = 24, ROOT = 12, ROW = 20 };
  uint32_t at = 0;
  *row = 0;
  if (d->size < ZT_NODE_HEADER) return false;
  if (d->copy[0] == ZT_GRAPH) {
    if (d->size < HEAD) return false;
    at = zt_load32(d, ROOT);
    *row = zt_load32(d, ROW);
    if (at < HEAD) return false;
  }
  if (!zt_node_open(aTHX_ d, at, d->size, out)) return false;
  return *row == 0 || (out->kind == ZT_ROWS && *row <= out->count);
}

bool zt_slot_bytes(zt_decoder *d, const zt_node *holder, uint64_t slot, const char **bytes,
                   uint32_t *size) {
  const uint32_t offset = (uint32_t)slot;
  *size = (uint32_t)(slot >> 32);
  if (offset > holder->end - holder->at || *size > holder->end - holder->at - offset) return false;
  *bytes = (const char *)d->copy + holder->at + offset;
  return zt_charge(d, *size);
}
