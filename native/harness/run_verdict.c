/* What a run of a command amounts to. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "pagemap.h"
#include "run.h"
#include "run_judge.h"

const struct pd_inheritance *pd_pool_unseen_end(const struct pd_pool *pool) {
  for (size_t i = 0; i < pool->count; i++) {
    if (!pool->children[i].ended)
      return &pool->children[i];
  }
  return NULL;
}

void pd_pool_doubt_end(const struct pd_inheritance *unseen, struct pd_verdict *verdict) {
  pd_verdict_add(verdict, "No verdict: process %ld was gone before it could be measured",
                 (long)unseen->pid);
}

/* What the processes that count come to; and what was not looked at in those that only forked. */
struct sums {
  size_t counted;
  size_t absent;
  size_t dropped;
  size_t undecided;
  size_t parted;
  size_t skipping; /* of both */
  uint64_t unnamed_kb;
  uint64_t unnamed_forked_kb;
};

static struct sums sum_up(const struct pd_pool *pool, struct pd_verdict *verdict) {
  struct sums sums = {0};
  bool have_sums = true;
  for (size_t i = 0; i < pool->count; i++) {
    const struct pd_inheritance *child = &pool->children[i];
    if (!child->measured || child->executed)
      continue;
    sums.skipping += child->skipped > 0 ? 1 : 0;
    if (!pd_pool_counts(child)) {
      sums.unnamed_forked_kb += child->frames_hold ? child->unnamed_kb : 0;
      continue;
    }
    sums.counted++;
    sums.absent += child->absent;
    sums.dropped += child->dropped;
    sums.undecided += child->undecided;
    sums.parted += child->parted;
    sums.unnamed_kb += child->unnamed_kb;
    have_sums = have_sums && child->have_sums;
  }
  verdict->root_tier = pool->frames;
  verdict->relied_on[PD_PFN] = pool->frames;
  verdict->relied_on[PD_EXCLUSIVE] = true;
  verdict->relied_on[PD_PRIVATE_DIRTY] = have_sums;
  for (int w = 0; w < PD_VMFLAGS; w++) {
    if (pool->controls.results[PD_SILENT_STORE].observed[w] != PD_CELL_CAUGHT)
      verdict->relied_on[w] = false;
  }
  return sums;
}

/* Why the baseline cannot be subtracted, or false. */
static bool doubt_baseline(const struct pd_pool *baseline, struct pd_verdict *verdict) {
  char end[64];
  pd_pool_describe_end(baseline, end);
  if (baseline->status != 0) {
    pd_verdict_add(verdict, "No verdict: the baseline failed (%s)", end);
  } else if (baseline->controls.wrong + baseline->own_controls.wrong > 0) {
    pd_verdict_add(verdict, "No verdict: %u control answers of the baseline's run were wrong",
                   baseline->controls.wrong + baseline->own_controls.wrong);
  } else if (baseline->trouble[0] != '\0') {
    pd_verdict_add(verdict, "No verdict: in the baseline, %s", baseline->trouble);
  } else if (pd_pool_measured(baseline) == 0) {
    pd_verdict_add(verdict, "No verdict: the baseline forked no process that could be measured");
  } else {
    return false;
  }
  return true;
}

/* Few processes with many pages make a mean and a maximum behind which many with a few can stand:
 * the first quarter at which a process has more than that of the baseline, or 0. */
static unsigned shifted_quarter(const struct pd_pool *pool, const struct pd_pool *baseline,
                                enum pd_pool_pages which) {
  for (unsigned quarter = 1; quarter < 4; quarter++) {
    if (pd_pool_quarter(pool, quarter, which) > pd_pool_quarter(baseline, quarter, which))
      return quarter;
  }
  return 0;
}

