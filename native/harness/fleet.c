#include "fleet.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "java.h"
#include "pagemap.h"
#include "smaps.h"
#include "uffd.h"

struct run {
  const struct pd_fleet_work *work;
  struct pd_fleet *fleet;
  struct pd_worker *workers;
  struct pd_target *targets;
  struct pd_arming *arming;  /* a copy of each board's, so that results outlive the workers */
  uint64_t *entries;         /* scratch for samples without the scan */
  struct pd_pageset scratch; /* scratch for samples with it */
  uint64_t start;
};

static uint64_t private_kb(pid_t pid) {
  struct pd_smaps sums;
  return pd_smaps_rollup(pid, &sums, NULL) ? pd_smaps_private_kb(&sums) : 0;
}

/* The cheapest page count that this worker allows while it runs. */
static uint64_t pages_now(struct run *run, size_t i) {
  const struct pd_target *target = &run->targets[i];
  const struct pd_worker *worker = &run->workers[i];
  pd_pageset_clear(&run->scratch);
  if (worker->board->arming[PD_SCAN].armed &&
      pd_scan_written(target->worker, target->worker_base, target->pages, &run->scratch, NULL)) {
    return run->scratch.count;
  }
  if (!pd_pagemap_read(target->worker, target->worker_base, target->pages, run->entries, NULL)) {
    return 0;
  }
  uint64_t n = 0;
  for (size_t page = 0; page < target->pages; page++) {
    n += pd_entry_present(run->entries[page]) && pd_entry_exclusive(run->entries[page]) ? 1 : 0;
  }
  return n;
}

static bool take_sample(struct run *run, size_t i, struct pd_error *error) {
  struct pd_worker_result *result = &run->fleet->workers[i];
  struct pd_board *board = run->workers[i].board;
  struct pd_sample *grown =
      realloc(result->samples, (result->sample_count + 1) * sizeof *result->samples);
  if (grown == NULL)
    return pd_fail(error, "no memory for samples");
  result->samples = grown;
  uint64_t work_ns = atomic_load(&board->work_ns);
  uint64_t now = work_ns != 0 ? work_ns : pd_now() - run->start;
  uint64_t private = private_kb(run->workers[i].pid);
  double seconds = (double)now / 1e9;
  /* Its own time begins a little after this one's. */
  if (result->sample_count > 0 && seconds < grown[result->sample_count - 1].seconds)
    seconds = grown[result->sample_count - 1].seconds;
  grown[result->sample_count++] = (struct pd_sample){
      .seconds = seconds,
      .records = atomic_load(&board->done),
      .private_kb = private > result->private_before_kb ? private - result->private_before_kb : 0,
      .pages = pages_now(run, i),
  };
  return true;
}

static bool start_worker(const struct pd_fleet_work *work, struct pd_worker *worker, void *context,
                         struct pd_error *error) {
  return work->host.tier == PD_TIER_FORK
             ? pd_worker_start(worker, work->mapping, work->prepare, work->job, context, error)
             : pd_java_start(worker, work->mapping, context, error);
}

/* Pages that are there now and not at the end were given back. */
static bool note_present(struct run *run, size_t i, struct pd_error *error) {
  const struct pd_target *target = &run->targets[i];
  if (!pd_pagemap_read(target->worker, target->worker_base, target->pages, run->entries, error))
    return false;
  for (size_t page = 0; page < target->pages; page++) {
    if (pd_entry_present(run->entries[page]))
      pd_pageset_add(&run->fleet->workers[i].had, page);
  }
  return true;
}

static bool begin(struct run *run, struct pd_error *error) {
  const struct pd_fleet_work *work = run->work;
  for (size_t i = 0; i < work->workers; i++) {
    if (!start_worker(work, &run->workers[i], work->contexts[i], error))
      return false;
  }
  for (size_t i = 0; i < work->workers; i++) {
    struct pd_worker_result *result = &run->fleet->workers[i];
    if (!pd_worker_await(&run->workers[i], error))
      return false;
    if (!pd_worker_target(&run->workers[i], work->mapping, &run->targets[i], error))
      return false;
    struct pd_arming *copy = run->arming + i * PD_WITNESSES;
    const struct pd_arming *arming = pd_worker_arming(&run->workers[i], work->mapping);
    if (arming != NULL)
      memcpy(copy, arming, PD_WITNESSES * sizeof *copy);
    if (!pd_audit_init(&result->audit, &run->targets[i], arming == NULL ? NULL : copy,
                       work->digests, error))
      return false;
    pd_audit_arm(&result->audit);
    if (!note_present(run, i, error))
      return false;
    result->private_before_kb = private_kb(run->workers[i].pid);
  }
  run->start = pd_now();
  for (size_t i = 0; i < work->workers; i++) {
    if (!take_sample(run, i, error))
      return false;
    run->fleet->workers[i].samples[0].seconds = 0;
  }
  run->start = pd_now();
  for (size_t i = 0; i < work->workers; i++) {
    if (!pd_worker_release(&run->workers[i], error))
      return false;
  }
  return true;
}

static void report_progress(const struct run *run) {
  const struct pd_fleet_work *work = run->work;
  uint64_t done = 0;
  if (work->progress == NULL)
    return;
  for (size_t i = 0; i < work->workers; i++)
    done += atomic_load(&run->workers[i].board->done);
  work->progress(work->progress_context, done, work->records * work->workers);
}

/* What this process itself has computed: waiting for a core while workers have it costs nothing. */
static uint64_t own_time(void) {
  struct timespec used;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return (uint64_t)used.tv_sec * UINT64_C(1000000000) + (uint64_t)used.tv_nsec;
}

