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

/*
 * As many rounds as have room in one pass and make an even number of passes: a divisor of half the
 * rounds (of an odd number, the last one is one more).
 */
static size_t rounds_of_a_pass(const slices *s, int rounds) {
  const size_t half = rounds > 1 ? (size_t)rounds / 2 : 1;
  size_t pass = s->order / (4 * s->units);
  if (pass > half)
    pass = half;
  while (pass > 1 && half % pass != 0)
    pass--;
  return pass > 0 ? pass : 1;
}

result compare(work a, work b, void *context, slices s, int rounds) {
  static double as[MOST_ROUNDS], bs[MOST_ROUNDS], ratios[MOST_ROUNDS];
  static double a_rounds[MOST_ROUNDS], b_rounds[MOST_ROUNDS];
  if (rounds > MOST_ROUNDS)
    rounds = MOST_ROUNDS;
  const size_t batch = s.batch > 0 ? s.batch : 1;
  size_t units = s.units, pass = (size_t)rounds;
  if (s.order != 0) {
    pass = rounds_of_a_pass(&s, rounds);
    units = s.order / 4 / pass / batch * batch;
    if (units == 0)
      units = batch;
  }
  const size_t start = 2 * units; /* what the warm-up reads comes last */
  a(context, 0, units);
  b(context, units, units);
  for (size_t r = 0; r < (size_t)rounds; r++) {
    const int swapped = r / pass % 2 != 0;
    const work outer = swapped ? b : a, inner = swapped ? a : b;
    const size_t from = start + 4 * units * (r % pass);
    const double first = time_of(outer, context, from, units);
    const double second = time_of(inner, context, from + units, units);
    const double third = time_of(inner, context, from + 2 * units, units);
    const double fourth = time_of(outer, context, from + 3 * units, units);
    as[r] = a_rounds[r] = (swapped ? second + third : first + fourth) / 2;
    bs[r] = b_rounds[r] = (swapped ? first + fourth : second + third) / 2;
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
