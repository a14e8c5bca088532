#include "mapping.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error.h"
#include "registry.h"

static uint64_t mapped_size(const ztc__mapping *mapping) {
  const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
  return (mapping->size + page - 1) & ~(page - 1);
}

ztc_status ztc__file_open(const char *path, int *fd, ztc_error *error) {
  if (path == NULL)
    return ztc__fail(error, ZTC_INVALID_ARGUMENT, ZTC_NO_OFFSET, "path must not be NULL");
  do {
    /* O_NONBLOCK so that a FIFO is refused instead of waited for. */
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  } while (*fd < 0 && errno == EINTR);
  return *fd < 0 ? ztc__fail_system(error, errno, "cannot open %s", ZTC__SHOWN(path)) : ZTC_OK;
}

ztc_status ztc__mapping_of_fd(int fd, const char *name, uint32_t flags, ztc__mapping *out,
                              ztc_error *error) {
  struct stat status;
  if (fstat(fd, &status) != 0)
    return ztc__fail_system(error, errno, "cannot examine %s", name);
  if (!S_ISREG(status.st_mode)) {
    return ztc__fail(error, ZTC_NOT_A_REGION, ZTC_NO_OFFSET,
                     "%s is not a regular file; give the path of a region file", name);
  }
  if (status.st_size == 0) {
    return ztc__fail(error, ZTC_EMPTY_FILE, 0, "%s is empty; was it published?", name);
  }
  const bool audit = (flags & ZTC_OPEN_AUDIT) != 0;
  ztc__mapping mapping = {.size = (uint64_t)status.st_size};
  mapping.base = mmap(NULL, mapping.size, audit ? PROT_READ | PROT_WRITE : PROT_READ,
                      audit ? MAP_PRIVATE | MAP_NORESERVE : MAP_SHARED, fd, 0);
  if (mapping.base == MAP_FAILED)
    return ztc__fail_system(error, errno, "cannot map %s", name);
  /* What is audited is told page by page. A kernel without huge pages refuses: no matter. */
  if (audit)
    (void)madvise((void *)(uintptr_t)mapping.base, mapping.size, MADV_NOHUGEPAGE);
  mapping.slot = ztc__registry_add(mapping.base, mapped_size(&mapping));
  if (mapping.slot < 0) {
    munmap((void *)(uintptr_t)mapping.base, mapping.size);
    return ztc__fail_system(error, ENOMEM,
                            "cannot open %s: %d regions are open in this process; free some", name,
                            ZTC__REGISTRY_SIZE);
  }
  *out = mapping;
  return ZTC_OK;
}

void ztc__mapping_detach(const ztc__mapping *mapping) {
  if (mapping->slot < 0)
    return;
  /* On failure (out of mappings) the file stays mapped until the release; the state word already
     stops every reader. */
  mmap((void *)(uintptr_t)mapping->base, mapped_size(mapping), PROT_READ,
       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);
}

void ztc__mapping_release(const ztc__mapping *mapping) {
  if (mapping->slot < 0)
    return;
  /* In this order: as soon as the range is free, another thread may map a file of its own there,
     whose faults are not ours. */
  ztc__registry_remove(mapping->slot);
  munmap((void *)(uintptr_t)mapping->base, mapped_size(mapping));
}
