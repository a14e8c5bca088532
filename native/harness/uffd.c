#include "uffd.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pagemap.h"

/* Kernel interface newer than many distributions' headers (Linux 6.1 to 6.7). */
#ifndef UFFD_USER_MODE_ONLY
#define UFFD_USER_MODE_ONLY 1
#endif
#ifndef UFFD_FEATURE_WP_HUGETLBFS_SHMEM
#define UFFD_FEATURE_WP_HUGETLBFS_SHMEM (1 << 12)
#endif
#ifndef UFFD_FEATURE_WP_UNPOPULATED
#define UFFD_FEATURE_WP_UNPOPULATED (1 << 13)
#endif
#ifndef UFFD_FEATURE_WP_ASYNC
#define UFFD_FEATURE_WP_ASYNC (1 << 15)
#endif

/* Laid out as struct page_region and struct pm_scan_arg of linux/fs.h; own names, so that both
 * old and new headers compile. */
struct scan_region {
  uint64_t start;
  uint64_t end;
  uint64_t categories;
};

struct scan_request {
  uint64_t size;
  uint64_t flags;
  uint64_t start;
  uint64_t end;
  uint64_t walk_end;
  uint64_t regions;
  uint64_t region_count;
  uint64_t max_pages;
  uint64_t category_inverted;
  uint64_t category_mask;
  uint64_t category_anyof_mask;
  uint64_t return_mask;
};

#define SCAN_IOCTL _IOWR('f', 16, struct scan_request)
#define SCAN_WRITTEN (UINT64_C(1) << 1) /* categories, */
#define SCAN_PRESENT (UINT64_C(1) << 3)
#define SCAN_SWAPPED (UINT64_C(1) << 4)
/* and flags */
#define SCAN_WP_MATCHING (UINT64_C(1) << 0)
#define SCAN_CHECK_WPASYNC (UINT64_C(1) << 1)

/* A scan that asks for no answer and protects what it passes: it marks the page table alone, and
 * costs a tenth of UFFDIO_WRITEPROTECT, which looks into every page. */
static bool protect(uintptr_t base, size_t size, struct pd_error *error) {
  int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return pd_fail_errno(error, "/proc/self/pagemap cannot be opened");
  struct scan_request request = {
      .size = sizeof request,
      .flags = SCAN_WP_MATCHING | SCAN_CHECK_WPASYNC,
      .start = base,
      .end = base + size, /* no category: every page matches, also one that is not there yet */
  };
  bool ok = true;
  while (ok && request.start < request.end) {
    request.walk_end = request.start;
    if (ioctl(fd, SCAN_IOCTL, &request) < 0 && errno != EINTR) {
      ok = pd_fail_errno(error, "write-protection failed");
    }
    request.start = request.walk_end;
  }
  close(fd);
  return ok;
}

bool pd_uffd_arm(uintptr_t base, size_t size, int *fd, struct pd_error *error) {
  long made = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
  if (made < 0)
    made = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | UFFD_USER_MODE_ONLY);
  if (made < 0)
    return pd_fail_errno(error, "userfaultfd is refused");
  *fd = (int)made;

  struct uffdio_api api = {
      .api = UFFD_API,
      .features =
          UFFD_FEATURE_WP_ASYNC | UFFD_FEATURE_WP_UNPOPULATED | UFFD_FEATURE_WP_HUGETLBFS_SHMEM,
  };
  struct uffdio_register range = {
      .range = {.start = base, .len = size},
      .mode = UFFDIO_REGISTER_MODE_WP,
  };
  bool ok = true;
  if (ioctl(*fd, UFFDIO_API, &api) != 0) {
    ok = pd_fail_errno(error, "asynchronous write-protection needs Linux 6.7 or newer");
  } else if (ioctl(*fd, UFFDIO_REGISTER, &range) != 0) {
    ok = pd_fail_errno(error, "userfaultfd does not accept this mapping");
  } else {
    ok = protect(base, size, error);
  }
  if (!ok) {
    close(*fd);
    *fd = -1;
  }
  return ok;
}

bool pd_scan_written(pid_t pid, uintptr_t base, size_t pages, struct pd_pageset *written,
                     struct pd_error *error) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%ld/pagemap", (long)pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return pd_fail_errno(error, "%s cannot be opened", path);

  struct scan_region found[512];
  size_t page_size = pd_page_size();
  uint64_t end = base + pages * page_size;
  uint64_t at = base;
  bool ok = true;
  while (ok && at < end) {
    struct scan_request request = {
        .size = sizeof request,
        .flags = SCAN_CHECK_WPASYNC,
        .start = at,
        .end = end,
        .regions = (uintptr_t)found,
        .region_count = sizeof found / sizeof *found,
        .category_mask = SCAN_WRITTEN,
        .return_mask = SCAN_WRITTEN,
    };
    int n = ioctl(fd, SCAN_IOCTL, &request);
    if (n < 0) {
      if (errno == EINTR)
        continue;
      ok = pd_fail_errno(error, errno == EPERM ? "the range lost its write-protection"
                                               : "PAGEMAP_SCAN failed");
      break;
    }
    for (int i = 0; i < n; i++) {
      for (uint64_t page = found[i].start; page < found[i].end; page += page_size) {
        pd_pageset_add(written, (size_t)((page - base) / page_size));
      }
    }
    if (request.walk_end <= at) {
      ok = pd_fail(error, "PAGEMAP_SCAN makes no progress");
    } else {
      at = request.walk_end;
    }
  }
  close(fd);
  return ok;
}

bool pd_scan_any(pid_t pid, uintptr_t start, uintptr_t end, bool *any) {
  char path[64];
  struct scan_region found;
  struct scan_request request = {
      .size = sizeof request,
      .start = start,
      .end = end,
      .regions = (uintptr_t)&found,
      .region_count = 1,
      .max_pages = 1,
      .category_anyof_mask = SCAN_PRESENT | SCAN_SWAPPED,
      .return_mask = SCAN_PRESENT | SCAN_SWAPPED,
  };
  int n = -1;
  snprintf(path, sizeof path, "/proc/%ld/pagemap", (long)pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return false;
  do {
    n = ioctl(fd, SCAN_IOCTL, &request);
  } while (n < 0 && errno == EINTR);
  close(fd);
  *any = n > 0;
  return n >= 0;
}
