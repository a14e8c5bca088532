/* CRC32C (Castagnoli), with the processor's instruction where there is one. */
#ifndef ZTC_CRC32C_H
#define ZTC_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* Continues `crc` (0 to begin) over `size` bytes. Any thread. O(size). */
uint32_t ztc__crc32c(uint32_t crc, const void *data, size_t size);
/* The portable implementation, so that tests can hold one against the other. */
uint32_t ztc__crc32c_portable(uint32_t crc, const void *data, size_t size);

#endif