/* Pages that are gone may have been written before: as many as the baseline's may, no more. */
static bool doubt_dropped(const struct pd_pool *pool, const struct pd_pool *baseline,
                          struct pd_verdict *verdict) {
  const struct pd_pool none = {0};
  const struct pd_pool *base = baseline == NULL ? &none : baseline;
  double mean = pd_pool_mean_dropped(pool);
  double base_mean = pd_pool_mean_dropped(base);
  size_t most = pd_pool_most_dropped(pool);
  size_t base_most = pd_pool_most_dropped(base);
  unsigned shifted = baseline == NULL ? 0 : shifted_quarter(pool, base, PD_DROPPED_PAGES);
  if (mean > base_mean || most > base_most || shifted > 0) {
    pd_verdict_add(verdict,
                   "No verdict: processes dropped inherited pages before their exit and may have "
                   "written them before that: %.1f each (mean), the one with most %zu",
                   mean, most);
    if (baseline != NULL)
      pd_verdict_add(verdict, "; against %.1f of the baseline, the one with most %zu", base_mean,
                     base_most);
    if (shifted > 0)
      pd_verdict_add(verdict, "; %u in four have no more than %zu, against %zu", shifted,
                     pd_pool_quarter(pool, shifted, PD_DROPPED_PAGES),
                     pd_pool_quarter(base, shifted, PD_DROPPED_PAGES));
  } else if (pd_pool_executed(pool) > pd_pool_executed(base)) {
    pd_verdict_add(verdict,
                   "No verdict: %zu processes ran another program, and what they had done to the "
                   "inherited pages before was not seen",
                   pd_pool_executed(pool));
    if (baseline != NULL)
      pd_verdict_add(verdict, "; %zu of the baseline", pd_pool_executed(base));
  } else {
    return false;
  }
  return true;
}

/* Processes whose parent ran another program while they lived. */
static size_t left_by_exec(const struct pd_pool *pool) {
  size_t n = 0;
  for (size_t i = 0; i < pool->count; i++) {
    const struct pd_inheritance *child = &pool->children[i];
    n += child->measured && !child->executed && child->parent_executed ? 1 : 0;
  }
  return n;
}

/* Processes whose parent ended while they lived, or had ended before they began. */
static size_t left_by_end(const struct pd_pool *pool) {
  size_t n = 0;
  for (size_t i = 0; i < pool->count; i++) {
    const struct pd_inheritance *child = &pool->children[i];
    bool ended = child->parent_ended || child->parent == 0;
    n += child->measured && !child->executed && !child->parent_executed && ended ? 1 : 0;
  }
  return n;
}

static bool doubt_left(const struct pd_pool *pool, const struct pd_pool *baseline,
                       struct pd_verdict *verdict) {
  if (left_by_exec(pool) > left_by_exec(baseline)) {
    pd_verdict_add(verdict,
                   "No verdict: the parents of %zu processes ran another program, and with their "
                   "pages went what they had written before these did",
                   left_by_exec(pool));
  } else if (left_by_end(pool) > left_by_end(baseline)) {
    pd_verdict_add(verdict,
                   "No verdict: the parents of %zu processes ended before them, and what these "
                   "wrote after that is not seen",
                   left_by_end(pool));
  } else {
    return false;
  }
  return true;
}

/* Pages that the parent wrote before the process did look as the process inherited them, whatever
 * it did to them then: who comes first must not make a zero. */
static bool doubt_parted(const struct pd_pool *pool, const struct pd_pool *baseline,
                         struct pd_verdict *verdict) {
  const struct pd_pool none = {0};
  const struct pd_pool *base = baseline == NULL ? &none : baseline;
  double apart = pd_pool_mean_apart(pool);
  double base_apart = pd_pool_mean_apart(base);
  size_t most = pd_pool_most_apart(pool);
  size_t base_most = pd_pool_most_apart(base);
  if (apart <= base_apart && most <= base_most && shifted_quarter(pool, base, PD_APART_PAGES) == 0)
    return doubt_left(pool, base, verdict);
  pd_verdict_add(verdict,
                 "No verdict: inherited pages were un-shared by the parent, or by a process after "
                 "the parent or beside its threads: with them, %.1f each (mean) are not shared any "
                 "more, of the one with most %zu",
                 apart, most);
  if (baseline != NULL)
    pd_verdict_add(verdict, "; against %.1f of the baseline, of the one with most %zu", base_apart,
                   base_most);
  return true;
}

