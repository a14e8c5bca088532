/* The report as JSON: report-schema.md describes every field. */
#include <string.h>

#include "pagemap.h"
#include "report.h"

static json_t *integer(uint64_t value) {
  return json_integer((json_int_t)value);
}

/* A path may hold any bytes; JSON holds UTF-8. */
static json_t *text(const char *value) {
  json_t *made = json_string(value);
  return made != NULL ? made : json_string("(not UTF-8)");
}

static void set(json_t *object, const char *key, json_t *value) {
  json_object_set_new(object, key, value);
}

json_t *pd_page_runs_json(const struct pd_pageset *pages) {
  json_t *runs = json_array();
  size_t first = 0;
  size_t length = 0;
  for (size_t at = 0; pd_pageset_next_run(pages, at, &first, &length); at = first + length) {
    json_array_append_new(runs, json_pack("[I,I]", (json_int_t)first, (json_int_t)length));
  }
  return runs;
}

json_t *pd_block_counts_json(const struct pd_pageset *pages, const struct pd_page_map *map) {
  json_t *counts = json_array();
  for (size_t i = 0; i < map->blocks; i++) {
    json_array_append_new(
        counts, integer(pd_pageset_count_in(pages, i * map->block_pages, map->block_pages)));
  }
  return counts;
}

static const char *unit_name(enum pd_unit unit) {
  static const char *const names[] = {"pages", "kB", "faults", "flag"};
  return names[unit];
}

json_t *pd_findings_json(const struct pd_audit *audit, bool exact) {
  json_t *all = json_object();
  for (int w = 0; w < PD_WITNESSES; w++) {
    const struct pd_finding *finding = &audit->findings[w];
    json_t *one = json_object();
    set(one, "available", json_boolean(finding->available));
    set(one, "unit", json_string(unit_name(finding->unit)));
    if (finding->available) {
      set(one, "amount", integer(finding->amount));
      if (exact && finding->unit == PD_UNIT_PAGES)
        set(one, "runs", pd_page_runs_json(&finding->pages));
    } else {
      set(one, "why", json_string(finding->why));
    }
    set(all, pd_witnesses[w]->name, one);
  }
  return all;
}

static json_t *worker_json(const struct pd_worker_result *worker, const struct pd_page_map *map,
                           bool exact) {
  json_t *out = json_object();
  json_t *samples = json_array();
  for (size_t i = 0; i < worker->sample_count; i++) {
    const struct pd_sample *sample = &worker->samples[i];
    json_array_append_new(samples, json_pack("{s:f,s:I,s:I,s:I}", "seconds", sample->seconds,
                                             "records", (json_int_t)sample->records, "private_kb",
                                             (json_int_t)sample->private_kb, "pages",
                                             (json_int_t)sample->pages));
  }
  set(out, "records", integer(worker->records));
  set(out, "bytes", integer(worker->bytes));
  set(out, "seconds", json_real(worker->seconds));
  set(out, "private_before_kb", integer(worker->private_before_kb));
  set(out, "private_after_kb", integer(worker->private_after_kb));
  set(out, "pss_kb", integer(worker->pss_kb));
  set(out, "unshared_pages", integer(worker->unshared.count));
  set(out, "unshared_blocks", pd_block_counts_json(&worker->unshared, map));
  set(out, "absent_pages", integer(worker->audit.absent.count));
  set(out, "absent_blocks", pd_block_counts_json(&worker->audit.absent, map));
  if (exact) {
    set(out, "unshared_runs", pd_page_runs_json(&worker->unshared));
    set(out, "absent_runs", pd_page_runs_json(&worker->audit.absent));
  }
  set(out, "conditions", json_string(worker->audit.conditions));
  set(out, "witnesses", pd_findings_json(&worker->audit, exact));
  set(out, "samples", samples);
  return out;
}

json_t *pd_page_map_json(const struct pd_page_map *map) {
  json_t *out = json_object();
  json_t *first = json_array();
  json_t *last = json_array();
  for (size_t i = 0; i < map->blocks; i++) {
    bool none = map->first_record[i] == PD_NO_RECORD;
    json_array_append_new(first, none ? json_null() : integer(map->first_record[i]));
    json_array_append_new(last, none ? json_null() : integer(map->last_record[i]));
  }
  set(out, "pages", integer(map->pages));
  set(out, "block_pages", integer(map->block_pages));
  set(out, "first_record", first);
  set(out, "last_record", last);
  return out;
}

