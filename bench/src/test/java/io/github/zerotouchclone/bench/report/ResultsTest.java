package io.github.zerotouchclone.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.zerotouchclone.bench.measure.Measurement;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ResultsTest {

  @Test
  void a_later_part_adds_to_an_earlier_one_and_replaces_what_both_have() {
    Results first = part("abc", Map.of("suite peers", "it failed"), figure("a", 1), figure("b", 2));
    Results second = part("abc", Map.of("sparkey", "not here"), figure("b", 3), figure("c", 4));

    Results both = first.followedBy(second, List.of("peers"));

    assertEquals(
        List.of("a 1.0", "b 3.0", "c 4.0"),
        both.measurements().stream().map(m -> m.id() + " " + m.estimate()).toList());
    assertEquals(Map.of("sparkey", "not here"), both.unavailable());
  }

  @Test
  void what_failed_earlier_and_was_not_run_again_is_still_told() {
    Results first = part("abc", Map.of("suite peers", "it failed"));

    Results both = first.followedBy(part("abc", Map.of()), List.of("build"));

    assertEquals(Map.of("suite peers", "it failed"), both.unavailable());
  }

  @Test
  void parts_of_different_commits_are_not_one_run() {
    Results first = part("abc", Map.of());
    Results second = part("abd", Map.of());

    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class, () -> first.followedBy(second, List.of("build")));
    assertTrue(refused.getMessage().contains("commit (abc, not abd)"), refused.getMessage());
  }

  private static Measurement figure(String id, double estimate) {
    Measurement.Side side =
        new Measurement.Side("ours", "ns", List.of(new double[] {estimate, estimate}));
    return new Measurement(id, 17, "ns", estimate, estimate, estimate, side, null);
  }

  private static Results part(
      String commit, Map<String, String> unavailable, Measurement... figures) {
    return new Results(
        "2026-01-01T00:00",
        "medium",
        true,
        commit,
        Map.of("processor", "one"),
        Map.of(),
        "bench/run",
        List.of(),
        List.of(figures),
        unavailable);
  }
}
