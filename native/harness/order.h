/* The order in which a worker visits records: a seeded permutation that needs no memory, so that
 * it does not show up as the worker's private growth. */
#ifndef PD_ORDER_H
#define PD_ORDER_H

#include <stdbool.h>
#include <stdint.h>

struct pd_order {
  uint64_t count;
  uint64_t keys[4];
  unsigned half_bits;
  bool sequential;
};

/* The same seed gives the same order everywhere. */
void pd_order_init(struct pd_order *order, uint64_t count, bool sequential, uint64_t seed);

/* The i-th index to visit, for i < count; every index below count comes exactly once. */
uint64_t pd_order_at(const struct pd_order *order, uint64_t i);

/* A small generator for tests and controls: the next value of the sequence of *state. */
uint64_t pd_random(uint64_t *state);

#endif
