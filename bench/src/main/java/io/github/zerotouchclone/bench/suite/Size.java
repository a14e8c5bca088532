package io.github.zerotouchclone.bench.suite;

import java.util.ArrayList;
import java.util.List;

/**
 * How much a run does.
 *
 * @param name in the report
 * @param records mail jobs; a region of the full size is far out of the caches
 * @param rounds paired rounds a process, 30 or more
 * @param processes that measure the same, for what they do not agree on
 * @param sliceMillis how long one side of a round takes
 * @param warmUpMillis for each side
 * @param workers how many at a time
 * @param windowMillis how long workers run side by side
 * @param buildRecords records a round of building
 * @param nativeMegabytes size of the native suite's regions
 * @param jmh arguments: forks, iterations, times
 * @param jmhRecords sizes of the ladder's regions
 */
public record Size(
    String name,
    int records,
    int rounds,
    int processes,
    int sliceMillis,
    int warmUpMillis,
    List<Integer> workers,
    int windowMillis,
    int buildRecords,
    int nativeMegabytes,
    List<String> jmh,
    List<Integer> jmhRecords) {

  /** Minutes; shows that everything runs. Its ratios are not for quoting. */
  public static final Size SMALL =
      new Size(
          "small",
          100_000,
          30,
          1,
          4,
          700,
          List.of(1, 2, 4, 8),
          30,
          20_000,
          64,
          List.of("-f", "1", "-wi", "2", "-w", "300ms", "-i", "3", "-r", "300ms"),
          List.of(1_000, 100_000));

  /**
   * Three quarters of an hour for a JDK, on a quiet machine: the records and rounds of the full
   * size, but each pair in one process, and shorter iterations of JMH.
   */
  public static final Size MEDIUM =
      new Size(
          "medium",
          1_000_000,
          30,
          1,
          12,
          1000,
          List.of(1, 2, 4, 8),
          60,
          200_000,
          1024,
          List.of("-f", "2", "-wi", "2", "-w", "300ms", "-i", "3", "-r", "300ms"),
          List.of(1_000, 1_000_000));

  /** Some hours for a JDK, on a quiet machine. */
  public static final Size FULL =
      new Size(
          "full",
          1_000_000,
          30,
          3,
          25,
          2500,
          List.of(1, 2, 4, 8),
          200,
          200_000,
          1024,
          List.of("-f", "2", "-wi", "3", "-w", "1s", "-i", "5", "-r", "1s"),
          List.of(1_000, 1_000_000));

  /** As small as it goes: for tests of the suites themselves. */
  public static final Size TINY =
      new Size(
          "tiny",
          500,
          3,
          1,
          1,
          10,
          List.of(1, 2),
          2,
          100,
          1,
          List.of("-f", "1", "-wi", "1", "-w", "10ms", "-i", "1", "-r", "10ms"),
          List.of(500));

  /**
   * JMH's arguments for so many threads. Those of more than one leave the compiler no processor of
   * its own, so they warm up longer wherever the figures are for quoting.
   */
  List<String> jmh(int threads) {
    if (threads == 1 || !isQuotable()) {
      return jmh;
    }
    List<String> longer = new ArrayList<>(jmh);
    longer.set(jmh.indexOf("-wi") + 1, "5");
    longer.set(jmh.indexOf("-w") + 1, "1s");
    return longer;
  }

  /** Whether ratios may be quoted: from records far out of cache, and 30 rounds. */
  public boolean isQuotable() {
    return equals(MEDIUM) || equals(FULL);
  }

  /** The size of a name. */
  public static Size of(String name) {
    return List.of(SMALL, MEDIUM, FULL, TINY).stream()
        .filter(size -> size.name.equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no size " + name));
  }
}
