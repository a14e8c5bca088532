/*
 * A buffered file that only grows. One thread. It is written by whole buffers at multiples of their
 * size, until it is flushed. File systems with large folios keep what is written by 2 MiB at
 * multiples of 2 MiB in huge pages, and map it so: random reads of what is written then find their
 * addresses in the processor's tables.
 */
#ifndef ZTC_SPILL_H
#define ZTC_SPILL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ztc/ztc.h"

/* Bytes that are written at a time: of a region, and of files that are read back and removed. */
enum { ZTC__SPILL_REGION = 2 << 20, ZTC__SPILL_SIDE = 256 << 10 };

typedef struct ztc__spill {
  int fd;        /* -1: none */
  uint64_t size; /* bytes appended, those in the buffer too */
  size_t used;
  size_t capacity;
  uint8_t *buffer;
  bool durable;     /* will be flushed to disk at the end: set by who will */
  uint64_t started; /* bytes that the kernel was asked to write to disk; of a durable one */
} ztc__spill;

/* Takes over `fd`, which is empty. Errors: NO_MEMORY (fd is closed). */
ztc_status ztc__spill_open(ztc__spill *spill, int fd, size_t capacity, ztc_error *error);
/* Flushes nothing. Fine on a zeroed spill with fd -1, and twice. */
void ztc__spill_close(ztc__spill *spill);
/* Appends. After an error the file is of no use any more. Errors: IO and the like. */
ztc_status ztc__spill_append(ztc__spill *spill, const void *data, size_t size, ztc_error *error);
ztc_status ztc__spill_flush(ztc__spill *spill, ztc_error *error);
/* Appends zeros up to a multiple of `alignment` (at most 64). */
ztc_status ztc__spill_align(ztc__spill *spill, uint32_t alignment, ztc_error *error);
/* Appends `size` bytes at `offset` of another spill, which is flushed, to `to`. */
ztc_status ztc__spill_transfer(ztc__spill *to, ztc__spill *from, uint64_t offset, uint64_t size,
                               ztc_error *error);

/* The same, and continues a CRC32C over them. */
ztc_status ztc__spill_transfer_summed(ztc__spill *to, ztc__spill *from, uint64_t offset,
                                      uint64_t size, uint32_t *checksum, ztc_error *error);

/* Reads all; a file that ends before is an error. */
ztc_status ztc__read_at(int fd, void *data, size_t size, uint64_t offset, ztc_error *error);
/* Writes all, whatever the kernel takes at a time. */
ztc_status ztc__write_at(int fd, const void *data, size_t size, uint64_t offset, ztc_error *error);

#endif
