/* What the two halves of inherit.h share: the snapshot and the measurement. */
#ifndef PD_INHERIT_PAGES_H
#define PD_INHERIT_PAGES_H

#include "inherit.h"

enum { PD_INHERIT_CHUNK = 4096 }; /* entries that are read at once */

/* A page that the kernel is just moving looks as if it were in swap, for a moment: what looks so is
 * read again. */
bool pd_inherit_read(pid_t pid, uintptr_t base, size_t pages, uint64_t *entries,
                     struct pd_error *error);

/* Adds a page at the end of those that were inherited; false when memory is short. */
bool pd_inherit_list(struct pd_inherited_mapping *mapping, size_t page, uint64_t entry);

#endif
