/* `pagediff run --region R`: one region's pages in every process of the command that maps the file,
 * whoever opened it, held against this process as the keeper. */
#ifndef PD_WATCH_H
#define PD_WATCH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "report.h"
#include "source.h"
#include "witness.h"

/* One process's mapping of the region, as it was at the exit. */
struct pd_use {
  pid_t pid;
  uintptr_t base;
  bool shared;
  bool may_write; /* the kernel would have let a write through: only then a zero says something */
  struct pd_audit audit;
  struct pd_pageset unshared; /* what any page witness named */
};

struct pd_watch {
  const char *path;
  struct pd_mapping mapping; /* the keeper's */
  struct pd_source source;
  struct pd_page_map map;
  struct pd_use *uses;
  size_t count;
};

/* Maps and touches the region. `path` is borrowed. Free with pd_watch_close in any case. */
bool pd_watch_open(struct pd_watch *watch, const char *path, struct pd_error *error);

/* Measures every mapping of the region in a stopped process; the last answer for one stands.
 * `forked`: the process is known to have forked. */
bool pd_watch_measure(struct pd_watch *watch, pid_t pid, bool forked, struct pd_error *error);

void pd_watch_close(struct pd_watch *watch);

#endif
