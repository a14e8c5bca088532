/* The kernel's own account of the mappings that a process inherited, held against the pages that
 * were named, and what puts the process outside the verdict. Part of inherit.c. */
#ifndef PD_INHERIT_SUMS_H
#define PD_INHERIT_SUMS_H

#include "inherit.h"

/* Fills conditions, fresh, have_sums and unnamed_kb; the pages have been measured. */
void pd_inherit_sum_up(struct pd_inheritance *inheritance, bool frames);

#endif
