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

#include <wmmintrin.h>

#include "crc32c_powers.h"

enum {
  WORD = 8,
  STREAM_MAX = 128,              /* words; the table of powers has twice as many */
  INTERLEAVED_MIN = 3 * WORD * 5 /* bytes from which three streams beat one */
};

__attribute__((target("sse4.2"))) static inline uint32_t serial(uint64_t c, const uint8_t *p,
                                                                size_t size) {
  for (; size >= WORD; size -= WORD, p += WORD)
    c = __builtin_ia32_crc32di(c, load_le64(p));
  uint32_t tail = (uint32_t)c;
  for (; size > 0; size--)
    tail = __builtin_ia32_crc32qi(tail, *p++);
  return tail;
}

__attribute__((target("sse4.2"))) static uint32_t crc32c_serial(uint32_t crc, const void *data,
                                                                size_t size) {
  return ~serial((uint32_t)~crc, data, size);
}

/* The product of two reflected polynomials of 32 bits, to be summed as if it were data. */
__attribute__((target("sse4.2,pclmul"))) static inline uint64_t multiply(uint64_t a, uint64_t b) {
  const __m128i product =
      _mm_clmulepi64_si128(_mm_cvtsi64_si128((int64_t)a), _mm_cvtsi64_si128((int64_t)b), 0);
  return (uint64_t)_mm_cvtsi128_si64(product);
}

/*
 * The instruction takes 3 cycles, and one can begin in each: so three stretches of equal size at
 * once, of which the first two then are moved to the end of the third by a carry-less product each
 * (Gopal, Ozturk, Guilford, Wolrich, Feghali, Dixon and Karakoyunlu, "Fast CRC Computation for
 * iSCSI Polynomial Using CRC32 Instruction", Intel 2011). The products go into the last word of the
 * third.
 */
__attribute__((target("sse4.2,pclmul"))) static uint32_t
crc32c_interleaved(uint32_t crc, const void *data, size_t size) {
  const uint8_t *p = data;
  uint64_t c = (uint32_t)~crc;
  while (size >= INTERLEAVED_MIN) {
    const size_t words = size < 3 * WORD * STREAM_MAX ? size / (3 * WORD) : STREAM_MAX;
    const size_t stream = WORD * words;
    const uint8_t *last = p + stream - WORD;
    uint64_t c1 = 0, c2 = 0;
    for (; p < last; p += WORD) {
      c = __builtin_ia32_crc32di(c, load_le64(p));
      c1 = __builtin_ia32_crc32di(c1, load_le64(p + stream));
      c2 = __builtin_ia32_crc32di(c2, load_le64(p + 2 * stream));
    }
    c = __builtin_ia32_crc32di(c, load_le64(p));
    c1 = __builtin_ia32_crc32di(c1, load_le64(p + stream));
    const uint64_t moved =
        multiply(c, ztc__crc32c_powers[2 * words]) ^ multiply(c1, ztc__crc32c_powers[words]);
    c = __builtin_ia32_crc32di(c2, load_le64(p + 2 * stream) ^ moved);
    p += 2 * stream + WORD;
    size -= 3 * stream;
  }
  return ~serial(c, p, size);
}

static inline uint32_t crc32c_hardware(uint32_t crc, const void *data, size_t size) {
  return size >= INTERLEAVED_MIN && __builtin_cpu_supports("pclmul")
             ? crc32c_interleaved(crc, data, size)
             : crc32c_serial(crc, data, size);
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
