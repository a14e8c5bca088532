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

  private List<Slice> timed(int rounds, int granularity, int order) throws IOException {
    // A clock of one nanosecond a look, so that a slice is never longer than was asked for.
    long[] clock = {0};
    Rounds measured =
        new Paired(rounds, 16, 0)
            .run(recorder('a'), recorder('b'), granularity, order, () -> clock[0]++);
    assertEquals(rounds, measured.a().length);
    return slices.subList(slices.size() - 4 * rounds, slices.size());
  }

  /** Which task had a record of the order, by pass; a record is asked for once in a pass. */
  private static char[] owners(List<Slice> pass, int order) {
    char[] owners = new char[order];
    for (Slice slice : pass) {
      for (int i = 0; i < slice.count(); i++) {
        int at = (int) ((slice.from() + i) % order);
        assertEquals(0, owners[at], "record " + at + " is read twice in a pass");
        owners[at] = slice.task();
      }
    }
    return owners;
  }

  @Test
  void a_round_is_a_b_b_a_on_four_disjoint_slices() throws IOException {
    List<Slice> timed = timed(5, 8, 0);

    int count = timed.get(0).count();
    assertEquals(0, count % 8);
    for (int i = 0; i < timed.size(); i++) {
      Slice expected = new Slice("abba".charAt(i % 4), timed.get(0).from() + i * count, count);
      assertEquals(expected, timed.get(i));
    }
  }

  @Test
  void no_record_is_read_twice_in_a_pass_and_in_the_next_one_by_the_other_side()
      throws IOException {
    int order = 10_000;
    int rounds = 30;
    List<Slice> timed = timed(rounds, 8, order);

    int size = 4 * rounds / 2;
    char[] first = owners(timed.subList(0, size), order);
    char[] second = owners(timed.subList(size, 2 * size), order);
    int read = 0;
    for (int i = 0; i < order; i++) {
      assertEquals(first[i] == 'a' ? 'b' : first[i] == 'b' ? 'a' : 0, second[i]);
      read += first[i] != 0 ? 1 : 0;
    }
    assertTrue(read > order * 0.9, read + " of " + order + " records are read");
  }

  @Test
  void slices_are_cut_to_an_order_that_has_room_for_one_round_only() throws IOException {
    int order = 100;
    List<Slice> timed = timed(4, 8, order);

    for (int round = 0; round < 4; round++) {
      owners(timed.subList(4 * round, 4 * round + 4), order);
      assertEquals(24, timed.get(4 * round).count());
      assertEquals(round % 2 == 0 ? 'a' : 'b', timed.get(4 * round).task());
    }
  }

  @Test
  void a_drift_of_the_machine_hits_both_sides() throws IOException {
    long[] clock = {0};
    double[] slowness = {1};
    Task once = (from, count) -> clock[0] += Math.round(count * 1000 * (slowness[0] += 0.01));
    Task twice = (from, count) -> clock[0] += Math.round(count * 2000 * (slowness[0] += 0.01));

    Rounds rounds = new Paired(31, 100_000, 0).run(twice, once, 1, 0, () -> clock[0]);

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
