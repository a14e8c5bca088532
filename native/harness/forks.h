/* Whether a process has, or had, children: they may hold pages that it wrote, or have written some
 * themselves, so that it is outside the verdict. */
#ifndef PD_FORKS_H
#define PD_FORKS_H

#include <stdbool.h>
#include <sys/types.h>

#include "problem.h"

/* True, with the reason, when any thread of it has a child, when children of it have ended, or when
 * that cannot be told. Children that it gave away to another parent are not seen. */
bool pd_has_forked(pid_t pid, struct pd_error *why);

#endif
