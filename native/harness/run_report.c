/* What `pagediff run` prints and writes. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pagemap.h"
#include "report.h"
#include "run.h"

/* All mappings of one name, over all children. */
struct total {
  const char *name;
  size_t inherited;
  size_t unshared;
};

struct totals {
  struct total *rows;
  size_t count;
  size_t processes;
};

static int by_unshared(const void *a, const void *b) {
  size_t left = ((const struct total *)a)->unshared;
  size_t right = ((const struct total *)b)->unshared;
  return left < right ? 1 : left > right ? -1 : 0;
}

static struct total *row_for(struct totals *totals, const char *name) {
  for (size_t i = 0; i < totals->count; i++) {
    if (strcmp(totals->rows[i].name, name) == 0)
      return &totals->rows[i];
  }
  struct total *grown = realloc(totals->rows, (totals->count + 1) * sizeof *grown);
  if (grown == NULL)
    return NULL;
  totals->rows = grown;
  grown[totals->count] = (struct total){.name = name};
  return &grown[totals->count++];
}

static struct totals sum_up(const struct pd_pool *pool) {
  struct totals totals = {NULL, 0, 0};
  for (size_t i = 0; i < pool->count; i++) {
    const struct pd_inheritance *child = &pool->children[i];
    totals.processes += child->measured ? 1 : 0;
    for (size_t m = 0; child->measured && m < child->count; m++) {
      struct total *row = row_for(&totals, child->mappings[m].name);
      if (row == NULL)
        break;
      row->inherited += child->mappings[m].present_count;
      row->unshared += child->mappings[m].unshared.count;
    }
  }
  if (totals.count > 0)
    qsort(totals.rows, totals.count, sizeof *totals.rows, by_unshared);
  return totals;
}

/* Pages a process that were un-shared in mappings of that name. */
static double mean_of(const struct totals *totals, const char *name) {
  for (size_t i = 0; i < totals->count; i++) {
    if (strcmp(totals->rows[i].name, name) == 0)
      return (double)totals->rows[i].unshared / (double)totals->processes;
  }
  return 0;
}

static double percent(size_t part, size_t whole) {
  return whole == 0 ? 0 : 100.0 * (double)part / (double)whole;
}

static void print_rest(size_t more, const char *of_what, FILE *out) {
  fprintf(out, "  ... and %zu more %s; all of them: --json FILE\n", more, of_what);
}

static void print_children(const struct pd_pool *pool, FILE *out) {
  const size_t most = 20;
  fprintf(out, "\n  %10s %14s %24s %10s %14s %10s %14s\n", "process", "inherited",
          "un-shared pages", "parted", "not present", "dropped", "private kB");
  for (size_t i = 0; i < pool->count && i < most; i++) {
    const struct pd_inheritance *child = &pool->children[i];
    if (child->executed) {
      fprintf(out, "  %10ld %14zu ran another program: all inherited pages dropped, unseen\n",
              (long)child->pid, child->inherited);
      continue;
    }
    if (!child->measured) {
      fprintf(out, "  %10ld          not measured: it was gone before its exit stop\n",
              (long)child->pid);
      continue;
    }
    fprintf(out, "  %10ld %14zu %14zu (%5.1f %%) %10zu %14zu %10zu %14" PRIu64 "%s%s\n",
            (long)child->pid, child->inherited, child->unshared,
            percent(child->unshared, child->inherited), child->parted, child->absent,
            child->dropped, child->private_kb,
            child->conditions[0] == '\0' ? "" : "  outside the verdict: ", child->conditions);
    if (child->skipped > 0)
      fprintf(out, "             %zu mappings above 64 GiB were not looked at\n", child->skipped);
  }
  if (pool->count > most)
    print_rest(pool->count - most, "processes", out);
}

static void print_mappings(const struct pd_pool *pool, const struct pd_pool *baseline, FILE *out) {
  const size_t most = 12;
  struct totals totals = sum_up(pool);
  struct totals base = {NULL, 0, 0};
  if (baseline != NULL)
    base = sum_up(baseline);
  fprintf(out, "\n  by mapping, all processes together\n");
  size_t some = 0;
  while (some < totals.count && totals.rows[some].unshared > 0)
    some++;
  for (size_t i = 0; i < some && i < most; i++) {
    const struct total *row = &totals.rows[i];
    char name[128];
    fprintf(out, "  %10zu of %10zu (%5.1f %%)  %s", row->unshared, row->inherited,
            percent(row->unshared, row->inherited), pd_printable(row->name, name, sizeof name));
    if (baseline != NULL)
      fprintf(out, ": %.1f a process, %.1f of the baseline", mean_of(&totals, row->name),
              mean_of(&base, row->name));
    fputc('\n', out);
  }
  if (some > most)
    print_rest(some - most, "mappings", out);
  free(totals.rows);
  free(base.rows);
}

