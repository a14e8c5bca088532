#include "run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pagemap.h"
#include "trace.h"
#include "witness.h"
#include "worker.h"

/* Process numbers come back. */
static struct pd_inheritance *find(struct pd_pool *pool, pid_t pid) {
  for (size_t i = pool->count; i > 0; i--) {
    if (pool->children[i - 1].pid == pid && !pool->children[i - 1].gone)
      return &pool->children[i - 1];
  }
  return NULL;
}

static void note_trouble(struct pd_pool *pool, pid_t pid, const struct pd_error *why) {
  if (pool->trouble[0] == '\0')
    snprintf(pool->trouble, sizeof pool->trouble, "process %ld: %.120s", (long)pid, why->text);
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
  } else {
    note_trouble(pool, child, &why);
  }
  if (pool->watch != NULL && !pd_watch_forked(pool->watch, parent, child, &why))
    note_trouble(pool, child, &why);
  return true;
}

static bool on_call(void *context, pid_t pid, pid_t thread, const struct pd_call *call,
                    struct pd_error *error) {
  struct pd_pool *pool = context;
  struct pd_error why = {""};
  (void)error;
  if (!pd_watch_call(pool->watch, pid, thread, call, &why))
    note_trouble(pool, pid, &why);
  return true;
}

/* A child of that process which is still to be looked at. */
static bool is_left_by(const struct pd_inheritance *child, pid_t parent) {
  return child->parent == parent && !child->ended && !child->gone && !child->parent_ended;
}

static void on_trouble(void *context, pid_t pid, const struct pd_error *why) {
  note_trouble(context, pid, why);
}

static void on_calls_refused(void *context, const struct pd_error *why) {
  struct pd_pool *pool = context;
  snprintf(pool->watch->blind, sizeof pool->watch->blind, "%.*s", PD_WHY - 1, why->text);
}

static bool on_executed(void *context, pid_t pid, struct pd_error *error) {
  struct pd_pool *pool = context;
  struct pd_inheritance *child = find(pool, pid);
  (void)error;
  if (child != NULL)
    pd_inherit_executed(child);
  for (size_t i = 0; i < pool->count; i++) {
    if (is_left_by(&pool->children[i], pid))
      pool->children[i].parent_executed = true;
  }
  if (pool->watch != NULL)
    pd_watch_executed(pool->watch, pid);
  return true;
}

static double seconds_since(uint64_t start) {
  return (double)(pd_now() - start) / 1e9;
}

/* With a process go the copies that it got when it wrote first. */
static void part_from(struct pd_pool *pool, pid_t parent) {
  for (size_t i = 0; i < pool->count; i++) {
    if (is_left_by(&pool->children[i], parent))
      pd_inherit_part(&pool->children[i], pool->frames);
  }
}

static void leave_behind(struct pd_pool *pool, pid_t parent) {
  for (size_t i = 0; i < pool->count; i++) {
    if (is_left_by(&pool->children[i], parent))
      pool->children[i].parent_ended = true;
  }
}

static void on_gone(void *context, pid_t pid) {
  struct pd_pool *pool = context;
  struct pd_inheritance *child = find(pool, pid);
  leave_behind(pool, pid);
  if (child != NULL) {
    child->gone = true;
    pd_inherit_settle(child);
  }
  if (pool->watch != NULL)
    pd_watch_gone(pool->watch, pid);
}

static bool on_exiting(void *context, const struct pd_exit *ending, struct pd_error *error) {
  struct pd_pool *pool = context;
  struct pd_inheritance *child = find(pool, ending->pid);
  struct pd_error why = {""};
  bool ok = true;
  (void)error;
  if (child != NULL) {
    child->thread = ending->thread;
    child->killed = ending->killed;
    pd_inherit_sample(child, pool->frames, seconds_since(pool->start));
  }
  if (child != NULL && !child->executed && !child->ended)
    ok = pd_inherit_measure(child, pool->frames, &why);
  if (child != NULL && ending->last) {
    child->ended = true;
    pd_inherit_settle(child);
  }
  part_from(pool, ending->pid);
  if (ending->last)
    leave_behind(pool, ending->pid);
  if (ok && pool->watch != NULL)
    ok = pd_watch_exiting(pool->watch, ending, &why);
  if (!ok)
    note_trouble(pool, ending->pid, &why);
  return true;
}

static void on_tick(void *context) {
  struct pd_pool *pool = context;
  for (size_t i = 0; i < pool->count; i++) {
    pd_inherit_sample(&pool->children[i], pool->frames, seconds_since(pool->start));
    if (pool->watch != NULL && !pool->children[i].ended && !pool->children[i].gone)
      pd_watch_note(pool->watch, pool->children[i].pid, NULL);
  }
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
  if (!ok) {
    close(fd);
    return false;
  }
  ok = pd_source_open_synthetic(&source, &mapping, error) &&
       pd_controls_run(&host, &mapping, &source, NULL, seed, &pool->controls, error) &&
       pd_inherit_controls_run(fd, size, pool->frames, seed, &pool->own_controls, error);
  pd_mapping_close(&mapping);
  close(fd);
  return ok;
}

/* Or the command's first process had the keeper's mapping until its exec, and mapped the region
 * twice. */
static bool keep_from_command(const struct pd_mapping *mapping, struct pd_error *error) {
  return madvise(mapping->base, mapping->pages * pd_page_size(), MADV_DONTFORK) == 0 ||
         pd_fail_errno(error, "the region cannot be kept from the command");
}

