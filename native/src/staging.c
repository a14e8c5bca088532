#include "staging.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "error.h"

enum { NAME_SHOWN = 200, SUFFIX_DIGITS = 16, ATTEMPTS = 64 };
enum { OWN_MODE = 0600 }; /* of files that are not finished */

/* ".name.ztc-", which 16 random digits follow. Cut names may meet: only dead files are swept. */
static int put_prefix(const ztc__staging *staging, char *buffer, size_t capacity) {
  return snprintf(buffer, capacity, ".%.*s.ztc-", NAME_SHOWN, staging->name);
}

static uint64_t random_number(void) {
  uint64_t number;
  if (getrandom(&number, sizeof number, GRND_NONBLOCK) == (ssize_t)sizeof number)
    return number;
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return ((uint64_t)now.tv_sec << 30 ^ (uint64_t)now.tv_nsec) ^ (uint64_t)getpid() << 40;
}

static bool are_same(const struct stat *here, const struct stat *there) {
  return here->st_dev == there->st_dev && here->st_ino == there->st_ino;
}

/* Whether `name` in the directory still is the open file. */
static bool is_same_file(int directory, const char *name, int fd) {
  struct stat here, there;
  return fstat(fd, &here) == 0 && fstatat(directory, name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
         are_same(&here, &there);
}

/* Removes a temporary file if its publisher is gone. */
static void sweep_one(int directory, const char *name) {
  const int fd = openat(directory, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0)
    return;
  struct stat status;
  if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && flock(fd, LOCK_EX | LOCK_NB) == 0 &&
      is_same_file(directory, name, fd)) {
    unlinkat(directory, name, 0);
  }
  close(fd);
}

/* Removes what publishers of this target that were killed left behind, as far as that is possible.
 */
static void sweep(const ztc__staging *staging) {
  char prefix[NAME_MAX + 1];
  const size_t length = (size_t)put_prefix(staging, prefix, sizeof prefix);
  const int fd = openat(staging->directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *listing = fd < 0 ? NULL : fdopendir(fd);
  if (listing == NULL) {
    if (fd >= 0)
      close(fd);
    return;
  }
  for (struct dirent *entry; (entry = readdir(listing)) != NULL;) {
    const char *name = entry->d_name;
    if (strncmp(name, prefix, length) != 0 || strlen(name) != length + SUFFIX_DIGITS)
      continue;
    if (strspn(name + length, "0123456789abcdef") == SUFFIX_DIGITS) {
      sweep_one(staging->directory, name);
    }
  }
  closedir(listing);
}

/* Creates a file with a new name, which it leaves in `name`. -1 and errno on failure. */
static int create_file(const ztc__staging *staging, char name[NAME_MAX + 1], mode_t mode) {
  for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
    const int length = put_prefix(staging, name, NAME_MAX + 1);
    snprintf(name + length, (size_t)(NAME_MAX + 1 - length), "%016llx",
             (unsigned long long)random_number());
    const int fd =
        openat(staging->directory, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
    if (fd >= 0 || (errno != EEXIST && errno != EINTR))
      return fd;
  }
  return -1;
}

/* Creates the temporary file and locks it. Somebody's sweep may come between: then once more. */
static int create_locked(ztc__staging *staging) {
  for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
    char name[NAME_MAX + 1];
    const int fd = create_file(staging, name, OWN_MODE);
    if (fd < 0)
      return -1;
    /* Where files cannot be locked, nobody sweeps either. */
    const bool locked = flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
    if (locked && is_same_file(staging->directory, name, fd)) {
      memcpy(staging->temp, name, sizeof name);
      return fd;
    }
    unlinkat(staging->directory, name, 0);
    close(fd);
  }
  errno = EBUSY;
  return -1;
}