/* What a process did to pages that are in swap, merged or huge is not seen. One that only forked
 * has its pages told by their frames. */
static bool doubt_outside(const struct pd_pool *pool, struct pd_verdict *verdict) {
  const struct pd_inheritance *first = NULL;
  size_t outside = 0;
  for (size_t i = 0; i < pool->count; i++) {
    const struct pd_inheritance *child = &pool->children[i];
    if (!child->measured || child->executed || child->conditions[0] == '\0' || child->frames_hold)
      continue;
    first = first == NULL ? child : first;
    outside++;
  }
  if (first == NULL)
    return false;
  pd_verdict_add(verdict,
                 "No verdict: what processes outside it did is not known: %zu, the first one %ld "
                 "(%s)",
                 outside, (long)first->pid, first->conditions);
  return true;
}

static bool is_most(size_t pages, size_t of) { return 2 * pages > of; }

static bool doubt_hidden_in(const char *where, size_t unshared, size_t inherited,
                            struct pd_verdict *verdict) {
  pd_verdict_add(verdict,
                 "No verdict: the baseline un-shares %zu of the %zu writable pages that its "
                 "processes inherited%s%s, behind which hides what the work does; if they do that "
                 "at their end, let both end by _exit",
                 unshared, inherited, where[0] == '\0' ? "" : " in ", where);
  return true;
}

enum { PD_LARGE_MAPPING = 256 }; /* pages */

/* A page is un-shared once: where the baseline un-shares most of what can be written, in all or in
 * a large mapping, say because its runtime takes all objects apart at the end, nothing that the
 * work does comes on top. */
static bool doubt_hidden(const struct pd_pool *baseline, struct pd_verdict *verdict) {
  size_t inherited = 0;
  size_t unshared = 0;
  for (size_t i = 0; baseline != NULL && i < baseline->count; i++) {
    const struct pd_inheritance *child = &baseline->children[i];
    for (size_t m = 0; pd_pool_counts(child) && m < child->count; m++) {
      const struct pd_inherited_mapping *mapping = &child->mappings[m];
      size_t pages = pd_pageset_count_in(&mapping->unshared, 0, mapping->pages);
      size_t of = mapping->present_count;
      if (mapping->permissions[1] != 'w')
        continue;
      if (of >= PD_LARGE_MAPPING && is_most(pages, of))
        return doubt_hidden_in(mapping->name, pages, of, verdict);
      inherited += of;
      unshared += pages;
    }
  }
  return is_most(unshared, inherited) && doubt_hidden_in("", unshared, inherited, verdict);
}

/* Why a zero would say nothing, or false. */
static bool doubt_zero(const struct pd_pool *pool, const struct pd_pool *baseline,
                       const struct sums *sums, struct pd_verdict *verdict) {
  char end[64];
  char number[32];
  pd_pool_describe_end(pool, end);
  if (pool->status != 0) {
    pd_verdict_add(verdict, "No verdict: nothing was un-shared, but the command failed (%s)", end);
  } else if (pd_pool_unseen_end(pool) != NULL) {
    pd_pool_doubt_end(pd_pool_unseen_end(pool), verdict);
  } else if (sums->skipping > 0) {
    pd_verdict_add(verdict,
                   "No verdict: %zu processes have mappings above 64 GiB, which are not "
                   "looked at",
                   sums->skipping);
  } else if (sums->unnamed_forked_kb > 0) {
    pd_verdict_add(verdict,
                   "No verdict: %s kB of private memory of processes that forked are in no page "
                   "that was named",
                   pd_grouped(sums->unnamed_forked_kb, number));
  } else if (!doubt_dropped(pool, baseline, verdict) && !doubt_parted(pool, baseline, verdict) &&
             !doubt_outside(pool, verdict) && !doubt_hidden(baseline, verdict)) {
    return !pd_verdict_enough(verdict, &pool->controls);
  }
  return true;
}

