/*
 * Nodes shared between records: which ids there are, where their extents wait, and what a copy of a
 * record takes in through them. Memory grows with the number of shared nodes and their references.
 */
#ifndef ZTC_SHARED_H
#define ZTC_SHARED_H

#include "tape.h"

typedef struct ztc__shared_node {
  uint64_t place;  /* in the side file, in order of definition */
  uint32_t length; /* 0: reserved, but not defined */
  uint32_t checksum;
  uint32_t uses; /* first in `uses` */
  uint32_t use_count;
  uint32_t depth; /* containers inside each other in its extent */
  uint32_t visit; /* number of the last closure that came here */
} ztc__shared_node;

/* A shared node on the way of a closure. */
typedef struct ztc__visit {
  uint32_t id;
  uint32_t next; /* of its uses */
  uint32_t depth;
} ztc__visit;

ZTC__DEFINE_STACK(ztc__shared_nodes, ztc__shared_node);
ZTC__DEFINE_STACK(ztc__visits, ztc__visit);

typedef struct ztc__shared {
  ztc__shared_nodes nodes; /* by id */
  ztc__uses uses;
  ztc__visits visits;
  uint32_t visit;
} ztc__shared;

void ztc__shared_free(ztc__shared *shared);
/* Adds a definition: fills in all but `visit`. False: out of memory. */
bool ztc__shared_define(ztc__shared *shared, uint32_t id, const ztc__tape *tape, uint64_t place,
                        uint32_t length, uint32_t checksum);

/*
 * What a copy of the record on `tape` takes in: its number of distinct shared nodes, and their
 * bytes and `length` together. Visits them as a reader does, depth first. O(references reached).
 * Errors go to the tape: WRONG_STATE (one is not defined), TOO_LARGE, TOO_DEEP, NO_MEMORY.
 */
ztc_status ztc__shared_closure(ztc__shared *shared, ztc__tape *tape, uint64_t length,
                               uint32_t *count, uint32_t *flat_size);

#endif
