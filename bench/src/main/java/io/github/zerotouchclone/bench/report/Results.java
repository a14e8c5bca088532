package io.github.zerotouchclone.bench.report;

import io.github.zerotouchclone.bench.measure.Measurement;
import java.util.List;
import java.util.Map;

/**
 * All that a run found: {@code results.json}, from which the report is made, now or later.
 *
 * @param date when it began
 * @param size how much it did
 * @param quotable whether its ratios may be quoted: not of the small size
 * @param commit of the project, with a mark if files differed
 * @param machine name and value
 * @param versions of everything that took part
 * @param command that started the run
 * @param commands that measured
 * @param measurements in the order in which they were taken
 * @param unavailable what could not be measured, and why
 */
public record Results(
    String date,
    String size,
    boolean quotable,
    String commit,
    Map<String, String> machine,
    Map<String, String> versions,
    String command,
    List<List<String>> commands,
    List<Measurement> measurements,
    Map<String, String> unavailable) {

  /** The JDKs that measured, ascending; 0, where no JVM was involved, is not among them. */
  public List<Integer> jdks() {
    return measurements.stream()
        .map(Measurement::jdk)
        .filter(j -> j > 0)
        .distinct()
        .sorted()
        .toList();
  }

  /** The figures of one JDK, or of none for 0. */
  public List<Measurement> of(int jdk) {
    return measurements.stream().filter(measurement -> measurement.jdk() == jdk).toList();
  }
}
