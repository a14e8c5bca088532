#include "shared.h"

void ztc__shared_free(ztc__shared *shared) {
  ztc__shared_nodes_free(&shared->nodes);
  ztc__uses_free(&shared->uses);
  ztc__visits_free(&shared->visits);
}

bool ztc__shared_define(ztc__shared *shared, uint32_t id, const ztc__tape *tape, uint64_t place,
                        uint32_t length, uint32_t checksum) {
  if (!ztc__uses_reserve(&shared->uses, tape->uses.count))
    return false;
  ztc__shared_node *node = &shared->nodes.at[id];
  *node = (ztc__shared_node){.place = place,
                             .length = length,
                             .checksum = checksum,
                             .uses = shared->uses.count,
                             .use_count = tape->uses.count,
                             .depth = tape->max_depth,
                             .visit = node->visit};
  for (uint32_t i = 0; i < tape->uses.count; i++) {
    shared->uses.at[shared->uses.count++] = tape->uses.at[i];
  }
  return true;
}

typedef struct closure {
  ztc__shared *shared;
  ztc__tape *tape;
  uint32_t count;
  uint64_t size;
} closure;

/* Goes to `use`, which is inside `depth` containers of other extents, unless it was there. */
static ztc_status visit(closure *c, const ztc__use *use, uint32_t depth) {
  ztc__shared *shared = c->shared;
  ztc__shared_node *node = &shared->nodes.at[use->id];
  if (node->visit == shared->visit)
    return ZTC_OK;
  if (node->length == 0) {
    return ztc__tape_fail(c->tape, ZTC_WRONG_STATE,
                          "shared node %u is used here, but it is not defined yet", use->id);
  }
  node->visit = shared->visit;
  c->count++;
  c->size += node->length;
  if (c->size > ZTC_MAX_RECORD_SIZE) {
    return ztc__tape_fail(c->tape, ZTC_TOO_LARGE,
                          "it takes more than %llu bytes with the shared nodes that it uses",
                          (unsigned long long)ZTC_MAX_RECORD_SIZE);
  }
  depth += use->depth;
  if (depth + node->depth > ZTC_MAX_DEPTH) {
    return ztc__tape_fail(c->tape, ZTC_TOO_DEEP,
                          "more than %d containers inside each other, with those of shared node %u",
                          ZTC_MAX_DEPTH, use->id);
  }
  ztc__visit *next = ztc__visits_push(&shared->visits);
  if (next == NULL)
    return ztc__tape_no_memory(c->tape);
  *next = (ztc__visit){.id = use->id, .depth = depth};
  return ZTC_OK;
}

/* Follows the references of the nodes on the way until all are visited. */
static ztc_status follow(closure *c) {
  ztc__shared *shared = c->shared;
  while (shared->visits.count > 0) {
    ztc__visit *top = &shared->visits.at[shared->visits.count - 1];
    const ztc__shared_node *node = &shared->nodes.at[top->id];
    if (top->next == node->use_count) {
      shared->visits.count--;
      continue;
    }
    const ztc__use *use = &shared->uses.at[node->uses + top->next++];
    const ztc_status status = visit(c, use, top->depth);
    if (status != ZTC_OK)
      return status;
  }
  return ZTC_OK;
}

ztc_status ztc__shared_closure(ztc__shared *shared, ztc__tape *tape, uint64_t length,
                               uint32_t *count, uint32_t *flat_size) {
  closure c = {.shared = shared, .tape = tape, .size = length};
  if (++shared->visit == 0) {
    for (uint32_t i = 0; i < shared->nodes.count; i++)
      shared->nodes.at[i].visit = 0;
    shared->visit = 1;
  }
  shared->visits.count = 0;
  for (uint32_t i = 0; i < tape->uses.count; i++) {
    ztc_status status = visit(&c, &tape->uses.at[i], 0);
    if (status == ZTC_OK)
      status = follow(&c);
    if (status != ZTC_OK)
      return status;
  }
  *count = c.count;
  *flat_size = (uint32_t)c.size;
  return ZTC_OK;
}
