package io.github.zerotouchclone.bench.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PairedTest {

  private record Slice(char task, long from, int count) {}

  private final List<Slice> slices = new ArrayList<>();

  private Task recorder(char name) {
    return (from, count) -> slices.add(new Slice(name, from, count));
  }

  @Test
  void a_round_is_a_b_b_a_and_both_see_the_same_records() throws IOException {
    int rounds = 5;
    Rounds measured = new Paired(rounds, 1000, 0).run(recorder('a'), recorder('b'), 8);

    assertEquals(rounds, measured.a().length);
    List<Slice> timed = slices.subList(slices.size() - 4 * rounds, slices.size());
    for (int r = 0; r < rounds; r++) {
      List<Slice> round = timed.subList(4 * r, 4 * r + 4);
      int count = round.get(0).count();
      long from = round.get(0).from();
      assertEquals(
          List.of(
              new Slice('a', from, count),
              new Slice('b', from + count, count),
              new Slice('b', from, count),
              new Slice('a', from + count, count)),
          round);
      assertEquals(0, count % 8);
      assertEquals(timed.get(0).from() + 2L * r * count, from);
    }
  }

  @Test
  void a_drift_of_the_machine_hits_both_sides() throws IOException {
    long[] clock = {0};
    double[] slowness = {1};
    Task once = (from, count) -> clock[0] += Math.round(count * 1000 * (slowness[0] += 0.01));
    Task twice = (from, count) -> clock[0] += Math.round(count * 2000 * (slowness[0] += 0.01));

    Rounds rounds = new Paired(31, 100_000, 0).run(twice, once, 1, () -> clock[0]);

    for (double ratio : rounds.ratios()) {
      assertEquals(2, ratio, 1e-9);
    }
    assertTrue(rounds.a()[30] > 1.5 * rounds.a()[0]);
  }

  @Test
  void sides_with_different_numbers_of_rounds_are_an_error() {
    assertThrows(IllegalArgumentException.class, () -> new Rounds(new double[2], new double[3]));
  }
}
