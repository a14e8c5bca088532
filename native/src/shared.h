/*
 * Nodes shared between records: which ids there are, where their extents wait, and what a copy of a
 * record takes in through them, which its graph head says. Memory grows with the number of shared
 * nodes and their references.
 */
#ifndef ZTC_SHARED_H
#define ZTC_SHARED_H

#include "tape.h"

typedef struct ztc__shared_node {
  uint64_t place;  /* in the side file and the section, in order of definition */
  uint32_t length; /* 0: reserved, but not defined */
  uint32_t checksum;
  uint32_t uses; /* first in `uses` */
  uint32_t use_count;
  uint32_t depth; /* containers inside each other in its extent */
  uint32_t visit; /* number of the last closure that came here */
  uint32_t root;  /* place of its root node in the copy of that closure's record */
} ztc__shared_node;

/* A shared node on the way of a closure. */
typedef struct ztc__visit {
  uint32_t id;
  uint32_t next; /* of its uses */
  uint32_t depth;
} ztc__visit;

ZTC__DEFINE_STACK(ztc__shared_nodes, ztc__shared_node);
ZTC__DEFINE_STACK(ztc__visits, ztc__visit);

/* A shared node in a copy, to be sorted. */
typedef struct ztc__placed {
  uint64_t place;
  uint32_t id;
} ztc__placed;
ZTC__DEFINE_STACK(ztc__placeds, ztc__placed);

typedef struct ztc__shared {
  ztc__shared_nodes nodes; /* by id */
  ztc__uses uses;
  ztc__visits visits;
  uint32_t visit;
  /* What the last closure took in. */
  ztc__placeds listed; /* by place */
  uint64_t listed_size;
  uint64_t listed_refs; /* references that these have among each other */
  uint64_t listed_runs; /* those that touch taken together */
} ztc__shared;

void ztc__shared_free(ztc__shared *shared);
/* Adds a definition: fills in all but `visit` and `root`. False: out of memory. */
bool ztc__shared_define(ztc__shared *shared, uint32_t id, const ztc__tape *tape, uint64_t place,
                        uint32_t length, uint32_t checksum);

/* Bytes of the graph head of the shared node on the tape, 0 if it is closed; and the head. */
uint64_t ztc__shared_head_size(const ztc__tape *tape);
void ztc__shared_put_head(const ztc__tape *tape, uint8_t *extent);

/*
 * What a copy of the record on `tape` takes in, and the size of the record's graph head. Visits
 * shared nodes as a reader does, depth first. O(references reached + nodes x log of them). Errors
 * go to the tape: WRONG_STATE (one is not defined), TOO_LARGE, TOO_DEEP, NO_MEMORY.
 */
ztc_status ztc__shared_closure(ztc__shared *shared, ztc__tape *tape, uint64_t *head);
/* Writes that head into the record's encoded extent, and resolves its references. TOO_LARGE. */
ztc_status ztc__shared_resolve(ztc__shared *shared, ztc__tape *tape, uint8_t *extent,
                               uint64_t length);

#endif
