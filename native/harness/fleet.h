/* N workers at once over one mapping, sampled while they run and measured when all are done and
 * still alive. */
#ifndef PD_FLEET_H
#define PD_FLEET_H

#include <stdbool.h>
#include <stdint.h>

#include "audit_mapping.h"
#include "control.h"
#include "problem.h"
#include "witness.h"
#include "worker.h"

struct pd_sample {
  double seconds;      /* since the work began */
  uint64_t records;    /* done by then */
  uint64_t private_kb; /* of the whole worker, beyond what it had before the work */
  uint64_t pages;      /* of the source un-shared or written by then */
};

struct pd_worker_result {
  uint64_t records;
  uint64_t bytes;
  double seconds;
  uint64_t private_before_kb;
  uint64_t private_after_kb;
  uint64_t pss_kb;
  struct pd_audit audit;
  struct pd_pageset had;      /* pages that were there when its work began */
  struct pd_pageset unshared; /* what any page witness named */
  struct pd_sample *samples;
  size_t sample_count;
};

struct pd_fleet {
  size_t count;
  struct pd_worker_result *workers;
  uint64_t total_pss_kb; /* the workers and the keeper */
  double seconds;        /* from release to the last worker's end */
};

/* What a fleet works on. `contexts[i]` is handed to worker i. */
struct pd_fleet_work {
  const struct pd_mapping *mapping;
  struct pd_digests *digests; /* may be NULL */
  size_t workers;
  struct pd_host host;
  pd_job *prepare;       /* PD_TIER_FORK: before arming; may be NULL */
  pd_job *job;           /* PD_TIER_FORK */
  void *const *contexts; /* in a JVM: struct pd_java_task */
  uint64_t records;      /* a worker will do, for progress */
  pd_mapping_progress *progress;
  void *progress_context;
};

/* False when a worker could not be run to its end. Free with pd_fleet_free in any case. */
bool pd_fleet_run(const struct pd_fleet_work *work, struct pd_fleet *fleet, struct pd_error *error);

void pd_fleet_free(struct pd_fleet *fleet);

/* Growth of private memory, mean of the workers, and records a second, mean of the workers. */
double pd_fleet_growth_kb(const struct pd_fleet *fleet);
double pd_fleet_records_per_second(const struct pd_fleet *fleet);
/* Un-shared pages of the worker that un-shared most. */
size_t pd_fleet_most_unshared(const struct pd_fleet *fleet);

#endif
