#include "audit_mapping.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pagemap.h"

static const struct {
  const char *name;
  const char *title;
} KINDS[PD_MAPPING_KINDS] = {
    [PD_ANON] = {"anon", "anonymous memory inherited over fork"},
    [PD_FILE_PRIVATE] = {"file-private", "writable private mapping over the read-only file"},
    [PD_FILE_SHARED] = {"file-shared", "writable shared mapping over a scratch copy"},
    [PD_MEMFD_PRIVATE] = {"memfd-private", "writable private mapping over a read-only memfd"},
    [PD_MEMFD_SHARED] = {"memfd-shared", "writable shared mapping over a memfd"},
};

const char *pd_mapping_name(enum pd_mapping_kind kind) {
  return KINDS[kind].name;
}

const char *pd_mapping_title(enum pd_mapping_kind kind) {
  return KINDS[kind].title;
}

bool pd_mapping_is_shared(enum pd_mapping_kind kind) {
  return kind == PD_FILE_SHARED || kind == PD_MEMFD_SHARED;
}

bool pd_mapping_parse(const char *name, enum pd_mapping_kind *kind) {
  for (int i = 0; i < PD_MAPPING_KINDS; i++) {
    if (strcmp(name, KINDS[i].name) == 0) {
      *kind = (enum pd_mapping_kind)i;
      return true;
    }
  }
  return false;
}

int pd_scratch_file(struct pd_error *error) {
  const char *folder = getenv("TMPDIR");
  char path[512];
  snprintf(path, sizeof path, "%s/pagediff-XXXXXX",
           folder != NULL && folder[0] != '\0' ? folder : "/var/tmp");
  int fd = mkostemp(path, O_CLOEXEC);
  if (fd < 0) {
    pd_fail_errno(error, "a scratch file %s cannot be made (set TMPDIR)", path);
    return -1;
  }
  unlink(path);
  return fd;
}

/* Reserves inaccessible address space with one guard page at each end. */
static bool reserve(struct pd_mapping *mapping, struct pd_error *error) {
  size_t page = pd_page_size();
  mapping->reserved_size = (mapping->pages + 2) * page;
  mapping->reserved = mmap(NULL, mapping->reserved_size, PROT_NONE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapping->reserved == MAP_FAILED) {
    mapping->reserved = NULL;
    return pd_fail_errno(error, "no address space for %zu pages", mapping->pages);
  }
  mapping->base = (uint8_t *)mapping->reserved + page;
  return true;
}

static bool map_over(struct pd_mapping *mapping, int flags, int fd, struct pd_error *error) {
  size_t length = mapping->pages * pd_page_size();
  void *at = mmap(mapping->base, length, PROT_READ | PROT_WRITE, flags | MAP_FIXED, fd, 0);
  if (at == MAP_FAILED)
    return pd_fail_errno(error, "the region cannot be mapped");
  /* A kernel without huge pages answers EINVAL: there is nothing to switch off then. */
  if (madvise(at, length, MADV_NOHUGEPAGE) != 0 && errno != EINVAL) {
    return pd_fail_errno(error, "huge pages cannot be switched off");
  }
  return true;
}

static bool read_all(int fd, uint8_t *to, size_t size, pd_mapping_progress *progress, void *context,
                     struct pd_error *error) {
  const size_t chunk = (size_t)8 << 20;
  for (size_t done = 0; done < size;) {
    size_t want = size - done < chunk ? size - done : chunk;
    ssize_t n = pread(fd, to + done, want, (off_t)done);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return pd_fail_errno(error, "the region cannot be read");
    if (n == 0)
      return pd_fail(error, "the region file ends after %zu of %zu bytes", done, size);
    done += (size_t)n;
    if (progress != NULL)
      progress(context, done, size);
  }
  return true;
}

