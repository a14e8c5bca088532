#include "order.h"

uint64_t pd_random(uint64_t *state) {
  uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));
  z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
  z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
  return z ^ z >> 31;
}

void pd_order_init(struct pd_order *order, uint64_t count, bool sequential, uint64_t seed) {
  unsigned bits = 2;
  while (bits < 64 && (UINT64_C(1) << bits) < count)
    bits += 2;
  *order = (struct pd_order){.count = count, .half_bits = bits / 2, .sequential = sequential};
  for (int i = 0; i < 4; i++)
    order->keys[i] = pd_random(&seed);
}

/* A Feistel network over the next even power of two, walked until it falls below `count`. */
uint64_t pd_order_at(const struct pd_order *order, uint64_t i) {
  if (order->sequential)
    return i;
  uint64_t mask = (UINT64_C(1) << order->half_bits) - 1;
  uint64_t value = i;
  do {
    uint64_t left = value >> order->half_bits;
    uint64_t right = value & mask;
    for (int round = 0; round < 4; round++) {
      uint64_t state = order->keys[round] ^ right;
      uint64_t next = left ^ (pd_random(&state) & mask);
      left = right;
      right = next;
    }
    value = left << order->half_bits | right;
  } while (value >= order->count);
  return value;
}
