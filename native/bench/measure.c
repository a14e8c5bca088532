#include "measure.h"

#include <stdlib.h>
#include <time.h>

double now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

double median(double *values, size_t n) {
  qsort(values, n, sizeof *values, ascending);
  return n % 2 != 0 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

static double time_of(work w, void *context, size_t from, size_t count) {
  const double start = now_ns();
  w(context, from, count);
  return (now_ns() - start) / (double)count;
}

enum { MOST_ROUNDS = 1000, RESAMPLES = 2000 };

static uint64_t next(uint64_t *state) {
  *state ^= *state >> 12;
  *state ^= *state << 25;
  *state ^= *state >> 27;
  return *state * UINT64_C(2685821657736338717);
}

static void bootstrap(const double *ratios, int n, double *low, double *high) {
  static double medians[RESAMPLES], sample[MOST_ROUNDS];
  uint64_t seed = 1979;
  for (int r = 0; r < RESAMPLES; r++) {
    for (int i = 0; i < n; i++)
      sample[i] = ratios[next(&seed) % (uint64_t)n];
    medians[r] = median(sample, (size_t)n);
  }
  qsort(medians, RESAMPLES, sizeof *medians, ascending);
  *low = medians[RESAMPLES * 25 / 1000];
  *high = medians[RESAMPLES * 975 / 1000 - 1];
}

result compare(work a, work b, void *context, size_t units, int rounds) {
  static double as[MOST_ROUNDS], bs[MOST_ROUNDS], ratios[MOST_ROUNDS];
  static double a_rounds[MOST_ROUNDS], b_rounds[MOST_ROUNDS];
  if (rounds > MOST_ROUNDS)
    rounds = MOST_ROUNDS;
  size_t from = 0;
  a(context, from, units);
  b(context, from, units);
  for (int r = 0; r < rounds; r++) {
    /* Both see the same records, but never the ones just visited. */
    from += 2 * units;
    const double a1 = time_of(a, context, from, units);
    const double b1 = time_of(b, context, from + units, units);
    const double b2 = time_of(b, context, from, units);
    const double a2 = time_of(a, context, from + units, units);
    as[r] = a_rounds[r] = (a1 + a2) / 2;
    bs[r] = b_rounds[r] = (b1 + b2) / 2;
    ratios[r] = as[r] / bs[r];
  }
  result out = {.rounds = rounds, .a_rounds = a_rounds, .b_rounds = b_rounds};
  bootstrap(ratios, rounds, &out.low, &out.high);
  out.ratio = median(ratios, (size_t)rounds);
  out.a_ns = median(as, (size_t)rounds);
  out.a_min = as[0];
  out.a_max = as[rounds - 1];
  out.b_ns = median(bs, (size_t)rounds);
  return out;
}