bool pd_pool_run(char *const arguments[], const struct pd_pool_options *options,
                 struct pd_pool *pool, struct pd_error *error) {
  struct pd_trace_events events = {.forked = on_forked,
                                   .executed = on_executed,
                                   .exiting = on_exiting,
                                   .trouble = on_trouble,
                                   .gone = on_gone};
  *pool = (struct pd_pool){.frames = pd_frames_visible(), .watch = options->watch};
  if (options->sample_ms > 0) {
    events.tick = on_tick;
    events.tick_ms = options->sample_ms;
  }
  if (!run_controls(pool, error))
    return false;
  if (options->watch != NULL && !keep_from_command(&options->watch->mapping, error))
    return false;
  if (options->watch != NULL && !options->no_call_stops) {
    events.calling = on_call;
    events.calls_refused = on_calls_refused;
  }
  if (options->watch != NULL && options->no_call_stops)
    snprintf(options->watch->blind, sizeof options->watch->blind, "stops at calls are off");
  pool->start = pd_now();
  struct pd_trace_end end;
  bool ok = pd_trace_run(arguments, &events, pool, &end, error);
  pool->status = end.status;
  pool->exec_errno = end.exec_errno;
  pool->interrupted = end.interrupted;
  if (options->watch != NULL)
    pd_watch_end(options->watch);
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

bool pd_pool_counts(const struct pd_inheritance *child) {
  return child->measured && !child->executed && child->conditions[0] == '\0';
}

size_t pd_pool_measured(const struct pd_pool *pool) {
  size_t n = 0;
  for (size_t i = 0; i < pool->count; i++)
    n += pd_pool_counts(&pool->children[i]) ? 1 : 0;
  return n;
}

double pd_pool_mean_unshared(const struct pd_pool *pool) {
  size_t pages = 0;
  for (size_t i = 0; i < pool->count; i++)
    pages += pd_pool_counts(&pool->children[i]) ? pool->children[i].unshared : 0;
  size_t measured = pd_pool_measured(pool);
  return measured == 0 ? 0 : (double)pages / (double)measured;
}

/* Whoever wrote first: the process, its parent, or a thread of that while it forked. */
static size_t apart(const struct pd_inheritance *child) {
  return child->unshared + child->parted + child->undecided;
}

double pd_pool_mean_apart(const struct pd_pool *pool) {
  size_t pages = 0;
  for (size_t i = 0; i < pool->count; i++)
    pages += pd_pool_counts(&pool->children[i]) ? apart(&pool->children[i]) : 0;
  size_t measured = pd_pool_measured(pool);
  return measured == 0 ? 0 : (double)pages / (double)measured;
}

/* Also of those outside the verdict: what they lost is not seen either. */
static bool has_dropped(const struct pd_inheritance *child) {
  return child->measured && !child->executed;
}

static bool counts_for(const struct pd_inheritance *child, enum pd_pool_pages which) {
  return which == PD_DROPPED_PAGES ? has_dropped(child) : pd_pool_counts(child);
}

static size_t pages_of(const struct pd_inheritance *child, enum pd_pool_pages which) {
  return which == PD_DROPPED_PAGES ? child->dropped
         : which == PD_APART_PAGES ? apart(child)
                                   : child->unshared;
}

/* Processes that count and have no more pages than that. */
static size_t with_at_most(const struct pd_pool *pool, size_t pages, enum pd_pool_pages which) {
  size_t n = 0;
  for (size_t i = 0; i < pool->count; i++) {
    const struct pd_inheritance *child = &pool->children[i];
    n += counts_for(child, which) && pages_of(child, which) <= pages ? 1 : 0;
  }
  return n;
}

size_t pd_pool_quarter(const struct pd_pool *pool, unsigned quarter, enum pd_pool_pages which) {
  size_t counted = with_at_most(pool, SIZE_MAX, which);
  size_t place = counted == 0 ? 0 : (counted - 1) * quarter / 4;
  size_t low = 0;
  size_t high = 0;
  for (size_t i = 0; i < pool->count; i++) {
    size_t pages = pages_of(&pool->children[i], which);
    if (counts_for(&pool->children[i], which) && pages > high)
      high = pages;
  }
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (with_at_most(pool, middle, which) > place) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

double pd_pool_mean_dropped(const struct pd_pool *pool) {
  size_t pages = 0;
  size_t n = 0;
  for (size_t i = 0; i < pool->count; i++) {
    pages += has_dropped(&pool->children[i]) ? pool->children[i].dropped : 0;
    n += has_dropped(&pool->children[i]) ? 1 : 0;
  }
  return n == 0 ? 0 : (double)pages / (double)n;
}

size_t pd_pool_most_dropped(const struct pd_pool *pool) {
  size_t most = 0;
  for (size_t i = 0; i < pool->count; i++) {
    if (has_dropped(&pool->children[i]) && pool->children[i].dropped > most)
      most = pool->children[i].dropped;
  }
  return most;
}

size_t pd_pool_executed(const struct pd_pool *pool) {
  size_t n = 0;
  for (size_t i = 0; i < pool->count; i++)
    n += pool->children[i].executed ? 1 : 0;
  return n;
}

/* Whether its pages can be told from its parent's. */
static bool is_told(const struct pd_inheritance *child) {
  return pd_pool_counts(child) || (child->measured && !child->executed && child->frames_hold);
}

size_t pd_pool_most_unshared(const struct pd_pool *pool) {
  size_t most = 0;
  for (size_t i = 0; i < pool->count; i++) {
    const struct pd_inheritance *child = &pool->children[i];
    if (is_told(child) && child->unshared > most)
      most = child->unshared;
  }
  return most;
}

size_t pd_pool_most_apart(const struct pd_pool *pool) {
  size_t most = 0;
  for (size_t i = 0; i < pool->count; i++) {
    const struct pd_inheritance *child = &pool->children[i];
    if (is_told(child) && apart(child) > most)
      most = apart(child);
  }
  return most;
}
