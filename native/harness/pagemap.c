#include "pagemap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

size_t pd_page_size(void) {
  long size = sysconf(_SC_PAGESIZE);
  return size > 0 ? (size_t)size : 4096;
}

bool pd_pagemap_read(pid_t pid, uintptr_t base, size_t pages, uint64_t *entries,
                     struct pd_error *error) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%ld/pagemap", (long)pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return pd_fail_errno(error, "%s cannot be opened", path);
  size_t want = pages * sizeof *entries;
  size_t done = 0;
  off_t start = (off_t)(base / pd_page_size() * sizeof *entries);
  bool ok = true;
  while (done < want) {
    ssize_t n = pread(fd, (char *)entries + done, want - done, start + (off_t)done);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0) {
      ok = n < 0 ? pd_fail_errno(error, "%s cannot be read", path)
                 : pd_fail(error, "%s ends early: the process has no memory any more", path);
      break;
    }
    done += (size_t)n;
  }
  close(fd);
  return ok;
}
