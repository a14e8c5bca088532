/* The forwarding table of a graph copy: shared id -> place in the copy. */
#ifndef ZTC_WORKSPACE_H
#define ZTC_WORKSPACE_H

#include <stdint.h>

#include "ztc/ztc.h"

enum { ZTC__STACK_ENTRIES = 256 };

/* One shared extent of a copy. `place` 0 marks a free slot: place 0 is always the record itself. */
typedef struct ztc__forward {
  uint64_t offset; /* in the region */
  uint32_t id;
  uint32_t place; /* in the copy */
  uint32_t size;
  uint32_t root; /* offset of the root node in the extent */
} ztc__forward;

struct ztc_workspace {
  uint64_t entries;    /* shared nodes that fit */
  ztc__forward *slots; /* 2 x the next power of two */
  uint32_t *queue;     /* slots of the extents, in the order in which they are appended */
};

/* Slots of a table for `entries` nodes: a power of two, at most half full. */
static inline uint64_t ztc__forward_slots(uint64_t entries) {
  uint64_t slots = 2;
  while (slots < 2 * entries)
    slots *= 2;
  return slots;
}

#endif
