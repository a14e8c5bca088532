package io.github.zerotouchclone.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.zerotouchclone.bench.measure.Measurement;
import io.github.zerotouchclone.bench.measure.Rounds;
import io.github.zerotouchclone.bench.peers.Contender;
import io.github.zerotouchclone.bench.peers.Contenders;
import io.github.zerotouchclone.bench.peers.Work;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class GoalTest {

  private static final Goal.Check AT_MOST_1 =
      new Goal.Check("as fast", List.of("a/.*"), Goal.Side.AT_MOST, 1, null);

  @Test
  void reached_means_that_the_upper_end_meets_the_bound() {
    assertEquals(Goal.Verdict.REACHED, AT_MOST_1.judge(List.of(figure("a/x", 0.8, 0.7, 1.0))));
    assertEquals(Goal.Verdict.UNRESOLVED, AT_MOST_1.judge(List.of(figure("a/x", 0.8, 0.7, 1.01))));
    assertEquals(Goal.Verdict.MISSED, AT_MOST_1.judge(List.of(figure("a/x", 1.1, 1.01, 1.2))));
  }

  @Test
  void a_bound_from_below_is_met_by_the_lower_end() {
    Goal.Check check = new Goal.Check("rate", List.of("a/.*"), Goal.Side.AT_LEAST, 10, null);

    assertEquals(Goal.Verdict.REACHED, check.judge(List.of(figure("a/x", 12, 10, 14))));
    assertEquals(Goal.Verdict.UNRESOLVED, check.judge(List.of(figure("a/x", 12, 9, 14))));
    assertEquals(Goal.Verdict.MISSED, check.judge(List.of(figure("a/x", 8, 7, 9.9))));
  }

  @Test
  void all_figures_of_a_check_must_meet_it_and_the_worst_is_shown() {
    Measurement good = figure("a/good", 0.5, 0.4, 0.6);
    Measurement bad = figure("a/bad", 1.5, 1.4, 1.6);
    Measurement other = figure("b/other", 9, 9, 9);

    assertEquals(Goal.Verdict.MISSED, AT_MOST_1.judge(List.of(good, bad, other)));
    assertEquals(bad, AT_MOST_1.worst(List.of(good, bad, other)));
  }

  @Test
  void no_figure_is_not_measured() {
    assertEquals(
        Goal.Verdict.NOT_MEASURED, AT_MOST_1.judge(List.of(figure("b/other", 0.5, 0.5, 0.5))));
  }

  @Test
  void a_check_is_not_measured_if_one_that_it_names_is_missing_and_no_other_misses_it() {
    Goal.Check check =
        new Goal.Check("peers", List.of("a/(x|y\\+z).*", "b"), Goal.Side.AT_MOST, 1, null);
    Measurement x = figure("a/x-variant", 0.5, 0.4, 0.6);
    Measurement y = figure("a/y+z", 0.5, 0.4, 0.6);
    Measurement b = figure("b", 0.5, 0.4, 0.6);

    assertEquals(Goal.Verdict.REACHED, check.judge(List.of(x, y, b)));
    assertEquals(Goal.Verdict.NOT_MEASURED, check.judge(List.of(x, b)));
    assertEquals(Goal.Verdict.NOT_MEASURED, check.judge(List.of(y, b)));
    assertEquals(Goal.Verdict.NOT_MEASURED, check.judge(List.of(x, y)));
    assertEquals(Goal.Verdict.MISSED, check.judge(List.of(figure("a/x", 1.5, 1.4, 1.6), y)));
  }

  @Test
  void what_is_optional_in_a_pattern_need_not_be_measured() {
    Goal.Check check =
        new Goal.Check("peers", List.of("a/x(-direct)?(-1|-2)?"), Goal.Side.AT_MOST, 1, null);

    assertEquals(Goal.Verdict.REACHED, check.judge(List.of(figure("a/x", 0.5, 0.4, 0.6))));
  }

  @Test
  void every_peer_that_a_goal_names_does_that_work() {
    int named = 0;
    for (Goal goal : Goal.all()) {
      for (Goal.Check check : goal.checks()) {
        for (String pattern : check.named()) {
          String[] parts = pattern.split("/");
          if (parts[0].equals("peers") && parts.length == 3 && !parts[1].equals("compact")) {
            Work work = Work.of(parts[1]);
            assertTrue(
                Contenders.all().stream()
                    .filter(contender -> contender.works().contains(work))
                    .anyMatch(contender -> Pattern.matches(parts[2], contender.id())),
                pattern);
            named++;
          }
        }
      }
    }
    assertTrue(named >= 20, named + " peers");
  }

  @Test
  void a_ratio_of_times_from_fewer_than_30_rounds_resolves_nothing() {
    double[] fast = new double[29];
    double[] slow = new double[29];
    Arrays.fill(fast, 1);
    Arrays.fill(slow, 2);

    Measurement few =
        Measurement.ratio("a/x", 17, "ours", "theirs", "ns", List.of(new Rounds(fast, slow)));

    assertEquals(0.5, few.high());
    assertEquals(Goal.Verdict.UNRESOLVED, AT_MOST_1.judge(List.of(few)));
  }

  @Test
  void a_ratio_of_memory_needs_six_values_and_its_worst_one_counts() {
    double[] theirs = {100, 100, 100, 100, 100, 100};
    Goal.Check check = AT_MOST_1;

    assertEquals(
        Goal.Verdict.UNRESOLVED,
        check.judge(List.of(memory(new double[] {50, 50, 50, 50, 50}, theirs))));
    assertEquals(
        Goal.Verdict.REACHED,
        check.judge(List.of(memory(new double[] {50, 50, 50, 50, 50, 100}, theirs))));
    assertEquals(
        Goal.Verdict.UNRESOLVED,
        check.judge(List.of(memory(new double[] {50, 50, 50, 50, 50, 101}, theirs))));
  }

  private static Measurement memory(double[] ours, double[] theirs) {
    double[] paired = Arrays.copyOf(theirs, ours.length);
    return Measurement.ratio("a/x", 17, "ours", "theirs", "kB", List.of(new Rounds(ours, paired)));
  }

  @Test
  void every_goal_has_a_check() {
    for (Goal goal : Goal.all()) {
      assertFalse(goal.checks().isEmpty(), goal.work());
    }
  }

  @Test
  void what_does_less_is_part_of_no_goal() {
    for (Contender contender : Contenders.all()) {
      if (contender.role() == Contender.Role.LESS) {
        for (String prefix : List.of("peers/tree/", "peers/record/", "peers/bean/", "memory/")) {
          Measurement less = figure(prefix + contender.id(), 9, 9, 9);
          assertTrue(
              Goal.all().stream()
                  .flatMap(goal -> goal.checks().stream())
                  .noneMatch(check -> check.concerns(less)),
              less.id());
        }
      }
    }
  }

  private static Measurement figure(String id, double estimate, double low, double high) {
    return new Measurement(
        id,
        17,
        Measurement.RATIO,
        estimate,
        low,
        high,
        new Measurement.Side("ours", "ns", List.of(new double[30])),
        new Measurement.Side("theirs", "ns", List.of(new double[30])));
  }
}
