package io.github.zerotouchclone.bench.report;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.zerotouchclone.bench.measure.Measurement;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A row of an issue's table of goals. {@code goals.json} has them all, and a report shows them all,
 * measured or not.
 *
 * @param issue its number; 0 for what the benchmarks demand of themselves
 * @param work what is to be done
 * @param goal in words
 * @param checks what is measured for it
 */
public record Goal(int issue, String work, String goal, List<Check> checks) {

  /** All goals, in the order of the report. */
  public static List<Goal> all() {
    try (InputStream file = Goal.class.getResourceAsStream("goals.json")) {
      return List.of(new ObjectMapper().readValue(file, Goal[].class));
    } catch (IOException e) {
      throw new IllegalStateException("goals.json cannot be read", e);
    }
  }

  /** Which side of a bound is good. */
  public enum Side {
    /** The upper end of the interval must meet it. */
    @JsonProperty("at most")
    AT_MOST,
    /** The lower end must. */
    @JsonProperty("at least")
    AT_LEAST
  }

  /** What the figures say about a check. */
  public enum Verdict {
    /** The whole interval meets the bound. */
    REACHED("reached"),
    /** The interval has the bound inside, or there are too few rounds to say. */
    UNRESOLVED("unresolved"),
    /** No part of the interval meets the bound. */
    MISSED("missed"),
    /** There is no figure, or none of something that the check names. */
    NOT_MEASURED("not measured");

    private final String label;

    Verdict(String label) {
      this.label = label;
    }

    /** Words for a table. */
    public String label() {
      return label;
    }
  }

  /**
   * What must hold for all of some figures.
   *
   * @param what in words
   * @param measurements patterns of their identifiers; each must have a figure, and where they have
   *     alternatives in parentheses, each of these
   * @param is which side of the bound is good
   * @param bound in the unit of the figures
   * @param cause why it may not be met; {@code null} if nothing is known
   */
  public record Check(String what, List<String> measurements, Side is, double bound, String cause) {

    private static final int FEWEST_ROUNDS = 30;
    private static final int FEWEST_OF_MEMORY = 6;

    /** A group of alternatives that is not optional. */
    private static final Pattern ALTERNATIVES = Pattern.compile("\\(([^()]*\\|[^()]*)\\)(?![?*])");

    /**
     * Picks the figure that meets the bound worst.
     *
     * @param all figures of one JDK, or of none
     * @return {@code null} if there is none
     */
    public Measurement worst(List<Measurement> all) {
      Comparator<Measurement> byEnd =
          is == Side.AT_MOST
              ? Comparator.comparingDouble(Measurement::high)
              : Comparator.comparingDouble(Measurement::low).reversed();
      return all.stream().filter(this::concerns).max(byEnd).orElse(null);
    }

    /** Whether a figure is one of those. */
    public boolean concerns(Measurement measurement) {
      return measurements.stream().anyMatch(pattern -> Pattern.matches(pattern, measurement.id()));
    }

    /**
     * Judges all figures of one JDK. A ratio of times needs 30 rounds to count as reached or
     * missed, one of memory six, whose range is the interval then; a count of instructions or
     * faults does not vary that way. As long as no figure misses the bound, all that the patterns
     * name must have one.
     */
    public Verdict judge(List<Measurement> all) {
      List<Measurement> concerned = all.stream().filter(this::concerns).toList();
      boolean tooFewRounds = concerned.stream().anyMatch(Check::hasTooFewRounds);
      if (!tooFewRounds && concerned.stream().anyMatch(this::isMissed)) {
        return Verdict.MISSED;
      }
      if (!hasAll(concerned)) {
        return Verdict.NOT_MEASURED;
      }
      boolean reached = !tooFewRounds && concerned.stream().allMatch(this::isReached);
      return reached ? Verdict.REACHED : Verdict.UNRESOLVED;
    }

    private boolean hasAll(List<Measurement> measured) {
      return named().stream()
          .allMatch(
              pattern -> measured.stream().anyMatch(each -> Pattern.matches(pattern, each.id())));
    }

    /**
     * What must be measured: the patterns, but with each of the alternatives in turn where they
     * have some, as {@code peers/tree/(sparkey|lmdb).*} names two peers.
     */
    List<String> named() {
      return measurements.stream().flatMap(pattern -> named(pattern).stream()).toList();
    }

    private static List<String> named(String pattern) {
      Matcher group = ALTERNATIVES.matcher(pattern);
      if (!group.find()) {
        return List.of(pattern);
      }
      List<String> all = new ArrayList<>();
      for (String each : group.group(1).split("\\|")) {
        String before = pattern.substring(0, group.start());
        all.addAll(named(before + each + pattern.substring(group.end())));
      }
      return all;
    }

    private static boolean hasTooFewRounds(Measurement measurement) {
      boolean isTime =
          List.of("ns", "ms", "times one worker", "records/s").contains(measurement.a().unit());
      boolean isPaired = measurement.b() != null;
      boolean isMemory = measurement.a().unit().equals("kB");
      int fewest = isTime ? FEWEST_ROUNDS : isMemory ? FEWEST_OF_MEMORY : 1;
      return isPaired && measurement.rounds() < fewest;
    }

    private boolean isReached(Measurement measurement) {
      return is == Side.AT_MOST ? measurement.high() <= bound : measurement.low() >= bound;
    }

    private boolean isMissed(Measurement measurement) {
      return is == Side.AT_MOST ? measurement.low() > bound : measurement.high() < bound;
    }
  }
}
