#include "run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trace.h"
#include "witness.h"
#include "worker.h"

/* The last one: process numbers come back. */
static struct pd_inheritance *find(struct pd_pool *pool, pid_t pid) {
  for (size_t i = pool->count; i > 0; i--) {
    if (pool->children[i - 1].pid == pid)
      return &pool->children[i - 1];
  }
  return NULL;
}

static bool on_forked(void *context, pid_t parent, pid_t child, struct pd_error *error) {
  struct pd_pool *pool = context;
  struct pd_inheritance *origin = find(pool, parent);
  struct pd_error why = {""};
  if (origin != NULL)
    origin->forked = true;
  struct pd_inheritance *grown =
      realloc(pool->children, (pool->count + 1) * sizeof *pool->children);
  if (grown == NULL)
    return pd_fail(error, "no memory to follow another process");
  pool->children = grown;
  if (pd_inherit_snapshot(&grown[pool->count], parent, child, &why)) {
    pool->count++;
  } else if (pool->trouble[0] == '\0') {
    snprintf(pool->trouble, sizeof pool->trouble, "process %ld: %.120s", (long)child, why.text);
  }
  return true;
}

static bool on_executed(void *context, pid_t pid, struct pd_error *error) {
  struct pd_inheritance *child = find(context, pid);
  (void)error;
  if (child != NULL)
    child->executed = true;
  return true;
}

static double seconds_since(uint64_t start) {
  return (double)(pd_now() - start) / 1e9;
}

static bool on_exiting(void *context, pid_t pid, struct pd_error *error) {
  struct pd_pool *pool = context;
  struct pd_inheritance *child = find(pool, pid);
  struct pd_error why = {""};
  bool ok = true;
  (void)error;
  if (child != NULL)
    pd_inherit_sample(child, pool->frames, seconds_since(pool->start));
  if (child != NULL && !child->executed)
    ok = pd_inherit_measure(child, pool->frames, &why);
  if (child != NULL)
    child->ended = true;
  if (ok && pool->watch != NULL)
    ok = pd_watch_measure(pool->watch, pid, child != NULL && child->forked, &why);
  if (!ok && pool->trouble[0] == '\0')
    snprintf(pool->trouble, sizeof pool->trouble, "process %ld: %.120s", (long)pid, why.text);
  return true;
}

static void on_tick(void *context) {
  struct pd_pool *pool = context;
  for (size_t i = 0; i < pool->count; i++)
    pd_inherit_sample(&pool->children[i], pool->frames, seconds_since(pool->start));
}

/* The controls on memory of the kind that is looked at: the region's own, or inherited memory. */
static bool run_controls(struct pd_pool *pool, struct pd_error *error) {
  const struct pd_host host = {PD_TIER_FORK, NULL};
  const uint64_t records = 1500;
  const uint64_t seed = 1;
  struct pd_mapping mapping;
  struct pd_source source;
  int fd = -1;
  size_t size = 0;
  if (pool->watch != NULL) {
    return pd_controls_run(&host, &pool->watch->mapping, &pool->watch->source, NULL, seed,
                           &pool->controls, error);
  }
  if (!pd_synthetic_file(records, seed, &fd, &size, error))
    return false;
  bool ok = pd_mapping_open(&mapping, PD_ANON, fd, size, NULL, NULL, error);
  close(fd);
  if (!ok)
    return false;
  ok = pd_source_open_synthetic(&source, &mapping, error) &&
       pd_controls_run(&host, &mapping, &source, NULL, seed, &pool->controls, error);
  pd_mapping_close(&mapping);
  return ok;
}

bool pd_pool_run(char *const arguments[], const struct pd_pool_options *options,
                 struct pd_pool *pool, struct pd_error *error) {
  struct pd_trace_events events = {
      .forked = on_forked, .executed = on_executed, .exiting = on_exiting};
  *pool = (struct pd_pool){.frames = pd_frames_visible(), .watch = options->watch};
  if (options->sample_ms > 0) {
    events.tick = on_tick;
    events.tick_ms = options->sample_ms;
  }
  if (!run_controls(pool, error))
    return false;
  pool->start = pd_now();
  bool ok = pd_trace_run(arguments, &events, pool, &pool->status, error);
  pool->seconds = seconds_since(pool->start);
  return ok;
}

