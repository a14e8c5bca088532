#include "shared.h"

void ztc__shared_free(ztc__shared *shared) {
  ztc__shared_nodes_free(&shared->nodes);
  ztc__uses_free(&shared->uses);
  ztc__visits_free(&shared->visits);
  ztc__placeds_free(&shared->listed);
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

static void put_head(uint8_t *extent, uint32_t shared_count, uint64_t flat_size, uint64_t root,
                     uint64_t refs) {
  ztc__store64(extent, ZTC__KIND_GRAPH | (uint64_t)shared_count << 32);
  ztc__store64(extent + ZTC__GRAPH_FLAT_SIZE, flat_size | root << 32);
  ztc__store64(extent + ZTC__GRAPH_REF_COUNT, refs); /* and row 0 */
}

/* Offset of the root in a shared extent with so many references to others. */
static uint32_t root_offset(uint32_t refs) {
  return refs == 0 ? 0 : ZTC__GRAPH_HEAD_SIZE + ZTC__GRAPH_REF_SIZE * refs;
}

uint64_t ztc__shared_head_size(const ztc__tape *tape) {
  return root_offset(tape->uses.count);
}

void ztc__shared_put_head(const ztc__tape *tape, uint8_t *extent) {
  const ztc__uses *uses = &tape->uses;
  put_head(extent, 0, 0, root_offset(uses->count), uses->count);
  uint8_t *ref = extent + ZTC__GRAPH_HEAD_SIZE;
  for (uint32_t i = 0; i < uses->count; i++, ref += ZTC__GRAPH_REF_SIZE)
    ztc__store64(ref, uses->at[i].node | (uint64_t)uses->at[i].slot << 32);
}

static ztc_status too_large(ztc__tape *tape) {
  return ztc__tape_fail(tape, ZTC_TOO_LARGE,
                        "it takes more than %llu bytes with the shared nodes that it uses",
                        (unsigned long long)ZTC_MAX_RECORD_SIZE);
}

/* Goes to `use`, which is inside `depth` containers of other extents, unless it was there. */
static ztc_status visit(ztc__shared *shared, ztc__tape *tape, const ztc__use *use, uint32_t depth) {
  ztc__shared_node *node = &shared->nodes.at[use->id];
  if (node->visit == shared->visit)
    return ZTC_OK;
  if (node->length == 0) {
    return ztc__tape_fail(tape, ZTC_WRONG_STATE,
                          "shared node %u is used here, but it is not defined yet", use->id);
  }
  node->visit = shared->visit;
  shared->listed_size += node->length;
  shared->listed_refs += node->use_count;
  if (shared->listed_size > ZTC_MAX_RECORD_SIZE)
    return too_large(tape);
  depth += use->depth;
  if (depth + node->depth > ZTC_MAX_DEPTH) {
    return ztc__tape_fail(tape, ZTC_TOO_DEEP,
                          "more than %d containers inside each other, with those of shared node %u",
                          ZTC_MAX_DEPTH, use->id);
  }
  ztc__placed *listed = ztc__placeds_push(&shared->listed);
  ztc__visit *next = ztc__visits_push(&shared->visits);
  if (listed == NULL || next == NULL)
    return ztc__tape_no_memory(tape);
  *listed = (ztc__placed){.place = node->place, .id = use->id};
  *next = (ztc__visit){.id = use->id, .depth = depth};
  return ZTC_OK;
}

/* Follows the references of the nodes on the way until all are visited. */
static ztc_status follow(ztc__shared *shared, ztc__tape *tape) {
  while (shared->visits.count > 0) {
    ztc__visit *top = &shared->visits.at[shared->visits.count - 1];
    const ztc__shared_node *node = &shared->nodes.at[top->id];
    if (top->next == node->use_count) {
      shared->visits.count--;
      continue;
    }
    const ztc__use *use = &shared->uses.at[node->uses + top->next++];
    const ztc_status status = visit(shared, tape, use, top->depth);
    if (status != ZTC_OK)
      return status;
  }
  return ZTC_OK;
}

static int by_place(const void *a, const void *b) {
  const uint64_t x = ((const ztc__placed *)a)->place, y = ((const ztc__placed *)b)->place;
  return (x > y) - (x < y);
}

/* Where the run ends that begins with number *i of the list; *i goes on to the next one. */
static uint64_t end_of_run(const ztc__shared *shared, uint32_t *i) {
  const ztc__placeds *listed = &shared->listed;
  uint64_t end = listed->at[*i].place;
  while (*i < listed->count && listed->at[*i].place == end)
    end += shared->nodes.at[listed->at[(*i)++].id].length;
  return end;
}

ztc_status ztc__shared_closure(ztc__shared *shared, ztc__tape *tape, uint64_t *head) {
  if (++shared->visit == 0) {
    for (uint32_t i = 0; i < shared->nodes.count; i++)
      shared->nodes.at[i].visit = 0;
    shared->visit = 1;
  }
  shared->visits.count = 0;
  shared->listed.count = 0;
  shared->listed_size = shared->listed_refs = shared->listed_runs = 0;
  *head = 0;
  for (uint32_t i = 0; i < tape->uses.count; i++) {
    ztc_status status = visit(shared, tape, &tape->uses.at[i], 0);
    if (status == ZTC_OK)
      status = follow(shared, tape);
    if (status != ZTC_OK)
      return status;
  }
  if (tape->uses.count == 0)
    return ZTC_OK;
  const uint32_t count = shared->listed.count;
  qsort(shared->listed.at, count, sizeof *shared->listed.at, by_place);
  for (uint32_t i = 0; i < count; shared->listed_runs++)
    end_of_run(shared, &i);
  *head = ztc__graph_runs(count, shared->listed_refs) + shared->listed_runs * ZTC__GRAPH_RUN_SIZE;
  return ZTC_OK;
}

/* A reference from the node at `from` in the copy, as a slot. */
static uint64_t slot_to(const ztc__shared_node *to, uint32_t from) {
  const uint32_t distance = to->root - from; /* modulo 2^32 */
  return (uint64_t)(to->length - root_offset(to->use_count)) << 32 | distance;
}

/* The ids, and for each extent its place in the copy. */
static void put_ids(ztc__shared *shared, uint8_t *id, uint32_t place) {
  for (uint32_t i = 0; i < shared->listed.count; i++, id += ZTC__GRAPH_ID_SIZE) {
    ztc__shared_node *node = &shared->nodes.at[shared->listed.at[i].id];
    ztc__store32(id, shared->listed.at[i].id);
    node->root = place + root_offset(node->use_count);
    place += node->length;
  }
}

/* Where the slots of listed nodes are that reference others, and what they hold in the copy. */
static void put_slots(const ztc__shared *shared, uint8_t *place, uint8_t *slot) {
  for (uint32_t i = 0; i < shared->listed.count; i++) {
    const ztc__shared_node *node = &shared->nodes.at[shared->listed.at[i].id];
    const uint32_t start = node->root - root_offset(node->use_count);
    for (uint32_t u = 0; u < node->use_count; u++) {
      const ztc__use *use = &shared->uses.at[node->uses + u];
      ztc__store32(place, start + use->slot);
      ztc__store64(slot, slot_to(&shared->nodes.at[use->id], start + use->node));
      place += ZTC__GRAPH_PLACE_SIZE;
      slot += ZTC__GRAPH_SLOT_SIZE;
    }
  }
}

static void put_runs(const ztc__shared *shared, uint8_t *run) {
  for (uint32_t i = 0; i < shared->listed.count; run += ZTC__GRAPH_RUN_SIZE) {
    const uint64_t place = shared->listed.at[i].place;
    const uint64_t size = end_of_run(shared, &i) - place;
    ztc__store64(run, (place / 8) << ZTC__RUN_LENGTH_BITS | size / 8);
  }
}

ztc_status ztc__shared_resolve(ztc__shared *shared, ztc__tape *tape, uint8_t *extent,
                               uint64_t length) {
  const uint32_t count = shared->listed.count;
  const uint64_t refs = shared->listed_refs, flat_size = length + shared->listed_size;
  if (flat_size > ZTC_MAX_RECORD_SIZE)
    return too_large(tape);
  const uint64_t slots = ztc__graph_slots(count, refs), runs = ztc__graph_runs(count, refs);
  put_head(extent, count, flat_size, runs + shared->listed_runs * ZTC__GRAPH_RUN_SIZE, refs);
  ztc__store32(extent + slots - 4, 0); /* padding, where the lists before do not end there */
  put_ids(shared, extent + ZTC__GRAPH_HEAD_SIZE, (uint32_t)length);
  put_slots(shared, extent + ZTC__GRAPH_HEAD_SIZE + (uint64_t)ZTC__GRAPH_ID_SIZE * count,
            extent + slots);
  put_runs(shared, extent + runs);
  for (uint32_t i = 0; i < tape->uses.count; i++) {
    const ztc__use *use = &tape->uses.at[i];
    ztc__store64(extent + use->slot, slot_to(&shared->nodes.at[use->id], use->node));
  }
  return ZTC_OK;
}
