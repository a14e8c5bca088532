package io.github.zerotouchclone.bench.report;

import io.github.zerotouchclone.bench.measure.Measurement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

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

  /** Begins the names under which failures of whole suites are noted. */
  public static final String FAILED_SUITE = "suite ";

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

  /**
   * These results and those of a later part of the same run; a figure that both have is the later
   * one's.
   *
   * @param suites that the later part ran: what is said here of their failures no longer holds
   * @throws IllegalArgumentException if they are of another size, commit or processor
   */
  public Results followedBy(Results later, Collection<String> suites) {
    requireSame("size", size, later.size);
    requireSame("commit", commit, later.commit);
    requireSame("processor", machine.get("processor"), later.machine.get("processor"));
    Map<List<Object>, Measurement> figures = new LinkedHashMap<>();
    measurements.forEach(figure -> figures.put(List.of(figure.id(), figure.jdk()), figure));
    later.measurements.forEach(figure -> figures.put(List.of(figure.id(), figure.jdk()), figure));
    Set<List<String>> allCommands = new LinkedHashSet<>(commands);
    allCommands.addAll(later.commands);
    Map<String, String> failures = new LinkedHashMap<>(unavailable);
    suites.forEach(suite -> failures.remove(FAILED_SUITE + suite));
    failures.putAll(later.unavailable);
    return new Results(
        date,
        size,
        quotable,
        commit,
        united(machine, later.machine),
        united(versions, later.versions),
        command.equals(later.command) ? command : command + "; " + later.command,
        List.copyOf(allCommands),
        new ArrayList<>(figures.values()),
        failures);
  }

  private static void requireSame(String what, String here, String there) {
    if (!Objects.equals(here, there)) {
      throw new IllegalArgumentException(
          "the folder holds results of another "
              + what
              + " ("
              + here
              + ", not "
              + there
              + "): name another one with --out, or remove them");
    }
  }

  private static Map<String, String> united(Map<String, String> a, Map<String, String> b) {
    Map<String, String> both = new LinkedHashMap<>(a);
    both.putAll(b);
    return both;
  }
}
