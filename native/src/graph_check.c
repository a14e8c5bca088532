/*
 * One pass over the list gives every extent its place in the copy. Then the references are followed
 * from the record on: each must be stored as it is resolved in the copy, lead to a listed extent,
 * and in the end all that is listed must have been reached.
 */
#include "graph_check.h"

#include <stdlib.h>
#include <string.h>

/* What the copy of the present record has of a shared extent. */
typedef struct member {
  uint32_t stamp;   /* of the record, if it lists the extent */
  uint32_t reached; /* likewise, if a reference leads there */
  uint32_t root;    /* place of its root node in the copy */
  uint32_t extent;  /* bytes from there to its end */
  uint32_t refs;    /* number of the record's first slot for its references */
} member;

struct ztc__graph_checker {
  const ztc_region *region;
  member *members; /* by id */
  uint32_t *stack; /* extents reached whose references are still to be followed */
  uint32_t stamp;
};

typedef struct check {
  ztc__graph_checker *checker;
  const ztc__extent *record;
  ztc__src bytes;
  ztc__graph_head head;
  uint32_t depth; /* of the stack */
  uint32_t reached;
  uint32_t at; /* for errors */
  const char *what;
} check;

ztc__graph_checker *ztc__graph_checker_create(const ztc_region *region) {
  ztc__graph_checker *checker = calloc(1, sizeof *checker);
  if (checker == NULL)
    return NULL;
  checker->region = region;
  checker->members = calloc(region->shared.count + 1, sizeof *checker->members);
  checker->stack = malloc((region->shared.count + 1) * sizeof *checker->stack);
  if (checker->members != NULL && checker->stack != NULL)
    return checker;
  ztc__graph_checker_free(checker);
  return NULL;
}

void ztc__graph_checker_free(ztc__graph_checker *checker) {
  if (checker == NULL)
    return;
  free(checker->members);
  free(checker->stack);
  free(checker);
}

static ztc_status corrupt(check *c, uint32_t at, const char *what) {
  c->at = at;
  c->what = what;
  return ZTC_CORRUPT;
}

static uint32_t id_at(const check *c, uint32_t i) {
  return ztc__load32(c->bytes, ZTC__GRAPH_HEAD_SIZE + (uint64_t)ZTC__GRAPH_ID_SIZE * i);
}

/* The head of a shared extent, if it is not closed; else all of it is 0. */
static ztc_status shared_head(const ztc_region *region, const ztc__extent *extent,
                              ztc__graph_head *head) {
  *head = (ztc__graph_head){0};
  return extent->closed
             ? ZTC_OK
             : ztc__graph_shared_head(region->source, extent->offset, extent->size, head);
}

/* The run that number `i` (from 1) of the list says. */
static bool is_run(const check *c, uint64_t i, uint64_t from, uint64_t to) {
  const uint64_t at =
      ztc__graph_runs(c->head.shared_count, c->head.ref_count) + (i - 1) * ZTC__GRAPH_RUN_SIZE;
  return at < c->head.root &&
         ztc__load64(c->bytes, at) == ((from / 8) << ZTC__RUN_LENGTH_BITS | (to - from) / 8);
}

/* Gives every listed extent its place. The list is in the order of the section, so that none occurs
   twice, and the runs are what is left when extents that touch are taken together. */
static ztc_status place_members(check *c) {
  ztc__graph_checker *checker = c->checker;
  const uint64_t section = checker->region->shared.extents;
  ztc__listed listed = {.end = c->record->size};
  uint64_t refs = 0, runs = 0, from = 0, to = 0; /* the run that is being gathered */
  for (uint32_t i = 0; i < c->head.shared_count; i++) {
    const uint32_t at = ZTC__GRAPH_HEAD_SIZE + ZTC__GRAPH_ID_SIZE * i;
    ztc__graph_head head;
    if (ztc__graph_listed(checker->region, c->bytes, i, &listed) != ZTC_OK ||
        shared_head(checker->region, &listed.extent, &head) != ZTC_OK) {
      return corrupt(c, at, "list names an unknown shared extent");
    }
    const uint64_t start = listed.extent.offset - section;
    if (i > 0 && start < to)
      return corrupt(c, at, "list is not in the order of the shared extents");
    if (runs == 0 || start != to) {
      if (runs > 0 && !is_run(c, runs, from, to))
        return corrupt(c, at, "runs are not those of the listed extents");
      runs++;
      from = start;
    }
    to = start + listed.extent.size;
    if (listed.end > c->head.flat_size) {
      corrupt(c, ZTC__GRAPH_FLAT_SIZE, "copy takes more bytes than the graph head says");
      return ZTC_BUDGET;
    }
    checker->members[listed.id] = (member){.stamp = checker->stamp,
                                           .root = (uint32_t)listed.place + head.root,
                                           .extent = listed.extent.size - head.root,
                                           .refs = (uint32_t)refs};
    refs += head.ref_count;
    if (refs > c->head.ref_count)
      return corrupt(c, at, "record lacks slots for its shared extents");
  }
  if (listed.end != c->head.flat_size) {
    corrupt(c, ZTC__GRAPH_FLAT_SIZE, "copy takes fewer bytes than the graph head says");
    return ZTC_BUDGET;
  }
  if (refs != c->head.ref_count)
    return corrupt(c, ZTC__GRAPH_REF_COUNT, "record has unused slots");
  const uint64_t lists =
      ztc__graph_runs(c->head.shared_count, c->head.ref_count) + runs * ZTC__GRAPH_RUN_SIZE;
  if (runs == 0 || !is_run(c, runs, from, to) || lists != c->head.root)
    return corrupt(c, ZTC__GRAPH_ROOT, "runs are not those of the listed extents");
  return ZTC_OK;
}

