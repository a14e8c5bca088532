/*
 * Nodes of a private copy (format document, section 3), for bindings that build values of their
 * host. Each field is checked against the copy before it is used.
 */
#ifndef ZTB_COPY_H
#define ZTB_COPY_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <ztc/ztc.h>

enum { ZTB_MAP = 1, ZTB_DICT, ZTB_LIST, ZTB_ARRAY, ZTB_EXT, ZTB_BOX, ZTB_GRAPH, ZTB_ROWS };
enum { ZTB_SHARED = 2, ZTB_TYPES = 4 };
enum { ZTB_TYPE_REF = 24 };
enum { ZTB_NODE_HEADER = 8, ZTB_SLOT = 8 };

typedef struct ztb_shape {
  uint32_t count;
  uint32_t number;
  const uint8_t *types; /* default types; in the schema's image, like the key numbers */
  const uint8_t *keys;
} ztb_shape;

/* A region's schema: constant after ztb_schema_read, and of no more than its image's life. */
typedef struct ztb_schema {
  const uint8_t *image;
  uint32_t key_count;
  uint32_t shape_count;
  ztb_shape *shapes;
} ztb_schema;

typedef struct ztb_text {
  const char *data;
  uint32_t size;
  uint32_t kind; /* ZTC_ASCII, ZTC_LATIN1 or ZTC_UTF8; the bytes are not checked against it */
} ztb_text;

/* False: out of memory. The image was checked when its region was opened. */
bool ztb_schema_read(ztb_schema *schema, const ztc_schema *source);
void ztb_schema_free(ztb_schema *schema);
ztb_text ztb_schema_key(const ztb_schema *schema, uint32_t number);
static inline uint32_t ztb_shape_key(const ztb_shape *shape, uint32_t i) {
  uint32_t number;
  memcpy(&number, shape->keys + 4 * (uint64_t)i, sizeof number);
  return number;
}

/* A container, or a row of one: then slots and count are the row's. */
typedef struct ztb_node {
  uint32_t at;
  uint32_t end;
  uint32_t slots; /* the first one */
  uint32_t data;  /* first byte behind slots, order and types */
  uint32_t count; /* values: entries, elements, rows */
  uint32_t arg;
  uint8_t kind;
  uint8_t flags;
  uint8_t elem;
  const uint8_t *types; /* one for each value (of a row); NULL: all are of type `elem` */
  const ztb_shape *shape;
} ztb_node;

typedef struct ztb_copy {
  const uint8_t *bytes;
  uint32_t size;
  /* Bytes that may still be visited. A well-formed copy says each byte once; a hostile one might
     lead to the same bytes again and again. */
  uint64_t budget;
  const ztb_schema *schema;
} ztb_copy;

/* ------------------------------------------------------------------- nodes; false: corrupt -- */

bool ztb_node_open(const ztb_copy *copy, uint32_t at, uint32_t end, ztb_node *out);
/* The root; *row is its number + 1 if the root is a row of that ROWS node, else 0. */
bool ztb_node_root(const ztb_copy *copy, ztb_node *out, uint32_t *row);
/* The container that an owned slot of this type leads to. */
bool ztb_node_child(const ztb_copy *copy, const ztb_node *parent, uint8_t type, uint64_t slot,
                    ztb_node *out);
/* What a REF slot leads to. */
bool ztb_node_target(const ztb_copy *copy, const ztb_node *holder, uint64_t slot, ztb_node *out);
/* Row `i` of a ROWS node, as a MAP: but its offsets still count from the start of the ROWS node. */
void ztb_node_row(const ztb_node *rows, uint32_t i, ztb_node *out);
/* Bytes of an element of a typed array; 0 if the type is none of an element. */
uint32_t ztb_element_size(uint8_t type);
/* Finds a key of a DICT by its `order`: the entry's number, or -1. The text is in its narrowest
   kind. */
int64_t ztb_dict_find(const ztb_copy *copy, const ztb_node *dict, const ztb_text *key);

/* --------------------------------------------------------------------------------- slots -- */

static inline uint64_t ztb_load64(const ztb_copy *copy, uint32_t at) {
  uint64_t value;
  memcpy(&value, copy->bytes + at, sizeof value);
  return value;
}

static inline uint32_t ztb_load32(const ztb_copy *copy, uint32_t at) {
  uint32_t value;
  memcpy(&value, copy->bytes + at, sizeof value);
  return value;
}

/* Where the slot of value `i` lies. */
static inline uint32_t ztb_slot_at(const ztb_node *node, uint32_t i) {
  return node->slots + (node->kind == ZTB_DICT ? 2 * i + 1 : i) * ZTB_SLOT;
}

static inline uint8_t ztb_type_at(const ztb_node *node, uint32_t i) {
  return node->types != NULL ? node->types[i] : node->elem;
}

static inline double ztb_f32(uint64_t slot) {
  const uint32_t bits = (uint32_t)slot;
  float value;
  memcpy(&value, &bits, sizeof value);
  return (double)value;
}

static inline double ztb_f64(uint64_t slot) {
  double value;
  memcpy(&value, &slot, sizeof value);
  return value;
}

/* Takes `bytes` off the budget; false when it is used up. */
static inline bool ztb_charge(ztb_copy *copy, uint64_t bytes) {
  if (bytes > copy->budget)
    return false;
  copy->budget -= bytes;
  return true;
}

/* The bytes of a STRING slot, which lies at `slot_at`. */
static inline bool ztb_slot_text(ztb_copy *copy, const ztb_node *holder, uint64_t slot,
                                 uint32_t slot_at, ztb_text *out) {
  const uint32_t form = (uint32_t)(slot >> 62);
  if (form == 3) {
    const uint32_t top = (uint32_t)(slot >> 56);
    out->size = top & 7;
    out->kind = top >> 4 & 3;
    out->data = (const char *)copy->bytes + slot_at;
    return (top & 8) == 0 && out->kind <= ZTC_UTF8;
  }
  const uint32_t offset = (uint32_t)slot, room = holder->end - holder->at;
  out->size = (uint32_t)(slot >> 32) & 0x3fffffff;
  out->kind = form;
  if (offset > room || out->size > room - offset)
    return false;
  out->data = (const char *)copy->bytes + holder->at + offset;
  return ztb_charge(copy, out->size);
}

/* The bytes of a BYTES slot. */
static inline bool ztb_slot_bytes(ztb_copy *copy, const ztb_node *holder, uint64_t slot,
                                  const char **bytes, uint32_t *size) {
  const uint32_t offset = (uint32_t)slot, room = holder->end - holder->at;
  *size = (uint32_t)(slot >> 32);
  if (offset > room || *size > room - offset)
    return false;
  *bytes = (const char *)copy->bytes + holder->at + offset;
  return ztb_charge(copy, *size);
}

#endif
