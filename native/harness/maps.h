/* /proc/PID/maps, line by line. */
#ifndef PD_MAPS_H
#define PD_MAPS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "problem.h"

/* One mapping. Device and inode are what the kernel shows there, which on some file systems is not
 * what stat(2) answers: compare them with another line only. */
struct pd_map {
  uintptr_t start;
  uintptr_t end;
  char permissions[5];
  uint64_t offset; /* into the file */
  unsigned major;
  unsigned minor;
  uint64_t inode;
  char name[128]; /* a path, "[heap]" and the like, or "[anonymous]" */
};

/* NULL when the file cannot be opened; close it with fclose. */
FILE *pd_maps_open(pid_t pid, struct pd_error *error);

/* The next mapping, in order of addresses; false at the end. */
bool pd_maps_next(FILE *maps, struct pd_map *out);

/* All of them at once, in the same order; `maps` is the caller's to free. */
struct pd_maps {
  struct pd_map *maps;
  size_t count;
};
bool pd_maps_read(pid_t pid, struct pd_maps *out, struct pd_error *error);

/* The mapping that holds the address. */
bool pd_maps_at(pid_t pid, uintptr_t address, struct pd_map *out, struct pd_error *error);

/* Mappings of one file; memory without a file is of no file. */
bool pd_map_same_file(const struct pd_map *a, const struct pd_map *b);

/* A field of /proc/PID/status ("PPid:"), in base 10; -1 with errno when it cannot be read. ENOENT
 * and ESRCH: there is no such process any more. ENODATA: there is no such field. */
long pd_status_field(pid_t pid, const char *key);

/* A thread through which the memory of the process can be read: the first one may have ended before
 * others. The process itself, when there is none. */
pid_t pd_thread_with_memory(pid_t pid);

#endif
