/* The second guard: the mapping that users get. There the kernel itself refuses writes, which is
 * reported as that, and never as "0 pages un-shared". */
#ifndef PD_GUARD_H
#define PD_GUARD_H

#include <stdbool.h>

#include "witness.h"

struct pd_guard {
  bool checked;
  bool refuses;     /* no `mw` in VmFlags, and mprotect for writing is refused */
  char why[PD_WHY]; /* when not checked, or when it does not refuse */
};

/* Opens `path` as a user would and asks the kernel about the mapping. Never fails as a whole. */
void pd_guard_check(const char *path, struct pd_guard *guard);

#endif
