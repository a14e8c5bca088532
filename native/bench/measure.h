/*
 * Timing two pieces of work against each other. A ratio is the median over paired rounds run in the
 * order A B B A, so that drift of the machine hits both; its interval is a 95 % percentile
 * bootstrap (Efron, 1979) over the rounds, from a fixed seed.
 *
 * The four slices of a round are disjoint, and so are the rounds of one pass over the sequence:
 * what a slice brought into the caches is asked for again after a whole pass, not a slice later. On
 * every second pass the sides swap places (B A A B), so that in the end both have seen the same
 * extents.
 */
#ifndef ZTC_BENCH_MEASURE_H
#define ZTC_BENCH_MEASURE_H

#include <stddef.h>
#include <stdint.h>

/* Does `count` units of work from position `from` of a fixed sequence. */
typedef void (*work)(void *context, size_t from, size_t count);

typedef struct result {
  double a_ns, b_ns;       /* a unit, medians */
  double a_min, a_max;     /* over rounds */
  double ratio, low, high; /* a / b */
  int rounds;
  const double *a_rounds, *b_rounds; /* ns a unit, in pairs; good until the next comparison */
} result;

typedef struct slices {
  size_t units; /* about how many make a slice */
  size_t order; /* units until the sequence repeats; 0 if it does not matter: what stays in cache */
  size_t batch; /* slices are a multiple of it; 0 is 1 */
} slices;

result compare(work a, work b, void *context, slices s, int rounds);

double now_ns(void);
/* Median of n values, which are reordered. */
double median(double *values, size_t n);

#endif
