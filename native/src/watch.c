/* Follows a path: which file was there last, and a region of the one that is there now. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error.h"
#include "region.h"

/* What tells one file at a path from the next. */
typedef struct identity {
  dev_t device;
  ino_t inode;
  off_t size;
  struct timespec modified;
  struct timespec changed;
  int problem; /* errno where there was no file to look at; the rest is zero then */
  bool held;   /* a descriptor is open, so that no other file can have the inode's number */
} identity;

struct ztc_watch {
  uint32_t flags;
  /* The file that was opened last, and the one that was refused after it; -1 if there is none. */
  int taken_fd;
  int refused_fd;
  identity taken;
  identity seen; /* by the last poll: taken, refused, or missing */
  char path[];
};

static identity identity_of(const struct stat *s, bool held) {
  return (identity){.device = s->st_dev,
                    .inode = s->st_ino,
                    .size = s->st_size,
                    .modified = s->st_mtim,
                    .changed = s->st_ctim,
                    .held = held};
}

static bool same_time(struct timespec a, struct timespec b) {
  return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

/* Whether what is there now is what was known. The time of change tells files apart whose inode
   numbers may be the same by chance; for one file it only tells of links and names. */
static bool same(const identity *known, const identity *now) {
  return known->inode == now->inode && known->device == now->device && known->size == now->size &&
         known->problem == now->problem && same_time(known->modified, now->modified) &&
         (known->held || same_time(known->changed, now->changed));
}

static identity look(const char *path) {
  struct stat status;
  return stat(path, &status) == 0 ? identity_of(&status, false) : (identity){.problem = errno};
}

static void replace(int *fd, int by) {
  if (*fd >= 0)
    close(*fd);
  *fd = by;
}

/* Takes over `fd` as the file that was opened last, under the number that this has: a snapshot in
   another thread finds the one file or the other, whole. */
static void take_over(ztc_watch *watch, int fd) {
  if (watch->taken_fd < 0) {
    watch->taken_fd = fd;
    return;
  }
  while (dup3(fd, watch->taken_fd, O_CLOEXEC) < 0 && (errno == EINTR || errno == EBUSY))
    continue;
  close(fd);
}

ztc_status ztc_watch_create(const char *path, uint32_t flags, ztc_watch **out, ztc_error *error) {
  if (out == NULL || path == NULL) {
    return ztc__fail(error, ZTC_INVALID_ARGUMENT, ZTC_NO_OFFSET,
                     "neither path nor out may be NULL");
  }
  *out = NULL;
  ztc_region *unused;
  const ztc_status status = ztc__region_open_check(flags, &unused, error);
  if (status != ZTC_OK)
    return status;
  const size_t size = strlen(path) + 1;
  ztc_watch *watch = malloc(sizeof *watch + size);
  if (watch == NULL)
    return ztc__fail(error, ZTC_NO_MEMORY, ZTC_NO_OFFSET, "cannot watch %s", ZTC__SHOWN(path));
  *watch = (ztc_watch){.flags = flags, .taken_fd = -1, .refused_fd = -1};
  memcpy(watch->path, path, size);
  *out = watch;
  return ZTC_OK;
}

/* Whether a failure says something about the file, so that trying it again is in vain. */
static bool is_the_files_fault(ztc_status status) {
  return status != ZTC_NO_MEMORY && status != ZTC_IO;
}

/* Takes over `fd`. */
static ztc_status take(ztc_watch *watch, int fd, ztc_region **out, ztc_error *error) {
  struct stat now;
  if (fstat(fd, &now) != 0) {
    const ztc_status status =
        ztc__fail_system(error, errno, "cannot examine %s", ZTC__SHOWN(watch->path));
    close(fd);
    return status;
  }
  const identity found = identity_of(&now, true);
  if (watch->taken_fd >= 0 && same(&watch->taken, &found)) { /* back from what was refused */
    watch->seen = found;
    replace(&watch->refused_fd, -1);
    close(fd);
    return ZTC_OK;
  }
  const ztc_status status = ztc__region_open_named(fd, watch->path, watch->flags, out, error);
  if (status == ZTC_OK) {
    watch->taken = watch->seen = found;
    take_over(watch, fd);
    replace(&watch->refused_fd, -1);
  } else if (is_the_files_fault(status)) {
    watch->seen = found;
    replace(&watch->refused_fd, fd);
  } else {
    close(fd);
  }
  return status;
}

ztc_status ztc_watch_poll(ztc_watch *watch, ztc_region **out, ztc_error *error) {
  *out = NULL;
  const identity there = look(watch->path);
  if (same(&watch->seen, &there))
    return ZTC_OK;
  int fd;
  const ztc_status status = ztc__file_open(watch->path, &fd, error);
  if (status == ZTC_OK)
    return take(watch, fd, out, error);
  if (is_the_files_fault(status)) {
    watch->seen = there;
    replace(&watch->refused_fd, -1);
  }
  return status;
}

ztc_status ztc_watch_snapshot(const ztc_watch *watch, ztc_region **out, ztc_error *error) {
  *out = NULL;
  if (watch->taken_fd < 0) {
    return ztc__fail(error, ZTC_WRONG_STATE, ZTC_NO_OFFSET, "no poll has found a region at %s",
                     ZTC__SHOWN(watch->path));
  }
  /* The region is opened from one file, even if a poll takes another meanwhile. */
  const int fd = fcntl(watch->taken_fd, F_DUPFD_CLOEXEC, 0);
  if (fd < 0)
    return ztc__fail_system(error, errno, "cannot open %s again", ZTC__SHOWN(watch->path));
  const ztc_status status = ztc__region_open_named(fd, watch->path, watch->flags, out, error);
  close(fd);
  return status;
}

void ztc_watch_free(ztc_watch *watch) {
  if (watch == NULL)
    return;
  replace(&watch->taken_fd, -1);
  replace(&watch->refused_fd, -1);
  free(watch);
}
