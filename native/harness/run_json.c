/* `pagediff run` as JSON, and as the page that draws it. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "pagemap.h"
#include "report.h"
#include "run.h"

static json_t *integer(uint64_t value) {
  return json_integer((json_int_t)value);
}

static json_t *text(const char *value) {
  json_t *made = json_string(value);
  return made != NULL ? made : json_string("(not UTF-8)");
}

static json_t *mapping_json(const struct pd_inherited_mapping *mapping) {
  char start[32];
  snprintf(start, sizeof start, "0x%" PRIxPTR, mapping->start);
  return json_pack("{s:s,s:s,s:o,s:I,s:I,s:I,s:I,s:I,s:o,s:o}", "start", start, "permissions",
                   mapping->permissions, "name", text(mapping->name), "pages",
                   (json_int_t)mapping->pages, "inherited", (json_int_t)mapping->present_count,
                   "unshared", (json_int_t)mapping->unshared.count, "absent",
                   (json_int_t)mapping->absent.count, "dropped", (json_int_t)mapping->dropped.count,
                   "unshared_runs", pd_page_runs_json(&mapping->unshared), "dropped_runs",
                   pd_page_runs_json(&mapping->dropped));
}

static json_t *samples_json(const struct pd_inheritance *child) {
  json_t *samples = json_array();
  for (size_t i = 0; i < child->sample_count; i++) {
    const struct pd_sample *sample = &child->samples[i];
    json_array_append_new(samples, json_pack("{s:f,s:I,s:I}", "seconds", sample->seconds,
                                             "private_kb", (json_int_t)sample->private_kb, "pages",
                                             (json_int_t)sample->pages));
  }
  return samples;
}

static json_t *child_json(const struct pd_inheritance *child) {
  json_t *mappings = json_array();
  for (size_t i = 0; i < child->count; i++)
    json_array_append_new(mappings, mapping_json(&child->mappings[i]));
  json_t *out = json_pack(
      "{s:I,s:I,s:b,s:b,s:I,s:I,s:I,s:I,s:I,s:I}", "pid", (json_int_t)child->pid, "parent",
      (json_int_t)child->parent, "measured", (int)child->measured, "executed", (int)child->executed,
      "inherited", (json_int_t)child->inherited, "unshared", (json_int_t)child->unshared, "absent",
      (json_int_t)child->absent, "dropped", (json_int_t)child->dropped, "undecided",
      (json_int_t)child->undecided, "exclusive", (json_int_t)child->exclusive);
  json_t *rest =
      json_pack("{s:I,s:I,s:I,s:o,s:I,s:s,s:o,s:o}", "parted", (json_int_t)child->parted, "fresh",
                (json_int_t)child->fresh, "private_kb", (json_int_t)child->private_kb, "unnamed_kb",
                child->have_sums ? integer(child->unnamed_kb) : json_null(), "mappings_skipped",
                (json_int_t)child->skipped, "conditions", child->conditions, "samples",
                samples_json(child), "mappings", mappings);
  json_object_update(out, rest);
  json_decref(rest);
  return out;
}

static json_t *end_json(const struct pd_pool *pool) {
  char end[64];
  if (pool == NULL)
    return json_null();
  pd_pool_describe_end(pool, end);
  return json_string(end);
}

static json_t *records_json(const struct pd_watch *watch, const struct pd_pageset *pages) {
  json_t *all = json_array();
  size_t first = 0;
  size_t length = 0;
  for (size_t at = 0; pd_pageset_next_run(pages, at, &first, &length); at = first + length) {
    uint64_t from = 0;
    uint64_t to = 0;
    bool some = pd_source_records_in(&watch->source, first, length, &from, &to);
    json_array_append_new(all, some ? json_pack("[I,I]", (json_int_t)from, (json_int_t)to)
                                    : json_null());
  }
  return all;
}

/* The pages of a use that it never had. */
static bool absent_from(const struct pd_use *use, struct pd_pageset *out) {
  if (!pd_pageset_init(out, use->present.pages))
    return false;
  for (size_t i = 0; i < use->pages; i++) {
    if (!pd_pageset_has(&use->present, use->first + i))
      pd_pageset_add(out, use->first + i);
  }
  return true;
}

