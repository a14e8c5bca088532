/* What a run of a command amounts to for one region. */
#include <stdlib.h>

#include "run_judge.h"

/* What the watched region's mappings come to. */
struct tally {
  const struct pd_audit **audits; /* of the mappings that count */
  size_t counted;
  size_t outside;   /* it forked, or a condition */
  size_t refused;   /* shared, or the kernel refuses writes */
  size_t untouched; /* no page of the region was ever in it */
  size_t unshared;  /* pages, of the mapping with most */
  const char *condition;
  const struct pd_use *untold; /* the first one where a condition hides what was done, or NULL */
  const struct pd_use *stored; /* the first one whose stores go to the file itself, or NULL */
};

static void count_uses(const struct pd_watch *watch, struct tally *tally) {
  for (size_t i = 0; i < watch->count; i++) {
    const struct pd_use *use = &watch->uses[i];
    bool forked = watch->holders[use->holder].forked;
    if (!use->shared && use->unshared.count > tally->unshared)
      tally->unshared = use->unshared.count;
    if (tally->stored == NULL && use->may_store)
      tally->stored = use;
    if (use->shared || !use->may_write) {
      tally->refused++;
    } else if (use->conditions[0] != '\0' || forked) {
      tally->outside++;
      tally->condition = forked ? "it forked" : use->conditions;
      if (tally->untold == NULL && use->conditions[0] != '\0')
        tally->untold = use;
    } else if (use->present.count == 0) {
      tally->untouched++;
    } else {
      tally->audits[tally->counted++] = &use->audit;
    }
  }
}

/* The three numbers, over all programs that had the region in private memory. */
static void add_pages(const struct pd_watch *watch, struct pd_verdict *verdict) {
  uint64_t present = 0;
  uint64_t unshared = 0;
  uint64_t absent = 0;
  char a[32];
  char b[32];
  char c[32];
  for (size_t i = 0; i < watch->holder_count; i++) {
    const struct pd_holder *holder = &watch->holders[i];
    present += holder->present.count;
    unshared += holder->unshared.count;
    absent += holder->seen.count - holder->present.count;
  }
  pd_verdict_add(verdict, "; pages that private mappings had: %s shared, %s un-shared",
                 pd_grouped(present - unshared, a), pd_grouped(unshared, b));
  pd_verdict_add(verdict, "; not present, and so neither: %s", pd_grouped(absent, c));
}

static const struct pd_holder *lost_holder(const struct pd_watch *watch) {
  for (size_t i = 0; i < watch->holder_count; i++) {
    if (watch->holders[i].lost[0] != '\0')
      return &watch->holders[i];
  }
  return NULL;
}

/* Why there is no zero, or false. */
static bool doubt_region(const struct pd_pool *pool, const struct tally *tally,
                         struct pd_verdict *verdict) {
  const struct pd_holder *lost = lost_holder(pool->watch);
  if (pool->trouble[0] != '\0') {
    pd_verdict_add(verdict, "No verdict: %s", pool->trouble);
  } else if (pool->watch->changed) {
    pd_verdict_add(verdict, "No verdict: the region's file was cut or written while the command "
                            "ran; copies of its pages may have gone with it");
  } else if (pool->watch->successor_in != 0) {
    pd_verdict_add(verdict,
                   "No verdict: another file has come to the region's path, and process %ld mapped "
                   "it: what was done to that one is not seen",
                   (long)pool->watch->successor_in);
  } else if (tally->stored != NULL) {
    pd_verdict_add(verdict,
                   "No verdict: process %ld had the region in shared memory that it could write: "
                   "what it stored there is in the file, and leaves no trace in memory",
                   (long)tally->stored->pid);
  } else if (lost != NULL) {
    pd_verdict_add(verdict, "No verdict: process %ld had the region, and %s", (long)lost->pid,
                   lost->lost);
  } else if (pd_pool_unseen_end(pool) != NULL) {
    pd_pool_doubt_end(pd_pool_unseen_end(pool), verdict);
  } else if (tally->untold != NULL) {
    pd_verdict_add(verdict, "No verdict: what process %ld did to the region is not known (%s)",
                   (long)tally->untold->pid, tally->untold->conditions);
  } else if (pool->watch->blind[0] != '\0') {
    pd_verdict_add(verdict,
                   "No verdict: what processes did to memory that they dropped could not be seen "
                   "(%s)",
                   pool->watch->blind);
  } else if (pool->status != 0) {
    char end[64];
    pd_pool_describe_end(pool, end);
    pd_verdict_add(verdict, "No verdict: nothing was un-shared, but the command failed (%s)", end);
  } else if (tally->counted == 0) {
    pd_verdict_add(verdict,
                   "No verdict: no process had pages of the region in private memory that it could "
                   "have written (%zu mappings where the kernel refuses writes or shares them, %zu "
                   "without any page present, %zu outside%s%s)",
                   tally->refused, tally->untouched, tally->outside,
                   tally->condition == NULL ? "" : ": ",
                   tally->condition == NULL ? "" : tally->condition);
  } else {
    return !pd_verdict_enough(verdict, &pool->controls);
  }
  return true;
}

void pd_pool_judge_region(const struct pd_pool *pool, struct pd_verdict *verdict) {
  const struct pd_watch *watch = pool->watch;
  struct tally tally = {.audits = calloc(watch->count + 1, sizeof *tally.audits)};
  size_t found = 0;
  char of[32];
  char most[32];
  if (tally.audits == NULL) {
    pd_verdict_add(verdict, "No verdict: no memory for one");
    return;
  }
  count_uses(watch, &tally);
  pd_verdict_choose(verdict, tally.audits, tally.counted, &pool->controls);
  for (size_t i = 0; i < tally.counted; i++)
    found += pd_verdict_found(verdict, tally.audits[i]) ? 1 : 0;
  pd_grouped(watch->mapping.pages, of);
  if (tally.unshared > 0 || found > 0) {
    verdict->outcome = PD_UNSHARED;
    pd_verdict_add(verdict, "A process un-shared %s of the region's %s pages%s",
                   pd_grouped(tally.unshared, most), of,
                   tally.unshared == 0 ? " by number, but has private memory there" : "");
    add_pages(watch, verdict);
  } else if (!doubt_region(pool, &tally, verdict)) {
    verdict->outcome = PD_ZERO;
    pd_verdict_add(verdict, "None of %zu private mappings un-shared any of the region's %s pages",
                   tally.counted, of);
    add_pages(watch, verdict);
    if (watch->replaced)
      pd_verdict_add(verdict, "; another file has come to the path: this is about the first one");
    if (tally.outside > 0)
      pd_verdict_add(verdict, "; %zu mappings are outside the verdict: %s", tally.outside,
                     tally.condition);
    if (tally.refused > 0)
      pd_verdict_add(verdict, "; %zu where the kernel refuses writes or shares them",
                     tally.refused);
  }
  if (tally.counted > 0)
    pd_verdict_add_basis(verdict, &pool->controls);
  free(tally.audits);
}
