/*
 * Keyed hashes for tables in memory: what others choose (a file's keys and places, a feed's labels)
 * cannot be chosen so that it meets in one slot. Such a hash has another value in every process, so
 * nothing that is stored may depend on it.
 */
#ifndef ZTC_SECRET_H
#define ZTC_SECRET_H

#include <string.h>

#include "siphash.h"

typedef struct ztc__secret {
  uint64_t low, high;
} ztc__secret;

/* The same for the life of a process, and in its children. */
ztc__secret ztc__secret_of_process(void);

static inline uint64_t ztc__secret_hash32(const ztc__secret *secret, uint32_t value) {
  ztc__siphash s = ztc__siphash_begin(secret->low, secret->high);
  return ztc__siphash_end(&s, value, sizeof value);
}

/* Of `size` bytes and what else tells two of them apart. */
static inline uint64_t ztc__secret_hash(const ztc__secret *secret, uint32_t kind, const uint8_t *p,
                                        uint32_t size) {
  ztc__siphash s = ztc__siphash_begin(secret->low ^ kind, secret->high);
  uint64_t word;
  uint32_t left = size;
  for (; left >= sizeof word; left -= 8, p += 8) {
    memcpy(&word, p, sizeof word);
    ztc__siphash_word(&s, word);
  }
  word = 0;
  for (uint32_t i = 0; i < left; i++)
    word |= (uint64_t)p[i] << 8 * i;
  return ztc__siphash_end(&s, word, size);
}

#endif
