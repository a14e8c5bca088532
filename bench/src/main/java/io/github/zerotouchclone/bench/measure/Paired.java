package io.github.zerotouchclone.bench.measure;

import java.io.IOException;
import java.util.function.LongSupplier;

/**
 * Times two tasks against each other: rounds in the order A B B A, so that drift of the machine
 * hits both. The four slices of a round are disjoint, and so are the rounds of one pass over the
 * order: what a slice brought into the caches is asked for again after a whole pass, not a slice
 * later. On every second pass the sides swap places (B A A B), so that in the end both have seen
 * the same records.
 *
 * @param rounds how many rounds
 * @param sliceNanos about how long the slower task runs at a time; up to some times longer where
 *     whole passes need it, and shorter where the order has too few records
 * @param warmUpNanos how long each task runs first, in turns
 */
public record Paired(int rounds, long sliceNanos, long warmUpNanos) {

  private static final int SMALLEST_SLICE = 16;

  /**
   * Measures.
   *
   * @param a one task
   * @param b the other
   * @param granularity records a slice has a multiple of, for tasks that work in batches
   * @param order records until the order repeats; 0 if it does not matter, as for a few records
   *     that stay in the caches
   * @return nanoseconds a record
   * @throws IOException if a task fails
   */
  public Rounds run(Task a, Task b, int granularity, int order) throws IOException {
    return run(a, b, granularity, order, System::nanoTime);
  }

  Rounds run(Task a, Task b, int granularity, int order, LongSupplier clock) throws IOException {
    WarmUp warm = warmUp(a, b, granularity, clock);
    int pass = order == 0 ? rounds : roundsOfAPass(order, warm.units);
    int units = order == 0 ? warm.units : Math.max(order / 4 / pass / granularity, 1) * granularity;
    double[] as = new double[rounds];
    double[] bs = new double[rounds];
    for (int r = 0; r < rounds; r++) {
      boolean swapped = r / pass % 2 != 0;
      // Goes on where the warm-up ended: what it read last comes last.
      long from = warm.end + 4L * units * (r % pass);
      Task outer = swapped ? b : a;
      Task inner = swapped ? a : b;
      double first = time(clock, outer, from, units);
      double second = time(clock, inner, from + units, units);
      double third = time(clock, inner, from + 2L * units, units);
      double fourth = time(clock, outer, from + 3L * units, units);
      as[r] = (swapped ? second + third : first + fourth) / 2;
      bs[r] = (swapped ? first + fourth : second + third) / 2;
    }
    return new Rounds(as, bs);
  }

  /**
   * As many rounds as have room in one pass and make an even number of passes: a divisor of half
   * the rounds (of an odd number, the last one is one more).
   */
  private int roundsOfAPass(int order, int units) {
    int half = Math.max(rounds / 2, 1);
    int pass = (int) Math.min(half, Math.max(order / (4L * units), 1));
    while (half % pass != 0) {
      pass--;
    }
    return pass;
  }

  /**
   * What the warm-up found.
   *
   * @param units records that make a slice
   * @param end where in the order it ended
   */
  private record WarmUp(int units, long end) {}

  /** Lets both be compiled. */
  private WarmUp warmUp(Task a, Task b, int granularity, LongSupplier clock) throws IOException {
    int units = roundUp(SMALLEST_SLICE, granularity);
    long spent = 0;
    double slower = 0;
    long from = 0;
    // A turn is a tenth of the time, and there are at least ten.
    for (int turn = 0; turn < 10 || spent < 2 * warmUpNanos; turn++) {
      double aNanos = time(clock, a, from, units);
      double bNanos = time(clock, b, from + units, units);
      from += 2L * units;
      slower = Math.max(aNanos, bNanos);
      spent += (long) ((aNanos + bNanos) * units);
      double wanted = Math.min(sliceNanos, warmUpNanos / 10.0) / Math.max(slower, 0.1);
      units = roundUp((int) Math.min(Math.max(wanted, SMALLEST_SLICE), 1 << 24), granularity);
    }
    double wanted = Math.max(sliceNanos / Math.max(slower, 0.1), SMALLEST_SLICE);
    return new WarmUp(roundUp((int) Math.min(wanted, 1 << 24), granularity), from);
  }

  private static int roundUp(int count, int granularity) {
    return (count + granularity - 1) / granularity * granularity;
  }

  private static double time(LongSupplier clock, Task task, long from, int units)
      throws IOException {
    long start = clock.getAsLong();
    task.run(from, units);
    return (clock.getAsLong() - start) / (double) units;
  }
}