static json_t *side_json(const struct pd_side *side, bool exact) {
  json_t *out = json_object();
  json_t *workers = json_array();
  for (size_t i = 0; i < side->fleet.count; i++) {
    json_array_append_new(workers, worker_json(&side->fleet.workers[i], &side->map, exact));
  }
  set(out, "records", integer(side->records));
  set(out, "size", integer(side->size));
  set(out, "records_per_second", json_real(pd_fleet_records_per_second(&side->fleet)));
  set(out, "private_growth_kb", json_real(pd_fleet_growth_kb(&side->fleet)));
  set(out, "unshared_pages_most", integer(pd_fleet_most_unshared(&side->fleet)));
  set(out, "total_pss_kb", integer(side->fleet.total_pss_kb));
  set(out, "seconds", json_real(side->fleet.seconds));
  set(out, "page_map", pd_page_map_json(&side->map));
  set(out, "workers", workers);
  return out;
}

static json_t *control_json(const struct pd_control_result *result) {
  json_t *out = json_object();
  json_t *cells = json_object();
  set(out, "name", json_string(pd_control_name(result->id)));
  set(out, "title", json_string(pd_control_title(result->id)));
  set(out, "available", json_boolean(result->available));
  if (!result->available)
    set(out, "why", json_string(result->why));
  set(out, "touched_pages", integer(result->touched.count));
  set(out, "touched_runs", pd_page_runs_json(&result->touched));
  for (int w = 0; result->available && w < PD_VMFLAGS; w++) {
    json_t *cell = json_object();
    set(cell, "expected", json_string(pd_cell_name(result->expected[w])));
    set(cell, "observed", json_string(pd_cell_name(result->observed[w])));
    set(cell, "amount", integer(result->amount[w]));
    if (result->detail[w][0] != '\0')
      set(cell, "detail", json_string(result->detail[w]));
    set(cells, pd_witnesses[w]->name, cell);
  }
  set(out, "cells", cells);
  return out;
}

json_t *pd_controls_json(const struct pd_control_matrix *matrix) {
  json_t *out = json_object();
  json_t *controls = json_array();
  for (int c = 0; c < PD_CONTROLS; c++) {
    json_array_append_new(controls, control_json(&matrix->results[c]));
  }
  set(out, "tier", json_string(pd_tier_name(matrix->tier)));
  set(out, "mapping", json_string(pd_mapping_name(matrix->mapping)));
  set(out, "cells", integer(matrix->cells));
  set(out, "wrong", integer(matrix->wrong));
  set(out, "unavailable", integer(matrix->unavailable));
  set(out, "controls", controls);
  return out;
}

json_t *pd_verdict_json(const struct pd_verdict *verdict) {
  json_t *out = json_object();
  json_t *witnesses = json_array();
  for (int w = 0; w < PD_WITNESSES; w++) {
    if (verdict->relied_on[w]) {
      json_array_append_new(witnesses, json_string(pd_witnesses[w]->name));
    }
  }
  set(out, "outcome", json_string(pd_outcome_name(verdict->outcome)));
  set(out, "tier", json_string(verdict->root_tier ? "root" : "user"));
  set(out, "witnesses", witnesses);
  set(out, "sentence", json_string(verdict->sentence));
  return out;
}

static json_t *run_json(const struct pd_run *run, bool exact) {
  json_t *out = json_object();
  json_t *guard = json_object();
  set(guard, "checked", json_boolean(run->guard.checked));
  set(guard, "kernel_refuses_writes", json_boolean(run->guard.refuses));
  set(guard, "why", json_string(run->guard.why));
  set(out, "path", text(run->path));
  set(out, "mapping", json_string(pd_mapping_name(run->mapping)));
  set(out, "mapping_title", json_string(pd_mapping_title(run->mapping)));
  set(out, "workers", json_string(pd_tier_name(run->tier)));
  set(out, "workers_title", json_string(pd_tier_title(run->tier)));
  set(out, "order", json_string(run->sequential ? "sequential" : "random"));
  set(out, "seed", integer(run->seed));
  set(out, "verdict", pd_verdict_json(&run->verdict));
  set(out, "region", side_json(&run->region, exact));
  set(out, "heap", run->have_heap ? side_json(&run->heap, exact) : json_null());
  set(out, "heap_objects", integer(run->heap_objects));
  set(out, "heap_note", json_string(run->heap_note));
  set(out, "controls", pd_controls_json(&run->controls));
  set(out, "shipped_mapping", guard);
  return out;
}

json_t *pd_witnesses_json(void) {
  json_t *out = json_object();
  for (int w = 0; w < PD_WITNESSES; w++)
    set(out, pd_witnesses[w]->name, json_string(pd_witnesses[w]->title));
  return out;
}

json_t *pd_report_json(const struct pd_report *report, bool exact) {
  json_t *out = json_object();
  json_t *runs = json_array();
  for (size_t i = 0; i < report->run_count; i++) {
    json_array_append_new(runs, run_json(&report->runs[i], exact));
  }
  set(out, "schema", integer(PD_SCHEMA_VERSION));
  set(out, "kernel", json_string(report->kernel));
  set(out, "page_size", integer(pd_page_size()));
  set(out, "tier", json_string(report->root ? "root" : "user"));
  set(out, "witnesses", pd_witnesses_json());
  set(out, "runs", runs);
  return out;
}