static json_t *use_json(const struct pd_watch *watch, const struct pd_use *use) {
  char base[32];
  struct pd_pageset absent;
  snprintf(base, sizeof base, "0x%" PRIxPTR, use->base);
  if (!absent_from(use, &absent))
    return NULL;
  json_t *out = json_pack(
      "{s:I,s:s,s:I,s:I,s:b,s:b,s:s,s:I,s:o,s:o,s:o,s:I,s:o,s:o}", "pid", (json_int_t)use->pid,
      "start", base, "first_page", (json_int_t)use->first, "pages", (json_int_t)use->pages,
      "shared", (int)use->shared, "kernel_allows_writes", (int)use->may_write, "conditions",
      use->conditions, "unshared_pages", (json_int_t)use->unshared.count, "unshared_runs",
      pd_page_runs_json(&use->unshared), "unshared_records", records_json(watch, &use->unshared),
      "unshared_blocks", pd_block_counts_json(&use->unshared, &watch->map), "absent_pages",
      (json_int_t)absent.count, "absent_blocks", pd_block_counts_json(&absent, &watch->map),
      "witnesses", pd_findings_json(&use->audit, true));
  pd_pageset_free(&absent);
  return out;
}

static json_t *holder_json(const struct pd_watch *watch, const struct pd_holder *holder) {
  struct pd_pageset absent;
  if (!pd_pageset_init(&absent, holder->present.pages))
    return NULL;
  for (size_t i = 0; i < absent.pages; i++) {
    if (!pd_pageset_has(&holder->present, i))
      pd_pageset_add(&absent, i);
  }
  json_t *out =
      json_pack("{s:I,s:b,s:s,s:I,s:I,s:I,s:o,s:o,s:o,s:o}", "pid", (json_int_t)holder->pid,
                "forked", (int)holder->forked, "lost", holder->lost, "shared_pages",
                (json_int_t)(holder->present.count - holder->unshared.count), "unshared_pages",
                (json_int_t)holder->unshared.count, "absent_pages",
                (json_int_t)(holder->seen.count - holder->present.count), "unshared_runs",
                pd_page_runs_json(&holder->unshared), "unshared_records",
                records_json(watch, &holder->unshared), "unshared_blocks",
                pd_block_counts_json(&holder->unshared, &watch->map), "absent_blocks",
                pd_block_counts_json(&absent, &watch->map));
  pd_pageset_free(&absent);
  return out;
}

static json_t *region_json(const struct pd_watch *watch) {
  json_t *uses = json_array();
  json_t *holders = json_array();
  for (size_t i = 0; i < watch->count; i++)
    json_array_append_new(uses, use_json(watch, &watch->uses[i]));
  for (size_t i = 0; i < watch->holder_count; i++)
    json_array_append_new(holders, holder_json(watch, &watch->holders[i]));
  return json_pack("{s:o,s:I,s:I,s:b,s:b,s:I,s:s,s:o,s:o,s:o}", "path", text(watch->path),
                   "records", (json_int_t)watch->source.count, "size",
                   (json_int_t)watch->mapping.size, "file_changed", (int)watch->changed,
                   "file_replaced", (int)watch->replaced, "replacement_mapped_by",
                   (json_int_t)watch->successor_in, "calls_unseen", watch->blind, "page_map",
                   pd_page_map_json(&watch->map), "processes", holders, "uses", uses);
}

static json_t *own_controls_json(const struct pd_inherit_controls *controls) {
  return json_pack("{s:I,s:I,s:I,s:s}", "cells", (json_int_t)controls->cells, "wrong",
                   (json_int_t)controls->wrong, "unavailable", (json_int_t)controls->unavailable,
                   "detail", controls->detail);
}

json_t *pd_pool_json(const struct pd_pool *pool, const struct pd_pool *baseline) {
  struct pd_verdict verdict;
  pd_pool_judge(pool, baseline, &verdict);
  json_t *children = json_array();
  for (size_t i = 0; i < pool->count; i++)
    json_array_append_new(children, child_json(&pool->children[i]));
  json_t *means = json_pack(
      "{s:o,s:f,s:o,s:f,s:o,s:I,s:o}", "inherited_controls",
      pool->watch == NULL ? own_controls_json(&pool->own_controls) : json_null(), "apart_mean",
      pd_pool_mean_apart(pool), "baseline_apart_mean",
      baseline == NULL ? json_null() : json_real(pd_pool_mean_apart(baseline)), "dropped_mean",
      pd_pool_mean_dropped(pool), "baseline_dropped_mean",
      baseline == NULL ? json_null() : json_real(pd_pool_mean_dropped(baseline)), "executed",
      (json_int_t)pd_pool_executed(pool), "baseline_executed",
      baseline == NULL ? json_null() : integer(pd_pool_executed(baseline)));
  json_t *out = json_pack(
      "{s:i,s:I,s:s,s:i,s:o,s:o,s:f,s:I,s:f,s:o,s:s,s:o,s:o,s:o,s:o,s:o}", "schema",
      PD_SCHEMA_VERSION, "page_size", (json_int_t)pd_page_size(), "tier",
      pool->frames ? "root" : "user", "wait_status", pool->status, "end", end_json(pool),
      "baseline_end", end_json(baseline), "seconds", pool->seconds, "measured",
      (json_int_t)pd_pool_measured(pool), "unshared_mean", pd_pool_mean_unshared(pool),
      "baseline_unshared_mean",
      baseline == NULL ? json_null() : json_real(pd_pool_mean_unshared(baseline)), "trouble",
      pool->trouble, "verdict", pd_verdict_json(&verdict), "witnesses", pd_witnesses_json(),
      "controls", pd_controls_json(&pool->controls), "region",
      pool->watch == NULL ? json_null() : region_json(pool->watch), "processes", children);
  json_object_update(out, means);
  json_decref(means);
  return out;
}

