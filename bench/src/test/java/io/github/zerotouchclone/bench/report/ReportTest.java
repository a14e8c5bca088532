package io.github.zerotouchclone.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.zerotouchclone.bench.measure.Measurement;
import io.github.zerotouchclone.bench.measure.Rounds;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;

class ReportTest {

  @Test
  void a_goal_that_nothing_measured_is_shown_as_not_measured() {
    Report report = new Report(results(), Goal.all());

    for (Goal goal : Goal.all()) {
      assertTrue(report.text().contains(goal.work()), goal.work());
      for (Goal.Check check : goal.checks()) {
        List<String> lines =
            report
                .text()
                .lines()
                .filter(line -> line.contains("| " + check.what() + " |"))
                .toList();
        assertFalse(lines.isEmpty(), check.what());
        if (results().measurements().stream().noneMatch(check::concerns)) {
          assertTrue(lines.get(0).contains("**not measured**"), lines.get(0));
        }
      }
    }
  }

  @Test
  void a_measured_goal_has_its_ratio_its_interval_and_its_verdict_for_each_jdk() {
    String text = new Report(results(), Goal.all()).text();

    List<String> rows =
        text.lines().filter(line -> line.contains("ordinary mutable collections |")).toList();
    assertEquals(2, rows.size(), text);
    assertTrue(rows.get(0).contains("| 17 | 0.50 [0.50, 0.50]"), rows.get(0));
    assertTrue(rows.get(0).endsWith("| reached |"), rows.get(0));
    assertTrue(rows.get(1).contains("| 25 | 2.00 [2.00, 2.00]"), rows.get(1));
    assertTrue(rows.get(1).endsWith("| **missed** |"), rows.get(1));
  }

  @Test
  void what_is_not_reached_has_its_cause_below_the_table_and_what_is_reached_has_none() {
    Goal goal =
        new Goal(
            4,
            "to a tree",
            "fast",
            List.of(
                check("missed", 0.1, "it does more"),
                check("missed as well", 0.15, "it does more"),
                check("of unknown cause", 0.2, null),
                check("reached", 0.6, "it would be slow")));

    String text = new Report(results(), List.of(goal)).text();

    assertTrue(
        text.contains(
            "- to a tree: missed; to a tree: missed as well. **Cause:** it does more.\n"));
    assertTrue(text.contains("- to a tree: of unknown cause. **Cause:** no cause is known.\n"));
    assertFalse(text.contains("it would be slow"), text);
  }

  private static Goal.Check check(String what, double bound, String cause) {
    List<String> figures = List.of("peers/tree/mapped\\+jsonb");
    return new Goal.Check(what, figures, Goal.Side.AT_MOST, bound, cause);
  }

  @Test
  void what_is_not_available_is_named_with_its_reason() {
    assertTrue(
        new Report(results(), Goal.all())
            .text()
            .contains("- chronicle+fory: it does not start here"));
  }

  @Test
  void a_run_of_another_size_says_that_it_is_not_for_quoting() {
    assertTrue(new Report(results(), Goal.all()).text().contains("not for quoting"));
  }

  @Test
  void plots_are_well_formed_and_follow_the_theme() throws Exception {
    Map<String, String> plots = new Report(results(), Goal.all()).plots();

    assertTrue(plots.containsKey("peers-tree-jdk17.svg"), plots.keySet().toString());
    for (String svg : plots.values()) {
      DocumentBuilderFactory.newInstance()
          .newDocumentBuilder()
          .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
      assertTrue(svg.contains("@media (prefers-color-scheme: dark)"));
      assertFalse(svg.contains("href"), "refers to something outside");
      assertFalse(svg.contains("NaN"));
    }
  }

  @Test
  void results_survive_their_file() throws IOException {
    ObjectMapper json = new ObjectMapper();

    Results again = json.readValue(json.writeValueAsString(results()), Results.class);

    assertEquals(new Report(results(), Goal.all()).text(), new Report(again, Goal.all()).text());
  }

  private static Results results() {
    return new Results(
        "2026-01-01T00:00:00",
        "small",
        false,
        "0123456789ab",
        Map.of("cores", "2"),
        Map.of("JDK 17", "17.0.1"),
        "bench/run --size small",
        List.of(List.of("$JDK17/bin/java", "Main")),
        List.of(
            ratio("peers/tree/mapped+fory", 17, 500, 1000),
            ratio("peers/tree/mapped+jsonb", 17, 500, 2000),
            ratio("peers/tree/mapped+kryo", 17, 500, 2000),
            ratio("peers/tree/sparkey+fory", 17, 500, 2000),
            ratio("peers/tree/lmdb+fory", 17, 500, 2000),
            ratio("peers/tree/chronicle+fory", 17, 500, 2000),
            ratio("peers/tree/mapped+fory", 25, 2000, 1000)),
        Map.of("chronicle+fory", "it does not start here"));
  }

  private static Measurement ratio(String id, int jdk, double a, double b) {
    double[] as = new double[30];
    double[] bs = new double[30];
    Arrays.fill(as, a);
    Arrays.fill(bs, b);
    return Measurement.ratio(id, jdk, "ztc/tree", "theirs", "ns", List.of(new Rounds(as, bs)));
  }
}
