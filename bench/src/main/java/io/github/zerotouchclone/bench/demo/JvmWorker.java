package io.github.zerotouchclone.bench.demo;

import io.github.zerotouchclone.Region;
import io.github.zerotouchclone.RegionException;
import io.github.zerotouchclone.ZeroTouchClone;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * A worker process: copies every record of a region into its own objects, in random order.
 *
 * <p>It says {@code warm}, waits for {@code go}, works, says {@code done RECORDS NANOSECONDS}, and
 * stays as it is until its standard input ends, so that its memory can be looked at.
 */
public final class JvmWorker {

  /** Enough for the compilers, the classes and the heap to have their final size. */
  private static final long WARM_UP_RECORDS = 300_000;

  /**
   * Short calls are compiled once; a single long loop would be compiled again after the warm-up.
   */
  private static final long ROUND = 1_000;

  private JvmWorker() {}

  /**
   * Runs the worker.
   *
   * @param args path of the region, seed of the order
   * @throws IOException if the parent is gone
   */
  public static void main(String[] args) throws IOException {
    BufferedReader parent =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    try (Region region = Region.open(Path.of(args[0]))) {
      RandomOrder order = new RandomOrder(region.count(), Long.parseLong(args[1]));
      copy(region, order, WARM_UP_RECORDS);
      System.gc();
      System.out.println("warm");
      if (!"go".equals(parent.readLine())) {
        return;
      }
      long started = System.nanoTime();
      copy(region, order, region.count());
      long nanos = System.nanoTime() - started;
      System.gc();
      System.out.println("done " + region.count() + " " + nanos);
      parent.readLine();
    } catch (RegionException e) {
      System.err.println("worker: " + e.getMessage());
      System.exit(1);
    }
  }

  private static void copy(Region region, RandomOrder order, long copies) {
    for (long done = 0; done < copies; done += ROUND) {
      copyRound(region, order, done, Math.min(done + ROUND, copies));
    }
  }

  private static void copyRound(Region region, RandomOrder order, long from, long to) {
    for (long i = from; i < to; i++) {
      long index = order.at(i % region.count());
      if (ZeroTouchClone.copy(region, index).toMap().isEmpty()) {
        throw new IllegalStateException("record " + index + " came back empty");
      }
    }
  }
}
