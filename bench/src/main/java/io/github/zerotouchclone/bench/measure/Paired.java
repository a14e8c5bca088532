package io.github.zerotouchclone.bench.measure;

import java.io.IOException;
import java.util.function.LongSupplier;

/**
 * Times two tasks against each other: rounds in the order A B B A on the same records, so that
 * drift of the machine hits both. No slice sees the records that the one before it brought into the
 * caches.
 *
 * @param rounds how many rounds
 * @param sliceNanos about how long the slower task runs at a time
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
   * @return nanoseconds a record
   * @throws IOException if a task fails
   */
  public Rounds run(Task a, Task b, int granularity) throws IOException {
    return run(a, b, granularity, System::nanoTime);
  }

  Rounds run(Task a, Task b, int granularity, LongSupplier clock) throws IOException {
    int units = warmUp(a, b, granularity, clock);
    double[] as = new double[rounds];
    double[] bs = new double[rounds];
    long from = 0;
    for (int r = 0; r < rounds; r++) {
      from += 2L * units;
      double a1 = time(clock, a, from, units);
      double b1 = time(clock, b, from + units, units);
      double b2 = time(clock, b, from, units);
      double a2 = time(clock, a, from + units, units);
      as[r] = (a1 + a2) / 2;
      bs[r] = (b1 + b2) / 2;
    }
    return new Rounds(as, bs);
  }

  /** Lets both be compiled, and returns how many records make a slice. */
  private int warmUp(Task a, Task b, int granularity, LongSupplier clock) throws IOException {
    int units = roundUp(SMALLEST_SLICE, granularity);
    long spent = 0;
    double slower = 0;
    long from = 0;
    // A turn is a tenth of the time, and there are at least ten.
    for (int turn = 0; turn < 10 || spent < 2 * warmUpNanos; turn++) {
      double aNanos = time(clock, a, from, units);
      double bNanos = time(clock, b, from, units);
      from += units;
      slower = Math.max(aNanos, bNanos);
      spent += (long) ((aNanos + bNanos) * units);
      double wanted = Math.min(sliceNanos, warmUpNanos / 10.0) / Math.max(slower, 0.1);
      units = roundUp((int) Math.min(Math.max(wanted, SMALLEST_SLICE), 1 << 24), granularity);
    }
    return roundUp((int) Math.max(sliceNanos / Math.max(slower, 0.1), SMALLEST_SLICE), granularity);
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
