#include "run.h"

#include <stdlib.h>
#include <string.h>

#include "trace.h"
#include "witness.h"

static bool on_forked(void *context, pid_t parent, pid_t child, struct pd_error *error) {
  struct pd_pool *pool = context;
  struct pd_inheritance *grown =
      realloc(pool->children, (pool->count + 1) * sizeof *pool->children);
  struct pd_error why = {""};
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

/* The last one: process numbers come back. */
static struct pd_inheritance *find(struct pd_pool *pool, pid_t pid) {
  for (size_t i = pool->count; i > 0; i--) {
    if (pool->children[i - 1].pid == pid)
      return &pool->children[i - 1];
  }
  return NULL;
}

static bool on_executed(void *context, pid_t pid, struct pd_error *error) {
  struct pd_inheritance *child = find(context, pid);
  (void)error;
  if (child != NULL)
    child->executed = true;
  return true;
}

static bool on_exiting(void *context, pid_t pid, struct pd_error *error) {
  struct pd_pool *pool = context;
  struct pd_inheritance *child = find(pool, pid);
  struct pd_error why = {""};
  (void)error;
  if (child == NULL || child->executed)
    return true;
  if (!pd_inherit_measure(child, pool->frames, &why) && pool->trouble[0] == '\0')
    snprintf(pool->trouble, sizeof pool->trouble, "process %ld: %.120s", (long)pid, why.text);
  return true;
}

bool pd_pool_run(char *const arguments[], struct pd_pool *pool, struct pd_error *error) {
  static const struct pd_trace_events events = {on_forked, on_executed, on_exiting};
  *pool = (struct pd_pool){.frames = pd_frames_visible()};
  return pd_trace_run(arguments, &events, pool, &pool->status, error);
}

void pd_pool_free(struct pd_pool *pool) {
  for (size_t i = 0; i < pool->count; i++)
    pd_inherit_free(&pool->children[i]);
  free(pool->children);
  memset(pool, 0, sizeof *pool);
}

size_t pd_pool_measured(const struct pd_pool *pool) {
  size_t n = 0;
  for (size_t i = 0; i < pool->count; i++)
    n += pool->children[i].measured && !pool->children[i].executed ? 1 : 0;
  return n;
}

double pd_pool_mean_unshared(const struct pd_pool *pool) {
  size_t pages = 0;
  for (size_t i = 0; i < pool->count; i++) {
    if (pool->children[i].measured && !pool->children[i].executed)
      pages += pool->children[i].unshared;
  }
  size_t measured = pd_pool_measured(pool);
  return measured == 0 ? 0 : (double)pages / (double)measured;
}
