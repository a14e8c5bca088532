/* The measurements, each a table of its own. */
#ifndef ZTC_BENCH_CASES_H
#define ZTC_BENCH_CASES_H

#include "data.h"
#include "measure.h"

typedef struct settings {
  const char *directory;
  uint64_t far_bytes; /* size of a region that is far out of cache */
  int rounds;
} settings;

/* One table line: what, ns a record, GB/s, ns of the floor, ratio with interval. */
void print_heading(const char *title, const char *floor);
void print_line(const char *what, const result *r, uint64_t bytes);
/* A line with a number that is not a time. */
void print_count(const char *what, long count);
/* From now on every line goes to this file as well, with its rounds; 0 if it cannot be written. */
int open_json(const char *path);
/* 0 if something could not be written. */
int close_json(void);

void run_single(const settings *s);
void run_batch(const settings *s);
void run_graph(const settings *s);
void run_path(const settings *s);
void run_keys(const settings *s);
void run_open(const settings *s);
void run_validate(const settings *s);

#endif
