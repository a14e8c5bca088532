/* The data behind every form of the report: table, JSON and HTML show the same. */
#ifndef PD_REPORT_H
#define PD_REPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "control.h"
#include "fleet.h"
#include "guard.h"
#include "source.h"
#include "verdict.h"

enum { PD_SCHEMA_VERSION = 1, PD_MOST_BLOCKS = 4096 };

#define PD_NO_RECORD UINT64_MAX

/* Pages in blocks of equal size, few enough to draw, with the records that lie in each. */
struct pd_page_map {
  size_t pages;
  size_t block_pages;
  size_t blocks;
  uint64_t *first_record; /* PD_NO_RECORD: the block holds none */
  uint64_t *last_record;
};

bool pd_page_map_init(struct pd_page_map *map, size_t pages, const struct pd_source *source);
void pd_page_map_free(struct pd_page_map *map);

/* One side of the comparison: workers over one layout of the data. */
struct pd_side {
  uint64_t records; /* in the layout */
  uint64_t size;    /* bytes */
  struct pd_page_map map;
  struct pd_fleet fleet;
};

struct pd_run {
  const char *path;
  enum pd_mapping_kind mapping;
  enum pd_tier tier;
  bool sequential;
  uint64_t seed;
  struct pd_side region;
  struct pd_control_matrix controls;
  struct pd_guard guard;
  bool have_heap;
  char heap_note[160]; /* why there is none, or why it holds fewer records */
  uint64_t heap_objects;
  struct pd_side heap;
  struct pd_verdict verdict;
};

struct pd_report {
  struct pd_run *runs;
  size_t run_count;
  char kernel[128];
  bool root;
};

void pd_report_free(struct pd_report *report);

/* The table a person reads, and the verdict. */
void pd_report_print(const struct pd_run *run, FILE *out);

/* The control matrix as a table. */
void pd_matrix_print(const struct pd_control_matrix *matrix, FILE *out);

/* The document that report-schema.md describes; NULL when memory is short. Without `exact` the
 * runs of page numbers are left out and blocks are enough (what the page draws). */
json_t *pd_report_json(const struct pd_report *report, bool exact);

/* Parts of it, that another report has as well. */
json_t *pd_page_runs_json(const struct pd_pageset *pages);
json_t *pd_block_counts_json(const struct pd_pageset *pages, const struct pd_page_map *map);
json_t *pd_page_map_json(const struct pd_page_map *map);
json_t *pd_findings_json(const struct pd_audit *audit, bool exact);
json_t *pd_witnesses_json(void);
json_t *pd_verdict_json(const struct pd_verdict *verdict);
json_t *pd_controls_json(const struct pd_control_matrix *matrix);

/* The page around a document (NULL: memory is short). */
bool pd_page_write(const json_t *document, const char *path, struct pd_error *error);

/* One self-contained page. */
bool pd_report_html(const struct pd_report *report, const char *path, struct pd_error *error);

/* Writes a document, atomically enough for a report: a failed write is an error. */
bool pd_json_write(const json_t *document, const char *path, struct pd_error *error);

#endif
