/* Nodes of a private copy (format document, section 3), each field checked against the copy. */
#ifndef ZT_DECODE_H
#define ZT_DECODE_H

#include "shape.h"

enum {
  ZT_MAP = 1,
  ZT_DICT = 2,
  ZT_LIST = 3,
  ZT_ARRAY = 4,
  ZT_EXT = 5,
  ZT_BOX = 6,
  ZT_GRAPH = 7,
  ZT_ROWS = 8
};
enum { ZT_CLOSED = 1, ZT_SHARED = 2, ZT_TYPES = 4 };
enum { ZT_TYPE_REF = 24 };
enum { ZT_NODE_HEADER = 8, ZT_SLOT = 8 };
enum { ZT_WORK_SMALL = 32, ZT_REPEATS = 64 /* as many bytes as the copy has */ };

typedef struct zt_node {
  uint32_t at;
  uint32_t end;
  uint32_t slots; /* first slot; of a row, its own */
  uint32_t types; /* type bytes, 0 if none */
  uint32_t data;  /* first byte behind slots, order and types */
  uint32_t count; /* values: entries, elements, rows */
  uint32_t arg;
  uint8_t kind;
  uint8_t flags;
  uint8_t elem;
  const zt_shape *shape;
} zt_node;

typedef struct zt_work {
  zt_node node;
  SV *to;
  uint32_t depth;
} zt_work;

/* Something to make an object of. The name lies in the copy. */
typedef struct zt_object {
  SV *sv; /* held */
  const char *name; /* NULL: it gets its class elsewhere */
  uint32_t size;
  bool utf8;
} zt_object;

typedef struct zt_decoder {
  zt_region *region;
  const uint8_t *copy;
  uint32_t size;
  /* Bytes that may still be decoded. A well-formed copy says each byte once; a hostile one might
     lead to the same bytes again and again. */
  uint64_t budget;
  /* Bytes that values referred to several times may still take, each time after the first: perl
     shares a string among 255 values, and not with more. */
  uint64_t repeats;
  ztc_status status;
  const char *reason;
  zt_seen shared; /* of SHARED nodes: address in the copy to value, each held by one count */
  AV *weak;
  /* What the root is made into, if it is a row: this one of the ROWS node at `row_list`. */
  HV *row;
  uint32_t row_list;
  uint32_t row_number;
  zt_work *work;
  size_t waiting;
  size_t room;
  zt_work small[ZT_WORK_SMALL];
  /* To be blessed when all is complete, so that no destructor sees less than a whole object. */
  zt_object *objects;
  size_t blessed;
  size_t object_room;
} zt_decoder;

static inline uint64_t zt_load64(const zt_decoder *d, uint32_t at) {
  uint64_t value;
  memcpy(&value, d->copy + at, sizeof value);
  return value;
}
static inline uint32_t zt_load32(const zt_decoder *d, uint32_t at) {
  uint32_t value;
  memcpy(&value, d->copy + at, sizeof value);
  return value;
}

/* Takes `bytes` off the budget. */
static inline bool zt_charge(zt_decoder *d, uint64_t bytes) {
  if (bytes > d->budget) return false;
  d->budget -= bytes;
  return true;
}

/* All return false, or 0, if the copy is not well formed. */
bool zt_node_open(pTHX_ zt_decoder *d, uint32_t at, uint32_t end, zt_node *out);
/* The container that an owned slot of this type leads to. */
bool zt_node_child(pTHX_ zt_decoder *d, const zt_node *parent, uint8_t type, uint64_t slot,
                   zt_node *out);
/* What a REF slot leads to. */
bool zt_node_target(pTHX_ zt_decoder *d, const zt_node *holder, uint64_t slot, zt_node *out);
/* The root; *row is its number + 1 if it is a row of a ROWS node. */
bool zt_node_root(pTHX_ zt_decoder *d, zt_node *out, uint32_t *row);
uint32_t zt_element_size(uint8_t type);
/* The bytes of a BYTES slot. */
bool zt_slot_bytes(zt_decoder *d, const zt_node *holder, uint64_t slot, const char **bytes,
                   uint32_t *size);

/* The bytes of a STRING slot. */
static inline bool zt_slot_text(zt_decoder *d, const zt_node *holder, uint64_t slot,
                                uint32_t slot_at, const char **text, uint32_t *size, bool *utf8) {
  const uint32_t form = (uint32_t)(slot >> 62);
  uint32_t kind = form;
  if (form == 3) {
    const uint32_t top = (uint32_t)(slot >> 56);
    if ((top & 8) != 0) return false;
    *size = top & 7;
    kind = top >> 4 & 3;
    *text = (const char *)d->copy + slot_at;
  } else {
    const uint32_t offset = (uint32_t)slot;
    *size = (uint32_t)(slot >> 32) & 0x3fffffff;
    if (offset > holder->end - holder->at || *size > holder->end - holder->at - offset) {
      return false;
    }
    *text = (const char *)d->copy + holder->at + offset;
    if (!zt_charge(d, *size)) return false;
  }
  *utf8 = kind == ZTC_UTF8;
  if (kind > ZTC_UTF8) return false;
  /* Perl trusts the bytes of a flagged string. */
  return !*utf8 || is_c9strict_utf8_string((const U8 *)*text, *size);
}

/* What a slot or node stands for: a plain value, or something to be referred to. */
enum { ZT_PLAIN = 0, ZT_REFERRED = 1, ZT_WEAK = 2 };

/* All of these return NULL after a failure, which the decoder then holds. */
SV *zt_fail(zt_decoder *d, ztc_status status, const char *reason);
SV *zt_corrupt(zt_decoder *d);
/* A STRING slot. */
SV *zt_text(pTHX_ zt_decoder *d, const zt_node *holder, uint64_t slot, uint32_t slot_at);
/* What a slot leads to, and how. */
SV *zt_target(pTHX_ zt_decoder *d, const zt_node *holder, uint8_t type, uint64_t slot,
              uint32_t slot_at, uint32_t depth, int *how);
/* The value for a slot of a container: a scalar, or a reference. */
SV *zt_value(pTHX_ zt_decoder *d, const zt_node *holder, uint8_t type, uint64_t slot,
             uint32_t slot_at, uint32_t depth);
SV *zt_ext_value(pTHX_ zt_decoder *d, const zt_node *ext, uint32_t depth, int *how);
/* Makes `sv` an object of this class at the end. NULL: somebody else does. */
void zt_bless_later(pTHX_ zt_decoder *d, SV *sv, const char *name, uint32_t size, bool utf8);
/* Fails if one is to be an object twice: known before any is. */
void zt_objects_check(zt_decoder *d);
/* Blesses them all, unless the decoder has failed, and lets go of them. */
void zt_objects_end(pTHX_ zt_decoder *d);
/* Fills `to` from the node later. */
void zt_wait(pTHX_ zt_decoder *d, const zt_node *node, SV *to, uint32_t depth);

static inline uint8_t zt_type_at(const zt_decoder *d, const zt_node *node, uint32_t i) {
  if (node->types != 0) return d->copy[node->types + i];
  return node->shape != NULL ? node->shape->types[i] : node->elem;
}

#endif
