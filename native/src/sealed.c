#include "sealed.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error.h"
#include "header.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8U /* Linux 6.3 */
#endif

/* What keeps the bytes as they are. F_SEAL_FUTURE_WRITE does not: an older mapping may write. */
enum { KEEPS_BYTES = F_SEAL_WRITE | F_SEAL_SHRINK };

static bool is_sealed(int fd) {
  const int seals = fcntl(fd, F_GET_SEALS);
  return seals >= 0 && (seals & KEEPS_BYTES) == KEEPS_BYTES;
}

/* The kernel maps sealed memory shared only through a descriptor that cannot write. */
static int reopen_read_only(int fd) {
  char path[sizeof "/proc/self/fd/" + 11];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  int read_only;
  do {
    read_only = open(path, O_RDONLY | O_CLOEXEC);
  } while (read_only < 0 && errno == EINTR);
  return read_only;
}

static int create_memory(void) {
  const int fd = memfd_create("ztc-region", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);
  if (fd >= 0 || errno != EINVAL)
    return fd;
  return memfd_create("ztc-region", MFD_CLOEXEC | MFD_ALLOW_SEALING);
}

static ztc_status became_shorter(const char *name, uint64_t at, uint64_t missing,
                                 ztc_error *error) {
  return ztc__fail(error, ZTC_TRUNCATED, at,
                   "%s became shorter while it was copied: %" PRIu64 " bytes are missing", name,
                   missing);
}

/* What is no region, however large, shall not take any memory. */
static ztc_status check_head(int fd, uint64_t size, const char *name, ztc_error *error) {
  uint8_t head[ZTC__HEADER_SIZE];
  const size_t wanted = size < sizeof head ? (size_t)size : sizeof head;
  for (size_t at = 0; at < wanted;) {
    const ssize_t got = pread(fd, head + at, wanted - at, (off_t)at);
    if (got < 0 && errno != EINTR)
      return ztc__fail_system(error, errno, "cannot read %s", name);
    if (got == 0)
      return became_shorter(name, at, size - at, error);
    at += got > 0 ? (size_t)got : 0;
  }
  return wanted == 0 ? ZTC_OK : ztc__header_identify(ztc__src_of(head), size, name, error);
}

static ztc_status copy_bytes(int from, int to, uint64_t size, const char *name, ztc_error *error) {
  off_t at = 0;
  while ((uint64_t)at < size) {
    const uint64_t rest = size - (uint64_t)at;
    const size_t step = rest < (1u << 30) ? (size_t)rest : (1u << 30);
    const ssize_t done = sendfile(to, from, &at, step);
    if (done < 0 && errno != EINTR)
      return ztc__fail_system(error, errno, "cannot copy %s into sealed memory", name);
    if (done == 0)
      return became_shorter(name, (uint64_t)at, rest, error);
  }
  return ZTC_OK;
}

static ztc_status seal_copy(int fd, const char *name, int *out, ztc_error *error) {
  struct stat file;
  if (fstat(fd, &file) != 0)
    return ztc__fail_system(error, errno, "cannot examine %s", name);
  if (!S_ISREG(file.st_mode)) {
    return ztc__fail(error, ZTC_NOT_A_REGION, ZTC_NO_OFFSET,
                     "%s is not a regular file; give the path of a region file", name);
  }
  ztc_status status = check_head(fd, (uint64_t)file.st_size, name, error);
  if (status != ZTC_OK)
    return status;
  const int memory = create_memory();
  if (memory < 0)
    return ztc__fail_system(error, errno, "cannot create sealed memory for %s", name);
  status = copy_bytes(fd, memory, (uint64_t)file.st_size, name, error);
  if (status == ZTC_OK &&
      fcntl(memory, F_ADD_SEALS, KEEPS_BYTES | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
    status = ztc__fail_system(error, errno, "cannot seal the memory for %s", name);
  }
  if (status == ZTC_OK && (*out = reopen_read_only(memory)) < 0) {
    status = ztc__fail_system(error, errno,
                              "cannot reopen the memory for %s read-only; is /proc mounted?", name);
  }
  close(memory);
  return status;
}

ztc_status ztc__sealed_of_fd(int fd, const char *name, int *out, ztc_error *error) {
  *out = -1;
  if (!is_sealed(fd))
    return seal_copy(fd, name, out, error);
  *out = reopen_read_only(fd);
  if (*out >= 0)
    return ZTC_OK;
  return ztc__fail_system(error, errno, "cannot reopen %s read-only; is /proc mounted?", name);
}