void pd_pool_free(struct pd_pool *pool) {
  for (size_t i = 0; i < pool->count; i++)
    pd_inherit_free(&pool->children[i]);
  free(pool->children);
  pd_controls_free(&pool->controls);
  memset(pool, 0, sizeof *pool);
}

static bool counts(const struct pd_inheritance *child) {
  return child->measured && !child->executed && child->conditions[0] == '\0';
}

size_t pd_pool_measured(const struct pd_pool *pool) {
  size_t n = 0;
  for (size_t i = 0; i < pool->count; i++)
    n += counts(&pool->children[i]) ? 1 : 0;
  return n;
}

double pd_pool_mean_unshared(const struct pd_pool *pool) {
  size_t pages = 0;
  for (size_t i = 0; i < pool->count; i++)
    pages += counts(&pool->children[i]) ? pool->children[i].unshared : 0;
  size_t measured = pd_pool_measured(pool);
  return measured == 0 ? 0 : (double)pages / (double)measured;
}

static enum pd_outcome region_outcome(const struct pd_watch *watch, char sentence[512]) {
  size_t outside = 0;
  size_t refused = 0;
  size_t counted = 0;
  size_t most = 0;
  char of[32];
  for (size_t i = 0; i < watch->count; i++) {
    const struct pd_use *use = &watch->uses[i];
    if (use->audit.conditions[0] != '\0') {
      outside++;
    } else if (!use->may_write || use->shared) {
      refused++;
    } else {
      counted++;
      most = use->unshared.count > most ? use->unshared.count : most;
    }
  }
  if (counted == 0) {
    snprintf(sentence, 512,
             "No verdict: no process had the region in private memory that it could have written "
             "(%zu mappings where the kernel refuses writes or shares them, %zu outside)",
             refused, outside);
    return PD_INCONCLUSIVE;
  }
  pd_grouped(watch->mapping.pages, of);
  if (most > 0) {
    snprintf(sentence, 512, "A process un-shared %zu of the region's %s pages; %zu were looked at",
             most, of, counted);
    return PD_UNSHARED;
  }
  snprintf(sentence, 512, "None of %zu processes un-shared any of the region's %s pages%s", counted,
           of, outside > 0 ? "; others are outside the verdict" : "");
  return PD_ZERO;
}

static enum pd_outcome inherited_outcome(const struct pd_pool *pool, const struct pd_pool *baseline,
                                         char sentence[512]) {
  double mean = pd_pool_mean_unshared(pool);
  double base = baseline == NULL ? 0 : pd_pool_mean_unshared(baseline);
  if (pd_pool_measured(pool) == 0) {
    snprintf(sentence, 512, "No verdict: no forked process could be measured at its exit");
    return PD_INCONCLUSIVE;
  }
  snprintf(sentence, 512, "Processes measured: %zu; they un-shared %.1f inherited pages each",
           pd_pool_measured(pool), mean);
  if (baseline != NULL)
    snprintf(sentence + strlen(sentence), 512 - strlen(sentence),
             " (mean), against %.1f of the baseline", base);
  return mean > base ? PD_UNSHARED : PD_ZERO;
}

enum pd_outcome pd_pool_outcome(const struct pd_pool *pool, const struct pd_pool *baseline,
                                char sentence[512]) {
  if (pool->controls.wrong > 0) {
    snprintf(sentence, 512, "No verdict: %u of %u control answers differ from the expected table",
             pool->controls.wrong, pool->controls.cells);
    return PD_INCONCLUSIVE;
  }
  if (pool->trouble[0] != '\0') {
    snprintf(sentence, 512, "No verdict: %s", pool->trouble);
    return PD_INCONCLUSIVE;
  }
  return pool->watch != NULL ? region_outcome(pool->watch, sentence)
                             : inherited_outcome(pool, baseline, sentence);
}
