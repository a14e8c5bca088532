/*
 * Walking the nodes of an extent or of a copy. Every field is loaded once and checked against the
 * bounds of the image before it is used, so that no bytes, however hostile, lead outside.
 */
#ifndef ZTC_NODE_H
#define ZTC_NODE_H

#include <stdbool.h>
#include <stdint.h>

#include "format.h"
#include "load.h"
#include "schema.h"

/* Bytes that hold one value: a copy, or an extent in the source. */
typedef struct ztc__image {
  ztc__src base;
  const ztc_schema *schema;
  uint32_t size;
} ztc__image;

/* A node's header and layout, checked: all slots, types and order lie before `end`. */
typedef struct ztc__node {
  uint32_t at;
  uint32_t end;
  uint32_t slots_at; /* first slot; of a row, its own */
  uint32_t row;      /* of a row seen as a MAP: its number + 1, else 0 */
  uint32_t arg;
  uint32_t count;    /* list elements, map entries, array elements; 1 for EXT and BOX */
  uint32_t types_at; /* explicit type bytes; 0 if none */
  uint32_t data_at;  /* first byte behind header, slots, order and types */
  uint8_t kind;
  uint8_t flags;
  uint8_t elem;
  const ztc__shape *shape; /* of a MAP or ROWS */
} ztc__node;

/* One slot with its type. */
typedef struct ztc__entry {
  uint64_t slot;
  uint32_t slot_at;
  uint8_t type;
} ztc__entry;

/* Opens the node in [at, end) of the image. Returns CORRUPT if it is not a well-formed header. */
ztc_status ztc__node_open(const ztc__image *image, uint32_t at, uint32_t end, ztc__node *out);
/* The image's root, behind a graph head if there is one: a node, or a row seen as a MAP. */
ztc_status ztc__node_root(const ztc__image *image, ztc__node *out);
/* Row `i` of a ROWS node, as a MAP that begins and ends where the ROWS node does. */
ztc_status ztc__node_row(const ztc__node *rows, uint64_t i, ztc__node *out);
/* Column `column` of row `i`, for those who look at a ROWS node slot by slot. */
ztc__entry ztc__node_cell(const ztc__image *image, const ztc__node *rows, uint32_t i,
                          uint32_t column);
/* The child node that an owned LIST, MAP, ARRAY or EXT slot of `parent` leads to. Sets *empty
   instead for an empty list or map that has no node. */
ztc_status ztc__node_child(const ztc__image *image, const ztc__node *parent,
                           const ztc__entry *entry, ztc__node *out, bool *empty);
/* The target of a REF slot's local form. */
ztc_status ztc__node_target(const ztc__image *image, const ztc__node *holder,
                            const ztc__entry *entry, ztc__node *out);

/* Is this node's kind what a slot of `type` says? */
bool ztc__kind_fits(uint8_t kind, uint8_t type);
/* The type that a value stored as this kind of node has (BOX excepted). */
uint8_t ztc__type_of_kind(uint8_t kind);

/* Value slot `i` (< count) of any node but an ARRAY. */
static inline ztc__entry ztc__node_entry(const ztc__image *image, const ztc__node *node,
                                         uint32_t i) {
  ztc__entry entry;
  if (node->kind == ZTC__KIND_ROWS)
    return (ztc__entry){.type = ZTC__TYPE_ROW, .slot = i};
  const uint32_t index = node->kind == ZTC__KIND_DICT ? 2 * i + 1 : i;
  entry.slot_at = node->slots_at + index * ZTC__SLOT_SIZE;
  entry.slot = ztc__load64(image->base, entry.slot_at);
  if (node->types_at != 0) {
    entry.type = ztc__load8(image->base, node->types_at + i);
  } else {
    entry.type = node->shape != NULL ? node->shape->types[i] : node->elem;
  }
  return entry;
}

/* Key slot `i` (< count) of a DICT. */
static inline ztc__entry ztc__node_key_entry(const ztc__image *image, const ztc__node *node,
                                             uint32_t i) {
  ztc__entry entry = {.type = ZTC_TYPE_STRING,
                      .slot_at = node->at + ZTC__NODE_HEADER_SIZE + 2 * i * ZTC__SLOT_SIZE};
  entry.slot = ztc__load64(image->base, entry.slot_at);
  return entry;
}

/* The bytes of a STRING slot of the node at [at, end): offset in the image, size, kind. */
typedef struct ztc__text {
  uint32_t at;
  uint32_t size;
  uint32_t kind;
} ztc__text;
ztc_status ztc__entry_text(const ztc__entry *entry, uint32_t at, uint32_t end, ztc__text *out);
/* The same for a BYTES slot. */
ztc_status ztc__entry_bytes(const ztc__entry *entry, uint32_t at, uint32_t end, uint32_t *from,
                            uint32_t *size);

/* Key `i` of a map node. */
ztc_status ztc__map_key(const ztc__image *image, const ztc__node *map, uint32_t i, ztc_string *out);
/* Index of the entry with this key; NO_SUCH_KEY if there is none. */
ztc_status ztc__map_find(const ztc__image *image, const ztc__node *map, const ztc__key *key,
                         uint32_t *index);

#endif
