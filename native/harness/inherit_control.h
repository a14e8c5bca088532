/* The controls of `run` without a region: every deed in a forked worker over pages that it
 * inherited, of memory and of files, measured as the processes of a command are, and held against
 * the committed table. */
#ifndef PD_INHERIT_CONTROL_H
#define PD_INHERIT_CONTROL_H

#include <stdbool.h>
#include <stdint.h>

#include "problem.h"
#include "witness.h"

struct pd_inherit_controls {
  unsigned cells;       /* answers that could be compared */
  unsigned wrong;       /* that differ from the table */
  unsigned unavailable; /* of deeds that cannot be done here */
  char detail[PD_WHY];  /* the first wrong one, or "" */
};

/* `fd` is a file of `size` bytes, which nobody writes meanwhile. False on a system failure. */
bool pd_inherit_controls_run(int fd, size_t size, bool frames, uint64_t seed,
                             struct pd_inherit_controls *controls, struct pd_error *error);

#endif