/* ------------------------------------------------------------------------------ the page -- */

/* Where one inherited page is drawn: pages follow each other, mapping by mapping. */
struct blocks {
  json_t *unshared;
  json_t *absent;
  json_t *names;
  size_t block_pages;
  size_t at;
  uint64_t unshared_here;
  uint64_t absent_here;
};

static void flush(struct blocks *blocks) {
  json_array_append_new(blocks->unshared, integer(blocks->unshared_here));
  json_array_append_new(blocks->absent, integer(blocks->absent_here));
  blocks->unshared_here = 0;
  blocks->absent_here = 0;
}

static void add_page(struct blocks *blocks, const struct pd_inherited_mapping *mapping,
                     size_t page) {
  char name[192];
  if (blocks->at % blocks->block_pages == 0) {
    if (blocks->at > 0)
      flush(blocks);
    snprintf(name, sizeof name, "%s, from page %zu of it", mapping->name, page);
    json_array_append_new(blocks->names, text(name));
  }
  blocks->unshared_here += pd_pageset_has(&mapping->unshared, page) ? 1 : 0;
  blocks->absent_here += pd_pageset_has(&mapping->absent, page) ? 1 : 0;
  blocks->at++;
}

/* In the shape that the page draws a worker in: blocks of pages and what to say of each. */
static json_t *drawing_json(const struct pd_inheritance *child) {
  struct blocks blocks = {
      .unshared = json_array(),
      .absent = json_array(),
      .names = json_array(),
      .block_pages = (child->inherited + PD_MOST_BLOCKS - 1) / PD_MOST_BLOCKS,
  };
  for (size_t m = 0; m < child->count; m++) {
    const struct pd_inherited_mapping *mapping = &child->mappings[m];
    size_t first = 0;
    size_t length = 0;
    for (size_t at = 0; pd_pageset_next_run(&mapping->listed, at, &first, &length);
         at = first + length) {
      for (size_t page = first; page < first + length; page++)
        add_page(&blocks, mapping, page);
    }
  }
  if (blocks.at > 0)
    flush(&blocks);
  return json_pack(
      "{s:I,s:b,s:b,s:I,s:I,s:I,s:I,s:I,s:I,s:s,s:o,s:o,s:o,s:o}", "pid", (json_int_t)child->pid,
      "measured", (int)(child->measured && !child->executed), "executed", (int)child->executed,
      "pages", (json_int_t)child->inherited, "block_pages", (json_int_t)blocks.block_pages,
      "unshared_pages", (json_int_t)child->unshared, "absent_pages", (json_int_t)child->absent,
      "dropped_pages", (json_int_t)child->dropped, "parted_pages", (json_int_t)child->parted,
      "conditions", child->conditions, "unshared_blocks", blocks.unshared, "absent_blocks",
      blocks.absent, "names", blocks.names, "samples", samples_json(child));
}

static json_t *pool_drawing(const struct pd_pool *pool) {
  json_t *all = json_array();
  for (size_t i = 0; i < pool->count; i++)
    json_array_append_new(all, drawing_json(&pool->children[i]));
  return all;
}

bool pd_pool_html(const struct pd_pool *pool, const struct pd_pool *baseline, const char *path,
                  struct pd_error *error) {
  json_t *document = pd_pool_json(pool, baseline);
  if (document != NULL) {
    json_object_set_new(document, "processes", pool_drawing(pool));
    json_object_set_new(document, "baseline",
                        baseline == NULL ? json_null() : pool_drawing(baseline));
    json_object_set_new(document, "runs", json_array());
  }
  bool ok = pd_page_write(document, path, error);
  json_decref(document);
  return ok;
}
