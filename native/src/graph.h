/* Copying a record that references shared nodes. */
#ifndef ZTC_GRAPH_H
#define ZTC_GRAPH_H

#include "region.h"
#include "workspace.h"

/* A graph head (3.8), loaded once and checked against its extent. */
typedef struct ztc__graph_head {
  uint32_t shared_count;
  uint32_t flat_size;
  uint32_t root;
  uint32_t ref_count;
} ztc__graph_head;

/* Reads the head of an extent of `size` bytes at `at`. CORRUPT if it is none or does not fit. */
ztc_status ztc__graph_head_load(ztc__src source, uint64_t at, uint64_t size, ztc__graph_head *out);

/*
 * The same for a record, whose claims about its copy must be possible in this region: each shared
 * extent is copied once, so that neither the copy nor the table for it can need more than there is.
 */
ztc_status ztc__graph_record_head(const ztc_region *region, const ztc__extent *record,
                                  ztc__graph_head *out);

/* Where the copy put things, for callers that look for one of them afterwards. */
typedef struct ztc__graph_result {
  uint64_t size; /* bytes of the copy, or needed, or entries needed (NEED_WORKSPACE) */
  const ztc__forward *slots;
  uint64_t mask;
} ztc__graph_result;

/* The place of shared extent `id` in a finished copy; 0 if it is not part of it. */
uint32_t ztc__graph_place(const ztc__graph_result *result, uint32_t id);

/*
 * Copies `record` and all that it references to dst. `stack` serves when workspace is NULL; its
 * content need not be initialised.
 */
typedef struct ztc__graph_stack {
  ztc__forward slots[2 * ZTC__STACK_ENTRIES];
  uint32_t queue[ZTC__STACK_ENTRIES + 1];
} ztc__graph_stack;

ztc_status ztc__graph_copy(const ztc_region *region, const ztc__extent *record, uint8_t *dst,
                           uint64_t capacity, ztc_workspace *workspace, ztc__graph_stack *stack,
                           ztc__graph_result *result);

#endif
