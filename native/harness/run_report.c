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
  struct totals totals = {NULL, 0};
  for (size_t i = 0; i < pool->count; i++) {
    const struct pd_inheritance *child = &pool->children[i];
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

static double percent(size_t part, size_t whole) {
  return whole == 0 ? 0 : 100.0 * (double)part / (double)whole;
}

static void print_children(const struct pd_pool *pool, FILE *out) {
  const size_t most = 20;
  fprintf(out, "\n  %10s %14s %24s %14s\n", "process", "inherited", "un-shared pages",
          "private kB");
  for (size_t i = 0; i < pool->count && i < most; i++) {
    const struct pd_inheritance *child = &pool->children[i];
    if (child->executed || !child->measured) {
      fprintf(out, "  %10ld %s\n", (long)child->pid,
              child->executed ? "         ran another program: nothing inherited is left"
                              : "         not measured: it was gone before its exit stop");
      continue;
    }
    fprintf(out, "  %10ld %14zu %14zu (%5.1f %%) %14" PRIu64 "\n", (long)child->pid,
            child->inherited, child->unshared, percent(child->unshared, child->inherited),
            child->private_kb);
  }
  if (pool->count > most)
    fprintf(out, "  ... and %zu more\n", pool->count - most);
}

static void print_mappings(const struct pd_pool *pool, FILE *out) {
  const size_t most = 12;
  struct totals totals = sum_up(pool);
  fprintf(out, "\n  by mapping, all processes together\n");
  for (size_t i = 0; i < totals.count && i < most && totals.rows[i].unshared > 0; i++) {
    const struct total *row = &totals.rows[i];
    fprintf(out, "  %10zu of %10zu (%5.1f %%)  %s\n", row->unshared, row->inherited,
            percent(row->unshared, row->inherited), row->name);
  }
  free(totals.rows);
}

void pd_pool_print(const struct pd_pool *pool, const struct pd_pool *baseline, FILE *out) {
  size_t measured = pd_pool_measured(pool);
  double mean = pd_pool_mean_unshared(pool);
  double kb = (double)pd_page_size() / 1024;
  print_children(pool, out);
  if (measured > 0)
    print_mappings(pool, out);
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
  fprintf(out, "  %s\n",
          pool->frames ? "root tier: page frames compared with those at the fork"
                       : "user tier: pages that no other process maps any more (bit 56), "
                         "whichever of the two wrote to them");
}

static json_t *mapping_json(const struct pd_inherited_mapping *mapping) {
  char start[32];
  json_t *runs = json_array();
  size_t first = 0;
  size_t length = 0;
  snprintf(start, sizeof start, "0x%" PRIxPTR, mapping->start);
  for (size_t at = 0; pd_pageset_next_run(&mapping->unshared, at, &first, &length);
       at = first + length) {
    json_array_append_new(runs, json_pack("[I,I]", (json_int_t)first, (json_int_t)length));
  }
  json_t *name = json_string(mapping->name);
  return json_pack("{s:s,s:s,s:o,s:I,s:I,s:I,s:I,s:o}", "start", start, "permissions",
                   mapping->permissions, "name", name != NULL ? name : json_string("(not UTF-8)"),
                   "pages", (json_int_t)mapping->pages, "inherited",
                   (json_int_t)mapping->present_count, "unshared",
                   (json_int_t)mapping->unshared.count, "absent", (json_int_t)mapping->absent,
                   "unshared_runs", runs);
}

static json_t *child_json(const struct pd_inheritance *child) {
  json_t *mappings = json_array();
  for (size_t i = 0; i < child->count; i++)
    json_array_append_new(mappings, mapping_json(&child->mappings[i]));
  return json_pack("{s:I,s:I,s:b,s:b,s:I,s:I,s:I,s:I,s:I,s:o}", "pid", (json_int_t)child->pid,
                   "parent", (json_int_t)child->parent, "measured", (int)child->measured,
                   "executed", (int)child->executed, "inherited", (json_int_t)child->inherited,
                   "unshared", (json_int_t)child->unshared, "absent", (json_int_t)child->absent,
                   "private_kb", (json_int_t)child->private_kb, "mappings_skipped",
                   (json_int_t)child->skipped, "mappings", mappings);
}

json_t *pd_pool_json(const struct pd_pool *pool, const struct pd_pool *baseline) {
  json_t *children = json_array();
  for (size_t i = 0; i < pool->count; i++)
    json_array_append_new(children, child_json(&pool->children[i]));
  return json_pack("{s:i,s:I,s:s,s:i,s:I,s:f,s:o,s:s,s:o}", "schema", PD_SCHEMA_VERSION,
                   "page_size", (json_int_t)pd_page_size(), "tier", pool->frames ? "root" : "user",
                   "wait_status", pool->status, "measured", (json_int_t)pd_pool_measured(pool),
                   "unshared_mean", pd_pool_mean_unshared(pool), "baseline_unshared_mean",
                   baseline == NULL ? json_null() : json_real(pd_pool_mean_unshared(baseline)),
                   "trouble", pool->trouble, "processes", children);
}