static void judge_inherited(const struct pd_pool *pool, const struct pd_pool *baseline,
                            struct pd_verdict *verdict) {
  double mean = pd_pool_mean_unshared(pool);
  double base = baseline == NULL ? 0 : pd_pool_mean_unshared(baseline);
  struct sums sums = sum_up(pool, verdict);
  char number[32];
  if (pool->trouble[0] != '\0') {
    pd_verdict_add(verdict, "No verdict: %s", pool->trouble);
    return;
  }
  if (sums.counted == 0) {
    pd_verdict_add(verdict, "No verdict: no forked process could be measured at its exit");
    return;
  }
  if (baseline != NULL && doubt_baseline(baseline, verdict))
    return;
  size_t most = pd_pool_most_unshared(pool);
  size_t base_most = baseline == NULL ? 0 : pd_pool_most_unshared(baseline);
  unsigned shifted = baseline == NULL ? 0 : shifted_quarter(pool, baseline, PD_UNSHARED_PAGES);
  bool found = mean > base || most > base_most || shifted > 0 || sums.unnamed_kb > 0;
  if (!found && doubt_zero(pool, baseline, &sums, verdict))
    return;
  verdict->outcome = found ? PD_UNSHARED : PD_ZERO;
  if (!found && mean > 0)
    pd_verdict_add(verdict, "No more than the baseline, which un-shares pages as well. ");
  pd_verdict_add(verdict, "Processes measured: %zu; they un-shared %.1f inherited pages each",
                 sums.counted, mean);
  if (baseline != NULL)
    pd_verdict_add(verdict,
                   " (mean), against %.1f of the baseline; the one with most %zu, against %zu",
                   base, most, base_most);
  if (shifted > 0)
    pd_verdict_add(verdict, "; %u in four have no more than %zu, against %zu", shifted,
                   pd_pool_quarter(pool, shifted, PD_UNSHARED_PAGES),
                   pd_pool_quarter(baseline, shifted, PD_UNSHARED_PAGES));
  if (sums.unnamed_kb > 0)
    pd_verdict_add(verdict, "; %s kB of private memory are in no page that was named",
                   pd_grouped(sums.unnamed_kb, number));
  pd_verdict_add(verdict, "; not present any more, and so neither: %s in all",
                 pd_grouped(sums.absent, number));
  if (sums.dropped > 0)
    pd_verdict_add(verdict, ", %s of them dropped", pd_grouped(sums.dropped, number));
  if (sums.undecided > 0)
    pd_verdict_add(verdict, "; by the process or by a thread of its parent: %s in all",
                   pd_grouped(sums.undecided, number));
  if (sums.parted > 0)
    pd_verdict_add(verdict, "; by the parent, or by the process after the parent: %s in all",
                   pd_grouped(sums.parted, number));
  pd_verdict_add_basis(verdict, &pool->controls);
}

void pd_pool_describe_end(const struct pd_pool *pool, char out[64]) {
  if (WIFSIGNALED(pool->status)) {
    snprintf(out, 64, "killed by signal %d (%.30s)", WTERMSIG(pool->status),
             strsignal(WTERMSIG(pool->status)));
  } else {
    snprintf(out, 64, "exit status %d", WEXITSTATUS(pool->status));
  }
}

void pd_pool_judge(const struct pd_pool *pool, const struct pd_pool *baseline,
                   struct pd_verdict *verdict) {
  memset(verdict, 0, sizeof *verdict);
  verdict->outcome = PD_INCONCLUSIVE;
  if (pool->controls.wrong > 0) {
    pd_verdict_add(verdict, "No verdict: %u of %u control answers differ from the expected table",
                   pool->controls.wrong, pool->controls.cells);
  } else if (pool->own_controls.wrong > 0) {
    pd_verdict_add(verdict,
                   "No verdict: %u of %u control answers about inherited pages differ from the "
                   "expected table (%s)",
                   pool->own_controls.wrong, pool->own_controls.cells, pool->own_controls.detail);
  } else if (pool->watch != NULL) {
    pd_pool_judge_region(pool, verdict);
  } else {
    judge_inherited(pool, baseline, verdict);
  }
}
