/* `pagediff run -- CMD`: which inherited pages do the processes that CMD forks un-share? Works on
 * any prefork pool, with no region in it. */
#ifndef PD_RUN_H
#define PD_RUN_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "inherit.h"
#include "inherit_control.h"
#include "verdict.h"
#include "watch.h"

/* May all be zero. */
struct pd_pool_options {
  struct pd_watch *watch; /* a region whose pages are looked at in every process */
  unsigned sample_ms;     /* between two points of the curves; 0: none */
  bool no_call_stops;     /* as where a seccomp filter is refused */
};

struct pd_pool {
  struct pd_watch *watch;            /* borrowed */
  struct pd_control_matrix controls; /* what the witnesses say here of deeds that are known */
  struct pd_inherit_controls own_controls; /* and what is said of inherited pages; no region */
  uint64_t start;
  double seconds;
  struct pd_inheritance *children;
  size_t count;
  bool frames;       /* frame numbers were compared: the root tier */
  int status;        /* wait status of the command */
  int exec_errno;    /* why its program could not be run, or 0 */
  int interrupted;   /* the last signal that was meant to end the run, or 0 */
  char trouble[160]; /* the first child that could not be measured, or "" */
};

/* Runs the command to its end. Free with pd_pool_free in any case. */
bool pd_pool_run(char *const arguments[], const struct pd_pool_options *options,
                 struct pd_pool *pool, struct pd_error *error);

void pd_pool_free(struct pd_pool *pool);

/* "exit status 3", "killed by signal 9 (Killed)". */
void pd_pool_describe_end(const struct pd_pool *pool, char out[64]);

/* What it amounts to, beyond the baseline (may be NULL): of the region when one is watched, of
 * everything inherited otherwise. A zero needs: every control answered as the table says; two
 * witnesses that name pages; no process whose use was lost; and none outside (see conditions) is
 * part of it; of what is inherited, no more pages dropped than by the baseline, nor parted from the
 * parent's. An un-shared page is a finding wherever one witness that passed its controls saw it; of
 * what is inherited, only where no process was lost and the baseline can be subtracted.
 */
void pd_pool_judge(const struct pd_pool *pool, const struct pd_pool *baseline,
                   struct pd_verdict *verdict);

/* Whether a child was measured and is not outside the verdict. */
bool pd_pool_counts(const struct pd_inheritance *child);

/* Children that were measured and are not outside the verdict, and the mean of the pages they
 * un-shared. */
size_t pd_pool_measured(const struct pd_pool *pool);
double pd_pool_mean_unshared(const struct pd_pool *pool);

/* Of the process that un-shared most, also when it is outside the verdict only because it forked:
 * the frames of what it has are its own doing all the same. */
size_t pd_pool_most_unshared(const struct pd_pool *pool);

/* The same of the pages that are not shared with the parent any more, whichever of both wrote, or
 * whichever thread of the parent. */
double pd_pool_mean_apart(const struct pd_pool *pool);
size_t pd_pool_most_apart(const struct pd_pool *pool);

/* What is counted of a process: pages that it un-shared; that are not shared any more; that it gave
 * up before its exit. */
enum pd_pool_pages { PD_UNSHARED_PAGES, PD_APART_PAGES, PD_DROPPED_PAGES };

/* The processes that count, in the order of their pages: how many has the one that stands after
 * `quarter` of four quarters of them (2: the middle)? For dropped pages, all that were measured. */
size_t pd_pool_quarter(const struct pd_pool *pool, unsigned quarter, enum pd_pool_pages which);

/* Inherited pages that a process gave up before its exit (unmapped, given back): mean and most of
 * all that were measured; and processes that ran another program and so gave up all of them. What
 * was done to these pages before was not seen. */
double pd_pool_mean_dropped(const struct pd_pool *pool);
size_t pd_pool_most_dropped(const struct pd_pool *pool);
size_t pd_pool_executed(const struct pd_pool *pool);

/* `baseline` (may be NULL) is the pool of the host's empty loop. */
void pd_pool_print(const struct pd_pool *pool, const struct pd_pool *baseline, FILE *out);

/* As report-schema.md describes. */
json_t *pd_pool_json(const struct pd_pool *pool, const struct pd_pool *baseline);

/* The same and what a page draws of it. */
bool pd_pool_html(const struct pd_pool *pool, const struct pd_pool *baseline, const char *path,
                  struct pd_error *error);

#endif
