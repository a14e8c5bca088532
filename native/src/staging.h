/*
 * The temporary file next to a target that takes the target's place in the end, and its helpers.
 * Whatever happens, the target is as it was until ztc__staging_commit renames.
 *
 * A temporary file is locked (flock) as long as its publisher lives; ztc__staging_open removes
 * those of the same target that nobody holds.
 */
#ifndef ZTC_STAGING_H
#define ZTC_STAGING_H

#include <limits.h>
#include <stdbool.h>

#include "ztc/ztc.h"

/* Whom the target will belong to and who may use it; ZTC_KEEP is as ztc_writer_access says. */
typedef struct ztc__access {
  uint32_t mode;
  uint32_t owner;
  uint32_t group;
} ztc__access;

typedef struct ztc__staging {
  ztc__access access;
  int directory; /* -1: none */
  char *path;
  const char *name;        /* last component of path */
  char temp[NAME_MAX + 1]; /* in the directory; "" if there is none */
} ztc__staging;

/* Stores the descriptor of a new, empty, locked temporary file in *fd. Errors: INVALID_ARGUMENT (no
   name for a file), NOT_FOUND, ACCESS, IO, NO_MEMORY. */
ztc_status ztc__staging_open(ztc__staging *staging, const char *path, int *fd, ztc_error *error);
/* Another temporary file in the same directory, without a name. */
ztc_status ztc__staging_side_file(const ztc__staging *staging, int *fd, ztc_error *error);
/* Gives the temporary file the owner and group that the target will have. Its mode stays 0600, so
   that nobody holds a descriptor of it who could change it, or should not read it, later. */
ztc_status ztc__staging_set_owner(const ztc__staging *staging, int fd, ztc_error *error);
/* The same, and the mode. Comes after everything is written. */
ztc_status ztc__staging_set_access(const ztc__staging *staging, int fd, ztc_error *error);
/* A second, read-only descriptor of the temporary file. */
ztc_status ztc__staging_reopen(const ztc__staging *staging, int fd, int *read_only,
                               ztc_error *error);
/* Renames the temporary file, whose content is on disk, and flushes the directory. */
ztc_status ztc__staging_commit(ztc__staging *staging, ztc_error *error);
/* Removes the temporary file if it is still there, and lets go of everything. */
void ztc__staging_close(ztc__staging *staging);

#endif