/* Copies the content into `copy` and leaves it mapped MAP_SHARED at mapping->base. */
static bool fill_copy(struct pd_mapping *mapping, int copy, int fd, pd_mapping_progress *progress,
                      void *context, struct pd_error *error) {
  if (ftruncate(copy, (off_t)mapping->size) != 0) {
    return pd_fail_errno(error, "no space for a copy of the region");
  }
  return map_over(mapping, MAP_SHARED, copy, error) &&
         read_all(fd, mapping->base, mapping->size, progress, context, error);
}

static bool map_private_copy(struct pd_mapping *mapping, int copy, struct pd_error *error) {
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", copy);
  int read_only = open(path, O_RDONLY | O_CLOEXEC);
  if (read_only < 0)
    return pd_fail_errno(error, "the memfd cannot be reopened read-only");
  mapping->fd = read_only;
  return map_over(mapping, MAP_PRIVATE, read_only, error);
}

static bool bring_in(struct pd_mapping *mapping, int fd, pd_mapping_progress *progress,
                     void *context, struct pd_error *error) {
  if (mapping->kind == PD_FILE_PRIVATE) {
    mapping->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    return map_over(mapping, MAP_PRIVATE, fd, error);
  }
  if (mapping->kind == PD_ANON) {
    if (!map_over(mapping, MAP_PRIVATE | MAP_ANONYMOUS, -1, error))
      return false;
    if (!read_all(fd, mapping->base, mapping->size, progress, context, error))
      return false;
    volatile uint8_t *last = mapping->base + mapping->pages * pd_page_size() - 1;
    if (mapping->size < mapping->pages * pd_page_size())
      *last = 0;
    return true;
  }
  int copy = mapping->kind == PD_FILE_SHARED ? pd_scratch_file(error)
                                             : memfd_create("pagediff", MFD_CLOEXEC);
  if (copy < 0) {
    if (mapping->kind != PD_FILE_SHARED)
      pd_fail_errno(error, "a memfd cannot be made");
    return false;
  }
  bool ok = fill_copy(mapping, copy, fd, progress, context, error);
  if (mapping->kind != PD_MEMFD_PRIVATE) {
    mapping->fd = copy;
    return ok;
  }
  ok = ok && map_private_copy(mapping, copy, error);
  close(copy);
  return ok;
}

bool pd_mapping_open(struct pd_mapping *mapping, enum pd_mapping_kind kind, int fd, size_t size,
                     pd_mapping_progress *progress, void *context, struct pd_error *error) {
  size_t page = pd_page_size();
  *mapping =
      (struct pd_mapping){.kind = kind, .size = size, .pages = (size + page - 1) / page, .fd = -1};
  if (size == 0)
    return pd_fail(error, "the region is empty");
  if (!reserve(mapping, error))
    return false;
  if (!bring_in(mapping, fd, progress, context, error)) {
    pd_mapping_close(mapping);
    return false;
  }
  pd_mapping_sweep(mapping);
  return true;
}

bool pd_mapping_reserve(struct pd_mapping *mapping, size_t size, struct pd_error *error) {
  size_t page = pd_page_size();
  *mapping = (struct pd_mapping){
      .kind = PD_ANON, .size = size, .pages = (size + page - 1) / page, .fd = -1};
  if (!reserve(mapping, error))
    return false;
  if (map_over(mapping, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, error))
    return true;
  pd_mapping_close(mapping);
  return false;
}

void pd_mapping_close(struct pd_mapping *mapping) {
  if (mapping->reserved != NULL)
    munmap(mapping->reserved, mapping->reserved_size);
  if (mapping->reserved != NULL && mapping->fd >= 0)
    close(mapping->fd);
  memset(mapping, 0, sizeof *mapping);
  mapping->fd = -1;
}

void pd_mapping_sweep(const struct pd_mapping *mapping) {
  size_t page = pd_page_size();
  uint8_t sum = 0;
  for (size_t i = 0; i < mapping->pages; i++) {
    sum = (uint8_t)(sum + *(const volatile uint8_t *)(mapping->base + i * page));
  }
  (void)sum;
}
