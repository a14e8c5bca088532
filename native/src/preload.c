/* Reading a whole region into memory before it is used. */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "error.h"
#include "region.h"

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#endif

enum { PIECE = 16 << 20 };

/* Reads a byte of each page: for lent memory, and for kernels before 5.14. */
static void touch(const ztc_region *region, uint64_t from, uint64_t to, uint64_t page) {
  for (uint64_t at = from; at < to; at += page)
    (void)ztc__load8(region->source, at);
}

/* 0, or the errno of the kernel's refusal. */
static int populate(const ztc_region *region, uint64_t from, uint64_t size) {
  void *start = (void *)(uintptr_t)ztc__address(region->source, from);
  int result;
  do {
    result = madvise(start, size, MADV_POPULATE_READ);
  } while (result != 0 && (errno == EINTR || errno == EAGAIN));
  return result == 0 ? 0 : errno;
}

static ztc_status piece(const ztc_region *region, uint64_t from, uint64_t to, uint64_t page,
                        ztc_error *error) {
  const int problem = region->mapping.slot >= 0 ? populate(region, from, to - from) : EINVAL;
  if (problem == EINVAL) {
    touch(region, from, to, page);
  } else if (problem == EFAULT) {
    return ztc__fail(error, ZTC_LOST, from,
                     "cannot preload: the file shrank, or cannot be read from its disk");
  } else if (problem != 0) {
    return ztc__fail_system(error, problem, "cannot preload the region");
  }
  return ZTC_OK;
}

ztc_status ztc_region_preload(const ztc_region *region, ztc_preload_progress progress,
                              void *context, ztc_error *error) {
  const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
  uint64_t done = 0;
  do {
    ztc_status status = ztc__region_state(region);
    const uint64_t left = region->size - done;
    const uint64_t next = done + (left < PIECE ? left : PIECE);
    if (status == ZTC_OK)
      status = piece(region, done, next, page, error);
    /* A region that failed meanwhile explains any other outcome. */
    const ztc_status state = ztc__region_state_after_reading(region);
    if (state != ZTC_OK)
      return ztc__fail(error, state, ZTC_NO_OFFSET, "cannot preload: %s", ztc_status_text(state));
    if (status != ZTC_OK)
      return status;
    done = next;
    if (progress != NULL && !progress(context, done, region->size))
      return ZTC_OK;
  } while (done < region->size);
  return ZTC_OK;
}