static void print_runs(const struct pd_watch *watch, const struct pd_pageset *pages, FILE *out) {
  const size_t most_runs = 8;
  size_t first = 0;
  size_t length = 0;
  size_t runs = 0;
  for (size_t at = 0; pd_pageset_next_run(pages, at, &first, &length); at = first + length) {
    uint64_t from = 0;
    uint64_t to = 0;
    if (runs++ == most_runs) {
      fprintf(out, "              ... (all of them: --json FILE)\n");
      return;
    }
    fprintf(out, "              pages %zu to %zu: ", first, first + length - 1);
    if (pd_source_records_in(&watch->source, first, length, &from, &to)) {
      fprintf(out, "records %" PRIu64 " to %" PRIu64 "\n", from, to);
    } else {
      fprintf(out, "no record bytes\n");
    }
  }
}

static const char *refusal(const struct pd_use *use) {
  return use->shared       ? "shared: nothing can be un-shared"
         : !use->may_write ? "read-only: the kernel refuses writes"
                           : NULL;
}

static void print_holder(const struct pd_watch *watch, size_t index, FILE *out) {
  const struct pd_holder *holder = &watch->holders[index];
  fprintf(out, "  %10ld  %zu pages shared, %zu un-shared, %zu not present%s%s%s\n",
          (long)holder->pid, holder->present.count - holder->unshared.count, holder->unshared.count,
          holder->seen.count - holder->present.count,
          holder->forked ? "; outside the verdict: it forked" : "",
          holder->lost[0] == '\0' ? "" : "; ", holder->lost);
  for (size_t i = 0; i < watch->count; i++) {
    const struct pd_use *use = &watch->uses[i];
    if (use->holder != index)
      continue;
    if (refusal(use) != NULL) {
      fprintf(out, "              maps pages %zu to %zu %s\n", use->first,
              use->first + use->pages - 1, refusal(use));
    } else if (use->conditions[0] != '\0') {
      fprintf(out, "              maps pages %zu to %zu outside the verdict: %s\n", use->first,
              use->first + use->pages - 1, use->conditions);
    }
  }
  print_runs(watch, &holder->unshared, out);
}

static void print_region(const struct pd_pool *pool, FILE *out) {
  const size_t most = 20;
  const struct pd_watch *watch = pool->watch;
  char path[512];
  fprintf(out, "\n  %s: %zu pages; in the processes that mapped it, whenever they dropped it\n",
          pd_printable(watch->path, path, sizeof path), watch->mapping.pages);
  for (size_t i = 0; i < watch->holder_count && i < most; i++)
    print_holder(watch, i, out);
  if (watch->holder_count > most)
    print_rest(watch->holder_count - most, "processes", out);
}

static void print_end(const struct pd_pool *pool, const char *what, FILE *out) {
  char end[64];
  pd_pool_describe_end(pool, end);
  fprintf(out, "  %s: %s, after %.2f s\n", what, end, pool->seconds);
}

static void print_verdict(const struct pd_pool *pool, const struct pd_pool *baseline, FILE *out) {
  struct pd_verdict verdict;
  pd_pool_judge(pool, baseline, &verdict);
  print_end(pool, "the command", out);
  if (baseline != NULL)
    print_end(baseline, "the baseline", out);
  fprintf(out, "  %s\n",
          pool->frames ? "root tier: page frames compared with those at the fork"
                       : "user tier: pages that no other process maps any more (bit 56), "
                         "whichever of the two wrote to them");
  unsigned cells = pool->controls.cells + pool->own_controls.cells;
  fprintf(out, "  controls: %u of %u answers as the table expects\n",
          cells - pool->controls.wrong - pool->own_controls.wrong, cells);
  fprintf(out, "\n  VERDICT %s: %s\n", pd_outcome_name(verdict.outcome), verdict.sentence);
}

void pd_pool_print(const struct pd_pool *pool, const struct pd_pool *baseline, FILE *out) {
  if (pool->watch != NULL) {
    print_region(pool, out);
    print_verdict(pool, baseline, out);
    return;
  }
  size_t measured = pd_pool_measured(pool);
  double mean = pd_pool_mean_unshared(pool);
  double kb = (double)pd_page_size() / 1024;
  print_children(pool, out);
  if (measured > 0)
    print_mappings(pool, baseline, out);
  if (pool->trouble[0] != '\0')
    fprintf(out, "\n  trouble: %s\n", pool->trouble);
  fprintf(out, "\n  %zu processes measured at their exit; un-shared a process, mean: %.1f pages",
          measured, mean);
  fprintf(out, " (%.0f kB)\n", mean * kb);
  if (baseline != NULL) {
    double base = pd_pool_mean_unshared(baseline);
    fprintf(out, "  the baseline un-shares %.1f pages a process; beyond it: %.1f pages (%.0f kB)\n",
            base, mean - base, (mean - base) * kb);
  }
  print_verdict(pool, baseline, out);
}
