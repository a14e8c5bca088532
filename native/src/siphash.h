/*
 * SipHash-1-3 (Aumasson and Bernstein, 2012; one round a word and three at the end) over words of 8
 * bytes, as the key index wants it: keyed, so that nobody can choose keys that meet in one place.
 */
#ifndef ZTC_SIPHASH_H
#define ZTC_SIPHASH_H

#include <stdint.h>

typedef struct ztc__siphash {
  uint64_t a, b, c, d;
} ztc__siphash;

static inline uint64_t ztc__rotate(uint64_t x, int bits) {
  return x << bits | x >> (64 - bits);
}

static inline void ztc__siphash_round(ztc__siphash *s) {
  s->a += s->b;
  s->c += s->d;
  s->b = ztc__rotate(s->b, 13) ^ s->a;
  s->d = ztc__rotate(s->d, 16) ^ s->c;
  s->a = ztc__rotate(s->a, 32);
  s->c += s->b;
  s->a += s->d;
  s->b = ztc__rotate(s->b, 17) ^ s->c;
  s->d = ztc__rotate(s->d, 21) ^ s->a;
  s->c = ztc__rotate(s->c, 32);
}

/* Begins with the two halves of SipHash's key. */
static inline ztc__siphash ztc__siphash_begin(uint64_t low, uint64_t high) {
  return (ztc__siphash){.a = low ^ UINT64_C(0x736f6d6570736575),
                        .b = high ^ UINT64_C(0x646f72616e646f6d),
                        .c = low ^ UINT64_C(0x6c7967656e657261),
                        .d = high ^ UINT64_C(0x7465646279746573)};
}

static inline void ztc__siphash_word(ztc__siphash *s, uint64_t word) {
  s->d ^= word;
  ztc__siphash_round(s);
  s->a ^= word;
}

/* The hash of `size` bytes, of which the last size % 8 are in `tail`, with zeros behind them. */
static inline uint64_t ztc__siphash_end(ztc__siphash *s, uint64_t tail, uint64_t size) {
  ztc__siphash_word(s, size << 56 | tail);
  s->c ^= 0xff;
  for (int i = 0; i < 3; i++)
    ztc__siphash_round(s);
  return s->a ^ s->b ^ s->c ^ s->d;
}

#endif
