/* One system call is refused to this process and what comes of it, as a container does. */
#ifndef HARNESS_REFUSE_H
#define HARNESS_REFUSE_H

#include <check.h>
#include <errno.h>

#include "harness_filter.h"

static inline void refuse_call(unsigned number) {
  ck_assert(filter_call(number, SECCOMP_RET_ERRNO | EPERM));
}

#endif