/* Samples every worker, then waits so long that sampling stays a small part of the time. */
static bool follow(struct run *run, struct pd_error *error) {
  size_t workers = run->work->workers;
  bool *finished = calloc(workers, sizeof *finished);
  if (finished == NULL)
    return pd_fail(error, "no memory");
  uint64_t pause = UINT64_C(50000000);
  uint64_t next = run->start + pause;
  size_t left = workers;
  bool ok = true;
  while (ok && left > 0) {
    for (size_t i = 0; ok && i < workers; i++) {
      bool ready = false;
      if (finished[i])
        continue;
      ok = pd_worker_poll(&run->workers[i], left == 1 ? 20 : 5, &ready, error);
      if (!ready)
        continue;
      finished[i] = true;
      left--;
      if (atomic_load(&run->workers[i].board->failed) != 0) {
        ok = pd_fail(error, "%s", run->workers[i].board->why.text);
      }
    }
    if (!ok || left == 0 || pd_now() < next)
      continue;
    uint64_t before = own_time();
    for (size_t i = 0; ok && i < workers; i++) {
      if (!finished[i])
        ok = take_sample(run, i, error);
    }
    report_progress(run);
    uint64_t cost = own_time() - before;
    pause = cost * 10 > pause ? cost * 10 : pause;
    next = pd_now() + pause;
  }
  free(finished);
  run->fleet->seconds = (double)(pd_now() - run->start) / 1e9;
  return ok;
}

static bool measure(struct run *run, struct pd_error *error) {
  struct pd_fleet *fleet = run->fleet;
  struct pd_smaps sums;
  /* The proportional share first: the keeper's reading of its own pages must not disturb it. */
  for (size_t i = 0; i < fleet->count; i++) {
    if (!pd_smaps_rollup(run->workers[i].pid, &sums, error))
      return false;
    fleet->workers[i].pss_kb = sums.pss_kb;
    fleet->workers[i].private_after_kb = pd_smaps_private_kb(&sums);
    fleet->total_pss_kb += sums.pss_kb;
  }
  if (!pd_smaps_rollup(getpid(), &sums, error))
    return false;
  fleet->total_pss_kb += sums.pss_kb;
  for (size_t i = 0; i < fleet->count; i++) {
    struct pd_worker_result *result = &fleet->workers[i];
    struct pd_board *board = run->workers[i].board;
    result->records = atomic_load(&board->done);
    result->bytes = atomic_load(&board->bytes);
    result->seconds = (double)atomic_load(&board->work_ns) / 1e9;
    if (!take_sample(run, i, error))
      return false;
    pd_audit_finish(&result->audit);
    pd_audit_unite(&result->audit, &result->unshared);
  }
  return true;
}

bool pd_fleet_run(const struct pd_fleet_work *work, struct pd_fleet *fleet,
                  struct pd_error *error) {
  size_t pages = work->mapping->pages;
  memset(fleet, 0, sizeof *fleet);
  struct run run = {.work = work, .fleet = fleet};
  run.workers = calloc(work->workers, sizeof *run.workers);
  run.arming = calloc(work->workers * PD_WITNESSES, sizeof *run.arming);
  run.targets = calloc(work->workers, sizeof *run.targets);
  run.entries = malloc(pages * sizeof *run.entries);
  fleet->workers = calloc(work->workers, sizeof *fleet->workers);
  bool ok = run.workers != NULL && run.arming != NULL && run.targets != NULL &&
            run.entries != NULL && fleet->workers != NULL && pd_pageset_init(&run.scratch, pages);
  if (ok)
    fleet->count = work->workers;
  for (size_t i = 0; ok && i < work->workers; i++) {
    ok = pd_pageset_init(&fleet->workers[i].had, pages) &&
         pd_pageset_init(&fleet->workers[i].unshared, pages);
  }
  if (!ok) {
    pd_fail(error, "no memory to follow %zu workers", work->workers);
  } else {
    if (work->digests != NULL)
      work->digests->have_after = false;
    ok = begin(&run, error) && follow(&run, error) && measure(&run, error);
  }
  for (size_t i = 0; run.workers != NULL && i < work->workers; i++)
    pd_worker_end(&run.workers[i]);
  for (size_t i = 0; i < fleet->count; i++)
    fleet->workers[i].audit.arming = NULL;
  pd_pageset_free(&run.scratch);
  free(run.workers);
  free(run.arming);
  free(run.targets);
  free(run.entries);
  return ok;
}

void pd_fleet_free(struct pd_fleet *fleet) {
  for (size_t i = 0; i < fleet->count; i++) {
    pd_audit_free(&fleet->workers[i].audit);
    pd_pageset_free(&fleet->workers[i].had);
    pd_pageset_free(&fleet->workers[i].unshared);
    free(fleet->workers[i].samples);
  }
  free(fleet->workers);
  memset(fleet, 0, sizeof *fleet);
}

double pd_fleet_growth_kb(const struct pd_fleet *fleet) {
  double sum = 0;
  for (size_t i = 0; i < fleet->count; i++) {
    sum += (double)fleet->workers[i].private_after_kb - (double)fleet->workers[i].private_before_kb;
  }
  return fleet->count == 0 ? 0 : sum / (double)fleet->count;
}

double pd_fleet_records_per_second(const struct pd_fleet *fleet) {
  double sum = 0;
  for (size_t i = 0; i < fleet->count; i++) {
    const struct pd_worker_result *result = &fleet->workers[i];
    sum += result->seconds > 0 ? (double)result->records / result->seconds : 0;
  }
  return fleet->count == 0 ? 0 : sum / (double)fleet->count;
}

size_t pd_fleet_most_unshared(const struct pd_fleet *fleet) {
  size_t most = 0;
  for (size_t i = 0; i < fleet->count; i++) {
    if (fleet->workers[i].unshared.count > most)
      most = fleet->workers[i].unshared.count;
  }
  return most;
}
