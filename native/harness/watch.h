/* `pagediff run --region R`: one region's pages in every process of the command that maps the file,
 * whoever opened it, as a whole or in parts, held against this process as the keeper. */
#ifndef PD_WATCH_H
#define PD_WATCH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "callstop.h"
#include "maps.h"
#include "report.h"
#include "source.h"
#include "trace.h"
#include "witness.h"

/* One mapping of the region or of a part of it in one process, as it was when last measured. Page
 * numbers are the region's. */
struct pd_use {
  pid_t pid;
  size_t holder; /* its index */
  uintptr_t base;
  size_t first; /* page of the region that is mapped at base, */
  size_t pages; /* and how many from there on */
  bool shared;
  bool may_write; /* a stray write would have gone through: only then a zero says something */
  bool dropped;   /* it was measured before a call that takes it or a part of it away */
  bool may_store; /* shared, and the kernel allows writes: they go to the file itself */
  struct pd_audit audit;
  char conditions[PD_WHY];    /* what puts it outside the verdict, or "" */
  struct pd_pageset unshared; /* what any page witness named, at any measurement */
  struct pd_pageset present;  /* the process had at any measurement; others are in no state */
};

/* One program in one process that was seen to have the region mapped, at any time. */
struct pd_holder {
  pid_t pid;
  bool forked; /* it has, or had, children of its own */
  bool over;   /* it has ended, or another program has taken its place */
  bool measured;
  struct pd_pageset seen;     /* mapped privately whenever it was looked at */
  struct pd_pageset unshared; /* sums over its private uses */
  struct pd_pageset present;
  char lost[PD_WHY]; /* why something that it did may not have been seen, or "" */
};

struct pd_watch {
  const char *path;
  struct pd_mapping mapping; /* the keeper's */
  struct pd_map file;        /* as the kernel names it */
  struct stat opened;        /* the file as it was then */
  bool changed;              /* it was cut or written since: copies went with it unseen */
  bool replaced;             /* another file came to the path since, which is not watched, */
  pid_t successor_in;        /* and this process mapped it, or 0 */
  struct pd_source source;
  struct pd_page_map map;
  struct pd_use *uses;
  size_t count;
  struct pd_holder *holders;
  size_t holder_count;
  size_t absent;      /* pages of private mappings, not present in the last measurement */
  char blind[PD_WHY]; /* why memory that was dropped could not be looked at before, or "" */
};

/* Maps and touches the region. `path` is borrowed. Free with pd_watch_close in any case. */
bool pd_watch_open(struct pd_watch *watch, const char *path, struct pd_error *error);

/* Notes whether a process, stopped or running, has the region mapped. */
bool pd_watch_note(struct pd_watch *watch, pid_t pid, struct pd_error *error);

/* A child is at its first stop. */
bool pd_watch_forked(struct pd_watch *watch, pid_t parent, pid_t child, struct pd_error *error);

/* The process is about to drop memory: what it has there of the region is measured before, through
 * a thread that is stopped. */
bool pd_watch_call(struct pd_watch *watch, pid_t pid, pid_t thread, const struct pd_call *call,
                   struct pd_error *error);

/* Another program has taken its place; what it had mapped is gone. */
void pd_watch_executed(struct pd_watch *watch, pid_t pid);

/* A thread of the process is at its exit: measures every mapping of the region that is left. Only
 * with the last one this is the process's end. */
bool pd_watch_exiting(struct pd_watch *watch, const struct pd_exit *ending,
                      struct pd_error *error);

/* The process has been waited for: its number may come back. */
void pd_watch_gone(struct pd_watch *watch, pid_t pid);

/* The command has ended. The path is looked at once more. */
void pd_watch_end(struct pd_watch *watch);

void pd_watch_close(struct pd_watch *watch);

#endif