/* The four bytes that may lie between the lists. */
static ztc_status check_padding(check *c) {
  const uint64_t end = ZTC__GRAPH_HEAD_SIZE + (uint64_t)ZTC__GRAPH_ID_SIZE * c->head.shared_count +
                       (uint64_t)ZTC__GRAPH_PLACE_SIZE * c->head.ref_count;
  return end % 8 == 0 || ztc__load32(c->bytes, end) == 0
             ? ZTC_OK
             : corrupt(c, (uint32_t)end, "padding is not zero");
}

/* A reference leads to listed extent `id`. */
static void reach(check *c, uint32_t id) {
  member *m = &c->checker->members[id];
  if (m->reached == c->checker->stamp)
    return;
  m->reached = c->checker->stamp;
  c->checker->stack[c->depth++] = id;
  c->reached++;
}

/* Places ascend with the list, so that the extent a reference leads to is found by halving. */
static ztc_status check_own_ref(check *c, const ztc__outgoing *ref) {
  const member *members = c->checker->members;
  uint32_t low = 0, high = c->head.shared_count;
  while (low < high) {
    const uint32_t middle = low + (high - low) / 2;
    if (members[id_at(c, middle)].root < ref->target) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low < c->head.shared_count) {
    const uint32_t id = id_at(c, low);
    if (members[id].root == ref->target && members[id].extent == ref->extent) {
      reach(c, id);
      return ZTC_OK;
    }
  }
  return corrupt(c, ref->slot, "reference does not lead to the root of a listed extent");
}

/* The references of shared extent `id`, against the slots that the record keeps for them. */
static ztc_status check_member(check *c, uint32_t id) {
  const ztc__graph_checker *checker = c->checker;
  const ztc_region *region = checker->region;
  const member *from = &checker->members[id];
  ztc__extent extent;
  ztc__graph_head head;
  if (ztc__table_entry(region, &region->shared, id, &extent) != ZTC_OK ||
      shared_head(region, &extent, &head) != ZTC_OK) {
    return ZTC_CORRUPT;
  }
  const uint64_t places =
      ZTC__GRAPH_HEAD_SIZE + (uint64_t)ZTC__GRAPH_ID_SIZE * c->head.shared_count;
  const uint64_t slots = ztc__graph_slots(c->head.shared_count, c->head.ref_count);
  const uint32_t start = from->root - head.root;
  uint64_t ref = extent.offset + ZTC__GRAPH_HEAD_SIZE;
  for (uint64_t r = from->refs; r < (uint64_t)from->refs + head.ref_count;
       r++, ref += ZTC__GRAPH_REF_SIZE) {
    const uint32_t node = ztc__load32(region->source, ref);
    const uint32_t slot = ztc__load32(region->source, ref + 4);
    if (slot > extent.size - ZTC__SLOT_SIZE || r >= c->head.ref_count)
      return ZTC_CORRUPT;
    const uint32_t target = ztc__load32(region->source, extent.offset + slot);
    if (target >= region->shared.count || checker->members[target].stamp != checker->stamp)
      return corrupt(c, ZTC__GRAPH_HEAD_SIZE, "a shared extent that the copy needs is not listed");
    const member *to = &checker->members[target];
    const uint64_t place = places + r * ZTC__GRAPH_PLACE_SIZE;
    const uint64_t at = slots + r * ZTC__GRAPH_SLOT_SIZE;
    if (ztc__load32(c->bytes, place) != start + slot)
      return corrupt(c, (uint32_t)place, "slot of a shared extent lies elsewhere");
    const uint32_t distance = to->root - (start + node); /* modulo 2^32 */
    if (ztc__load64(c->bytes, at) != ((uint64_t)to->extent << 32 | distance))
      return corrupt(c, (uint32_t)at, "slot of a shared extent leads elsewhere");
    reach(c, target);
  }
  return ZTC_OK;
}

static ztc_status check_record(check *c, const ztc__outgoing *refs, size_t count) {
  ztc_status status = ztc__graph_record_head(c->bytes, 0, c->record->size, &c->head);
  if (status == ZTC_OK && c->head.flat_size > ZTC_MAX_RECORD_SIZE)
    status = corrupt(c, ZTC__GRAPH_FLAT_SIZE, "copy would be larger than a record can be");
  if (status == ZTC_OK)
    status = check_padding(c);
  if (status == ZTC_OK)
    status = place_members(c);
  for (size_t i = 0; i < count && status == ZTC_OK; i++)
    status = check_own_ref(c, &refs[i]);
  while (status == ZTC_OK && c->depth > 0)
    status = check_member(c, c->checker->stack[--c->depth]);
  if (status == ZTC_OK && c->reached != c->head.shared_count)
    status = corrupt(c, ZTC__GRAPH_HEAD_SIZE, "an extent is listed to which no reference leads");
  return status;
}

ztc_status ztc__graph_check(ztc__graph_checker *checker, const ztc__extent *record,
                            const uint8_t *bytes, const ztc__outgoing *refs, size_t count,
                            uint32_t *at, const char **what) {
  if (++checker->stamp == 0) {
    memset(checker->members, 0, checker->region->shared.count * sizeof *checker->members);
    checker->stamp = 1;
  }
  check c = {.checker = checker,
             .record = record,
             .bytes = ztc__src_of(bytes),
             .what = "a shared extent changed while it was checked"};
  const ztc_status status = check_record(&c, refs, count);
  *at = c.at;
  *what = c.what;
  return status;
}
