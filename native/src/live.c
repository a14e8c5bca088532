/*
 * A region that follows its path. Readers take a pointer and leave no trace of it, so nobody can
 * know when the last one is out of a superseded region: it is closed when a grace period is over
 * (its file goes then; who is still inside fails and tries the new one), and its handle stays until
 * the caller says that nobody is inside.
 */
#include <stdlib.h>
#include <time.h>

#include "error.h"
#include "region.h"

typedef struct superseded {
  struct superseded *next;
  ztc_region *region;
  uint64_t due; /* when it is closed */
} superseded;

struct ztc_live {
  ztc_watch *watch;
  _Atomic(ztc_region *) current;
  uint64_t grace;
  superseded *old;
  superseded *spare; /* for the next one, so that a swap cannot fail half way */
};

static uint64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

ztc_status ztc_live_open(const char *path, uint32_t flags, uint32_t grace_ms, ztc_live **out,
                         ztc_error *error) {
  if (out == NULL)
    return ztc__fail(error, ZTC_INVALID_ARGUMENT, ZTC_NO_OFFSET, "out must not be NULL");
  *out = NULL;
  ztc_live *live = calloc(1, sizeof *live);
  if (live == NULL)
    return ztc__fail(error, ZTC_NO_MEMORY, ZTC_NO_OFFSET, "out of memory");
  live->grace = (uint64_t)grace_ms * 1000000u;
  ztc_region *first;
  ztc_status status = ztc_watch_create(path, flags, &live->watch, error);
  if (status == ZTC_OK)
    status = ztc_watch_poll(live->watch, &first, error);
  if (status != ZTC_OK) {
    ztc_watch_free(live->watch);
    free(live);
    return status;
  }
  atomic_init(&live->current, first);
  *out = live;
  return ZTC_OK;
}

static void close_what_is_due(const ztc_live *live) {
  if (live->old == NULL)
    return;
  const uint64_t time = now();
  for (const superseded *s = live->old; s != NULL; s = s->next) {
    if (s->due <= time)
      ztc_region_close(s->region);
  }
}

ztc_status ztc_live_poll(ztc_live *live, bool *swapped, ztc_error *error) {
  if (swapped != NULL)
    *swapped = false;
  if (live->spare == NULL)
    live->spare = malloc(sizeof *live->spare);
  if (live->spare == NULL)
    return ztc__fail(error, ZTC_NO_MEMORY, ZTC_NO_OFFSET, "out of memory");
  ztc_region *next;
  const ztc_status status = ztc_watch_poll(live->watch, &next, error);
  if (next != NULL) {
    ztc_region *previous = atomic_load_explicit(&live->current, memory_order_relaxed);
    *live->spare = (superseded){.next = live->old, .region = previous, .due = now() + live->grace};
    live->old = live->spare;
    live->spare = NULL;
    atomic_store_explicit(&live->current, next, memory_order_release);
    if (swapped != NULL)
      *swapped = true;
  }
  close_what_is_due(live);
  return status;
}

const ztc_region *ztc_live_region(const ztc_live *live) {
  return atomic_load_explicit(&live->current, memory_order_acquire);
}

ztc_status ztc_live_copy(const ztc_live *live, uint64_t index, void *dst, uint64_t capacity,
                         uint64_t *size, ztc_workspace *workspace, const ztc_region **from) {
  const ztc_region *region = ztc_live_region(live);
  ztc_status status = ztc_copy(region, index, dst, capacity, size, workspace);
  if (status == ZTC_CLOSED || status == ZTC_LOST) {
    /* The successor was stored before the close: who saw that must see this, and copies end with a
       relaxed load. */
    atomic_thread_fence(memory_order_acquire);
    const ztc_region *later = ztc_live_region(live);
    if (later != region) {
      region = later;
      status = ztc_copy(region, index, dst, capacity, size, workspace);
    }
  }
  *from = region;
  return status;
}

void ztc_live_reclaim(ztc_live *live) {
  while (live->old != NULL) {
    superseded *s = live->old;
    live->old = s->next;
    ztc_region_free(s->region);
    free(s);
  }
}

void ztc_live_free(ztc_live *live) {
  if (live == NULL)
    return;
  ztc_live_reclaim(live);
  ztc_region_free(atomic_load(&live->current));
  ztc_watch_free(live->watch);
  free(live->spare);
  free(live);
}