static ztc_status open_directory(ztc__staging *staging, const char *path, ztc_error *error) {
  staging->path = strdup(path);
  if (staging->path == NULL) {
    return ztc__fail(error, ZTC_NO_MEMORY, ZTC_NO_OFFSET, "out of memory");
  }
  const char *slash = strrchr(staging->path, '/');
  staging->name = slash == NULL ? staging->path : slash + 1;
  if (staging->name[0] == 0 || strcmp(staging->name, ".") == 0 ||
      strcmp(staging->name, "..") == 0) {
    return ztc__fail(error, ZTC_INVALID_ARGUMENT, ZTC_NO_OFFSET, "\"%s\" names no file",
                     ZTC__SHOWN(path));
  }
  const size_t length = slash == NULL ? 0 : (size_t)(slash - staging->path) + 1;
  char *parent = slash == NULL ? strdup(".") : strndup(staging->path, length);
  if (parent == NULL)
    return ztc__fail(error, ZTC_NO_MEMORY, ZTC_NO_OFFSET, "out of memory");
  staging->directory = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const int cause = errno;
  ztc_status status = ZTC_OK;
  if (staging->directory < 0) {
    status = ztc__fail_system(error, cause, "cannot open the directory %s", ZTC__SHOWN(parent));
  }
  free(parent);
  return status;
}

/* Owner, group and mode of the target in *found, unless it is a link or there is none. A link is
   replaced, but not one to a device, a pipe or a folder: /dev/stdout would be gone for all. */
static ztc_status check_target(const ztc__staging *staging, struct stat *found, ztc_error *error) {
  struct stat status;
  if (fstatat(staging->directory, staging->name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT)
      return ZTC_OK;
    return ztc__fail_system(error, errno, "cannot look at %s", ZTC__SHOWN(staging->path));
  }
  struct stat behind;
  if (S_ISLNK(status.st_mode) && fstatat(staging->directory, staging->name, &behind, 0) == 0 &&
      !S_ISREG(behind.st_mode))
    status.st_mode = behind.st_mode;
  if (S_ISREG(status.st_mode)) {
    found->st_mode = status.st_mode;
    found->st_uid = status.st_uid;
    found->st_gid = status.st_gid;
  }
  if (S_ISREG(status.st_mode) || S_ISLNK(status.st_mode))
    return ZTC_OK;
  return ztc__fail_system(error, S_ISDIR(status.st_mode) ? EISDIR : EEXIST,
                          "%s is no file that a region could replace", ZTC__SHOWN(staging->path));
}

/* The mode that this process gives to new files in the directory. The umask cannot be read without
   setting it, which other threads would notice: so a file is made that nobody else can open, or
   the kernel is asked. If neither works, the file is for its owner only. */
static mode_t mode_of_new_files(const ztc__staging *staging) {
  mode_t mode = OWN_MODE;
  struct stat status;
  const int fd = openat(staging->directory, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0666);
  if (fd >= 0) {
    if (fstat(fd, &status) == 0)
      mode = status.st_mode & 0777;
    close(fd);
    return mode;
  }
  FILE *process = fopen("/proc/self/status", "re");
  if (process == NULL)
    return mode;
  char line[256];
  unsigned mask;
  while (fgets(line, sizeof line, process) != NULL) {
    if (sscanf(line, "Umask: %o", &mask) == 1)
      mode = 0666 & ~(mode_t)mask;
  }
  fclose(process);
  return mode;
}

/* Changes owner (or group, the other being -1) of the file. A wish must come true; what is merely
   kept may be refused to those who may not give files away, which *kept then says. */
static ztc_status give(int fd, uid_t owner, gid_t group, bool wish, bool *kept, ztc_error *error) {
  if (fchown(fd, owner, group) == 0)
    return ZTC_OK;
  *kept = false;
  if (!wish && (errno == EPERM || errno == EINVAL)) /* EINVAL: unknown in this user namespace */
    return ZTC_OK;
  return ztc__fail_system(error, errno, "cannot set the %s of the temporary file",
                          owner == (uid_t)-1 ? "group" : "owner");
}

/* Gives the file the owner and group that the target will have. *kept is the mode of the target
   with which these go, and 0 if there is none. */
static ztc_status set_owner(const ztc__staging *staging, int fd, mode_t *kept, ztc_error *error) {
  const ztc__access *wish = &staging->access;
  struct stat own;
  if (fstat(fd, &own) != 0) {
    return ztc__fail_system(error, errno, "cannot look at the temporary file");
  }
  struct stat to = own;
  to.st_mode = 0;
  ztc_status status = check_target(staging, &to, error);
  if (status != ZTC_OK)
    return status;
  if (wish->owner != ZTC_KEEP)
    to.st_uid = wish->owner;
  if (wish->group != ZTC_KEEP)
    to.st_gid = wish->group;
  bool same_group = true, same_owner = true;
  if (to.st_gid != own.st_gid)
    status = give(fd, (uid_t)-1, to.st_gid, wish->group != ZTC_KEEP, &same_group, error);
  if (status == ZTC_OK && to.st_uid != own.st_uid)
    status = give(fd, to.st_uid, (gid_t)-1, wish->owner != ZTC_KEEP, &same_owner, error);
  if (status != ZTC_OK)
    return status;
  if (!same_group) /* the rights of the target's group are not for another one */
    to.st_mode = (to.st_mode & ~(mode_t)S_IRWXG) | (to.st_mode & S_IRWXO) << 3;
  *kept = to.st_mode;
  return ZTC_OK;
}

