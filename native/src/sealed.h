/* Region files in sealed memory, which nobody can write to, shorten or lengthen any more. */
#ifndef ZTC_SEALED_H
#define ZTC_SEALED_H

#include "ztc/ztc.h"

/*
 * A read-only descriptor of sealed memory with the bytes of `fd` (any regular file): a new
 * descriptor of the same memory if it is sealed already, else of a sealed copy. The caller closes
 * *out. O(bytes) for a copy. TRUNCATED if the file becomes shorter meanwhile.
 */
ztc_status ztc__sealed_of_fd(int fd, const char *name, int *out, ztc_error *error);

#endif
