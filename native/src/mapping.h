/* Where a region's bytes come from: a mapping of ours, or memory lent by the caller. */
#ifndef ZTC_MAPPING_H
#define ZTC_MAPPING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "ztc/ztc.h"

typedef struct ztc__mapping {
  const void *base;
  uint64_t size;
  int32_t slot; /* in the registry of mappings; -1 for lent memory */
} ztc__mapping;

/* Opens the file at a path for reading; a FIFO is not waited for. The caller closes *fd. */
ztc_status ztc__file_open(const char *path, int *fd, ztc_error *error);
/* Maps a whole file read-only (or, for audits, private and writable). Does not keep `fd`. */
ztc_status ztc__mapping_of_fd(int fd, const char *name, uint32_t flags, ztc__mapping *out,
                              ztc_error *error);
/* Replaces the mapping by zero pages in place; readers inside see zeros. No-op on lent memory. */
void ztc__mapping_detach(const ztc__mapping *mapping);
/* Unmaps. No reader may be inside. No-op on lent memory. */
void ztc__mapping_release(const ztc__mapping *mapping);

#endif
