package io.github.zerotouchclone.junit.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Runs of numbers, held against sets of them. */
class RangesTest {
  private static Ranges of(Iterable<Long> numbers) {
    Ranges ranges = new Ranges();
    numbers.forEach(ranges::add);
    return ranges;
  }

  @Test
  void random_sets_and_their_unions_hold_the_same_numbers() {
    long seed = 20240607;
    Random random = new Random(seed);
    for (int round = 0; round < 500; round++) {
      TreeSet<Long> left = new TreeSet<>();
      TreeSet<Long> right = new TreeSet<>();
      random.longs(random.nextInt(30), 0, 40).forEach(left::add);
      random.longs(random.nextInt(30), 0, 40).forEach(right::add);
      TreeSet<Long> both = new TreeSet<>(left);
      both.addAll(right);
      Ranges union = of(left).union(of(right));
      String context = "seed " + seed + " round " + round + ": " + left + " and " + right;
      assertTrue(union.isSame(of(both)), context);
      assertEquals(both.size(), union.size(), context);
      assertEquals(both.isEmpty(), union.isEmpty(), context);
      long[] head = both.stream().mapToLong(Long::longValue).limit(5).toArray();
      assertArrayEquals(head, union.head(5), context);
      LongStream.range(-1, 42)
          .forEach(n -> assertEquals(both.contains(n), union.contains(n), context + " " + n));
    }
  }

  @Test
  void runs_are_short_to_read_and_long_sets_are_cut() {
    assertEquals("none", new Ranges().toString());
    assertEquals("2-4, 7, 9-10", new Ranges(2, 4, 7, 7, 9, 10).toString());
    assertEquals("2-4, 7, ... (6 in all)", new Ranges(2, 4, 7, 7, 9, 10).toString(2));
  }
}
