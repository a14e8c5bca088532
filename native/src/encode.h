/*
 * Lays a complete tape out as an extent (format document, "Values"): one pass over the items, no
 * recursion, no allocation a value. An encoder has its own memory and reuses it. One thread.
 */
#ifndef ZTC_ENCODE_H
#define ZTC_ENCODE_H

#include "rows.h"
#include "tape.h"

/* Where a labelled node came to lie. */
typedef struct ztc__target {
  uint32_t start;
  uint32_t extent;
} ztc__target;

/* A reference whose target's extent is written at the end. */
typedef struct ztc__patch {
  uint64_t slot;
  uint32_t label;
} ztc__patch;

/* A node whose children are being laid out. */
typedef struct ztc__open_node {
  uint64_t start;
  uint64_t slot;        /* next one */
  uint64_t types;       /* where the next type byte goes, or 0 */
  uint64_t parent_slot; /* where this node is entered in its parent */
  int64_t least;        /* lowest start that a reference below leads to; -1 outside the extent */
  const ztc__map_key *keys; /* next one of a DICT, else NULL */
  uint32_t left;            /* children to come */
  uint32_t label;           /* number, or ZTC__NONE */
  bool rows;                /* its children are rows */
  bool row;                 /* no node of its own: a row of the node above */
} ztc__open_node;

ZTC__DEFINE_STACK(ztc__targets, ztc__target);
ZTC__DEFINE_STACK(ztc__patches, ztc__patch);

typedef struct ztc__encoder {
  ztc__buffer out; /* the extent */
  uint32_t root;   /* offset of its root node */
  bool closed;     /* no graph head */
  const ztc__tape *tape;
  uint64_t at; /* end of what is laid out */
  uint32_t next_label;
  ztc__use *next_use; /* of the tape */
  ztc__targets targets;
  ztc__patches patches;
  ztc__rows rows;
  uint32_t depth;
  ztc__open_node nodes[ZTC_MAX_DEPTH + 1]; /* and a box */
} ztc__encoder;

/*
 * Encodes a tape that ztc__tape_complete and ztc__tape_admit have passed, behind `head` bytes that
 * are left to the caller: a graph head, or nothing. Slots that use shared nodes hold ids. Errors go
 * to the tape: TOO_LARGE, NO_MEMORY.
 */
ztc_status ztc__encode(ztc__encoder *encoder, ztc__tape *tape, uint64_t head);
void ztc__encoder_free(ztc__encoder *encoder);

#endif