ztc_status ztc__staging_set_owner(const ztc__staging *staging, int fd, ztc_error *error) {
  mode_t kept;
  return set_owner(staging, fd, &kept, error);
}

ztc_status ztc__staging_set_access(const ztc__staging *staging, int fd, ztc_error *error) {
  mode_t kept;
  const ztc_status status = set_owner(staging, fd, &kept, error);
  if (status != ZTC_OK)
    return status;
  mode_t mode = staging->access.mode;
  if (mode == ZTC_KEEP)
    mode = kept != 0 ? kept & 0777 : mode_of_new_files(staging);
  mode &= (mode_t)~S_IWOTH;
  if (fchmod(fd, mode) == 0)
    return ZTC_OK;
  return ztc__fail_system(error, errno, "cannot set the mode of the temporary file");
}

ztc_status ztc__staging_open(ztc__staging *staging, const char *path, int *fd, ztc_error *error) {
  *staging = (ztc__staging){.directory = -1, .access = {ZTC_KEEP, ZTC_KEEP, ZTC_KEEP}};
  *fd = -1;
  struct stat target;
  ztc_status status = open_directory(staging, path, error);
  if (status == ZTC_OK)
    status = check_target(staging, &target, error);
  if (status != ZTC_OK)
    return status;
  sweep(staging);
  *fd = create_locked(staging);
  if (*fd < 0) {
    return ztc__fail_system(error, errno, "cannot create a temporary file beside %s",
                            ZTC__SHOWN(path));
  }
  return ztc__staging_set_owner(staging, *fd, error);
}

ztc_status ztc__staging_side_file(const ztc__staging *staging, int *fd, ztc_error *error) {
  *fd = openat(staging->directory, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, OWN_MODE);
  if (*fd >= 0)
    return ZTC_OK;
  char name[NAME_MAX + 1];
  *fd = create_file(staging, name, OWN_MODE);
  if (*fd < 0) {
    return ztc__fail_system(error, errno, "cannot create a temporary file beside %s",
                            ZTC__SHOWN(staging->path));
  }
  unlinkat(staging->directory, name, 0);
  return ZTC_OK;
}

ztc_status ztc__staging_reopen(const ztc__staging *staging, int fd, int *read_only,
                               ztc_error *error) {
  /* O_NONBLOCK so that a FIFO is refused instead of waited for. */
  *read_only =
      openat(staging->directory, staging->temp, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (*read_only < 0) {
    return ztc__fail_system(error, errno, "cannot reopen the temporary file");
  }
  struct stat written, reopened;
  if (fstat(fd, &written) == 0 && fstat(*read_only, &reopened) == 0 &&
      are_same(&written, &reopened))
    return ZTC_OK;
  close(*read_only);
  *read_only = -1;
  return ztc__fail_system(error, ESTALE, "somebody replaced the temporary file");
}

ztc_status ztc__staging_commit(ztc__staging *staging, ztc_error *error) {
  if (renameat(staging->directory, staging->temp, staging->directory, staging->name) != 0) {
    return ztc__fail_system(error, errno, "cannot rename the temporary file to %s",
                            ZTC__SHOWN(staging->path));
  }
  staging->temp[0] = 0;
  if (fsync(staging->directory) != 0) {
    ztc__fail_system(error, errno, "%s is published, but its directory cannot be flushed to disk",
                     ZTC__SHOWN(staging->path));
    /* Whatever the reason: NO_MEMORY would say that publishing may be tried again. */
    if (error != NULL)
      error->status = ZTC_IO;
    return ZTC_IO;
  }
  return ZTC_OK;
}

void ztc__staging_close(ztc__staging *staging) {
  if (staging->temp[0] != 0)
    unlinkat(staging->directory, staging->temp, 0);
  if (staging->directory >= 0)
    close(staging->directory);
  free(staging->path);
  *staging = (ztc__staging){.directory = -1};
}
