/* The audit mapping: memory where a stray write would succeed, so that a count of zero un-shared
 * pages says something about the code and not about the protection. The calling process becomes
 * its keeper: it has touched every page and stays still while workers run. */
#ifndef PD_AUDIT_MAPPING_H
#define PD_AUDIT_MAPPING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "problem.h"

enum pd_mapping_kind {
  PD_ANON,          /* private anonymous memory, inherited over fork */
  PD_FILE_PRIVATE,  /* MAP_PRIVATE, readable and writable, over a read-only descriptor */
  PD_FILE_SHARED,   /* MAP_SHARED, writable, over a scratch copy of the file */
  PD_MEMFD_PRIVATE, /* as PD_FILE_PRIVATE over a memfd */
  PD_MEMFD_SHARED,  /* as PD_FILE_SHARED over a memfd */
  PD_MAPPING_KINDS
};

/* "anon", "file-private", ...: constant strings. */
const char *pd_mapping_name(enum pd_mapping_kind kind);

/* What a person reads: "private mapping over the read-only file". */
const char *pd_mapping_title(enum pd_mapping_kind kind);

bool pd_mapping_is_shared(enum pd_mapping_kind kind);

/* False when `name` is not one of the names above. */
bool pd_mapping_parse(const char *name, enum pd_mapping_kind *kind);

struct pd_mapping {
  enum pd_mapping_kind kind;
  uint8_t *base;
  size_t size;  /* bytes of content */
  size_t pages; /* pages that hold them */
  int fd;       /* the file behind it, for workers that open it themselves; -1: none */
  void *reserved;
  size_t reserved_size;
};

/* Called now and then while bytes are brought in; may be NULL. */
typedef void pd_mapping_progress(void *context, uint64_t done, uint64_t total);

/* Maps the first `size` bytes of `fd` (opened for reading) as `kind`, with inaccessible guard
 * pages around it so that the kernel keeps it a mapping of its own, without huge pages, every page
 * touched. `fd` may be closed afterwards. Free with pd_mapping_close. */
bool pd_mapping_open(struct pd_mapping *mapping, enum pd_mapping_kind kind, int fd, size_t size,
                     pd_mapping_progress *progress, void *context, struct pd_error *error);

/* Anonymous memory of `size` bytes for content that is built in place: not yet touched. */
bool pd_mapping_reserve(struct pd_mapping *mapping, size_t size, struct pd_error *error);

void pd_mapping_close(struct pd_mapping *mapping);

/* Reads one byte of every page. */
void pd_mapping_sweep(const struct pd_mapping *mapping);

/* An unlinked temporary file in $TMPDIR or /var/tmp, or -1. */
int pd_scratch_file(struct pd_error *error);

#endif
