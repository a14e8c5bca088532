/* Regions that are large and take next to no disk: what opening costs must not depend on size. */
#ifndef ZTC_BENCH_STRETCH_H
#define ZTC_BENCH_STRETCH_H

#include <stdint.h>

/*
 * Writes a valid region of at least `size` bytes at `path`. Its records repeat: a thousand small
 * ones, then one of 16 MiB of zeros, which is a hole in the file. Needs the disk space of a
 * thousandth of `size` and, for a while, 40 MB of memory. 0 if it cannot be written.
 */
int stretched_region(const char *path, uint64_t size);

#endif
