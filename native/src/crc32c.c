/*
 * CRC32C as in RFC 3720. Portable path: slicing-by-8 (Kounavis and Berry, 2005).
 */
#include "crc32c.h"

#include <string.h>

#include "crc32c_table.h"

static inline uint64_t load_le64(const uint8_t *p) {
  uint64_t v;
  memcpy(&v, p, sizeof v);
  return v;
}

uint32_t ztc__crc32c_portable(uint32_t crc, const void *data, size_t size) {
  const uint8_t *p = data;
  crc = ~crc;
  for (; size >= 8; size -= 8, p += 8) {
    const uint64_t v = load_le64(p) ^ crc;
    crc = ztc__crc32c_table[7][v & 255] ^ ztc__crc32c_table[6][(v >> 8) & 255] ^
          ztc__crc32c_table[5][(v >> 16) & 255] ^ ztc__crc32c_table[4][(v >> 24) & 255] ^
          ztc__crc32c_table[3][(v >> 32) & 255] ^ ztc__crc32c_table[2][(v >> 40) & 255] ^
          ztc__crc32c_table[1][(v >> 48) & 255] ^ ztc__crc32c_table[0][v >> 56];
  }
  for (; size > 0; size--)
    crc = (crc >> 8) ^ ztc__crc32c_table[0][(crc ^ *p++) & 255];
  return ~crc;
}

#if defined(__x86_64__)

__attribute__((target("sse4.2"))) static uint32_t crc32c_hardware(uint32_t crc, const void *data,
                                                                  size_t size) {
  const uint8_t *p = data;
  uint64_t c = (uint32_t)~crc;
  for (; size >= 8; size -= 8, p += 8)
    c = __builtin_ia32_crc32di(c, load_le64(p));
  uint32_t tail = (uint32_t)c;
  for (; size > 0; size--)
    tail = __builtin_ia32_crc32qi(tail, *p++);
  return ~tail;
}

static inline int has_hardware(void) {
  return __builtin_cpu_supports("sse4.2");
}

#elif defined(__aarch64__)

#include <sys/auxv.h>

#define HWCAP_CRC32_BIT (1u << 7)

__attribute__((target("+crc"))) static uint32_t crc32c_hardware(uint32_t crc, const void *data,
                                                                size_t size) {
  const uint8_t *p = data;
  uint32_t c = ~crc;
  for (; size >= 8; size -= 8, p += 8)
    c = __builtin_aarch64_crc32cx(c, load_le64(p));
  for (; size > 0; size--)
    c = __builtin_aarch64_crc32cb(c, *p++);
  return ~c;
}

static inline int has_hardware(void) {
  return (getauxval(AT_HWCAP) & HWCAP_CRC32_BIT) != 0;
}

#else

static uint32_t crc32c_hardware(uint32_t crc, const void *data, size_t size) {
  return ztc__crc32c_portable(crc, data, size);
}
static inline int has_hardware(void) {
  return 0;
}

#endif

uint32_t ztc__crc32c(uint32_t crc, const void *data, size_t size) {
  return has_hardware() ? crc32c_hardware(crc, data, size) : ztc__crc32c_portable(crc, data, size);
}
