package io.github.zerotouchclone.bench.measure;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One figure of a run, with everything it was computed from.
 *
 * @param id what is measured; goals refer to it. The parts are separated by slashes
 * @param jdk feature version of the JVM that measured, 0 if none was involved
 * @param unit of the estimate: {@code ratio}, or of a and b
 * @param estimate the median
 * @param low lower end of its 95 % interval
 * @param high upper end
 * @param a what is measured
 * @param b what it is compared with; {@code null} for an absolute figure
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Measurement(
    String id, int jdk, String unit, double estimate, double low, double high, Side a, Side b) {

  /** The unit of ratios. */
  public static final String RATIO = "ratio";

  /**
   * One side of a comparison.
   *
   * @param name in words
   * @param unit of the values
   * @param processes the values of each process that measured, in the order of the rounds
   */
  public record Side(String name, String unit, List<double[]> processes) {

    /** All values. */
    public double[] all() {
      return processes.stream().flatMapToDouble(Arrays::stream).toArray();
    }

    /** Their median. */
    public double median() {
      return Interval.median(all());
    }

    /** The smallest. */
    public double min() {
      return Arrays.stream(all()).min().orElseThrow();
    }

    /** The largest. */
    public double max() {
      return Arrays.stream(all()).max().orElseThrow();
    }
  }

  /** How many values the estimate has; of a ratio, how many paired rounds. */
  public int rounds() {
    return a.all().length;
  }

  /**
   * A ratio of paired rounds.
   *
   * @param processes the rounds of each process
   */
  public static Measurement ratio(
      String id, int jdk, String aName, String bName, String unit, List<Rounds> processes) {
    Interval interval = Interval.ofMedian(processes.stream().map(Rounds::ratios).toList());
    return new Measurement(
        id,
        jdk,
        RATIO,
        interval.estimate(),
        interval.low(),
        interval.high(),
        new Side(aName, unit, processes.stream().map(Rounds::a).toList()),
        new Side(bName, unit, processes.stream().map(Rounds::b).toList()));
  }

  /**
   * How much more one side is than the other, round by round.
   *
   * @param processes the rounds of each process
   */
  public static Measurement difference(
      String id, int jdk, String aName, String bName, String unit, List<Rounds> processes) {
    List<double[]> differences = new ArrayList<>();
    for (Rounds rounds : processes) {
      double[] difference = new double[rounds.a().length];
      Arrays.setAll(difference, i -> rounds.a()[i] - rounds.b()[i]);
      differences.add(difference);
    }
    Interval interval = Interval.ofMedian(differences);
    return new Measurement(
        id,
        jdk,
        unit,
        interval.estimate(),
        interval.low(),
        interval.high(),
        new Side(aName, unit, processes.stream().map(Rounds::a).toList()),
        new Side(bName, unit, processes.stream().map(Rounds::b).toList()));
  }

  /**
   * An absolute figure.
   *
   * @param processes the values of each process
   */
  public static Measurement absolute(
      String id, int jdk, String name, String unit, List<double[]> processes) {
    Interval interval = Interval.ofMedian(processes);
    return new Measurement(
        id,
        jdk,
        unit,
        interval.estimate(),
        interval.low(),
        interval.high(),
        new Side(name, unit, processes),
        null);
  }
}
