package io.github.zerotouchclone.bench.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.BitSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RandomOrderTest {

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 7, 8, 9, 1000, 1023, 1024, 1025, 117_791})
  void visits_every_index_once(int count) {
    for (long seed = 0; seed < 5; seed++) {
      RandomOrder order = new RandomOrder(count, seed);
      BitSet seen = new BitSet(count);
      for (int i = 0; i < count; i++) {
        int index = (int) order.at(i);
        assertTrue(index >= 0 && index < count);
        assertFalse(seen.get(index), "seed " + seed + ": " + index + " comes twice");
        seen.set(index);
      }
      assertEquals(count, seen.cardinality());
    }
  }

  @Test
  void neighbouring_positions_are_far_apart() {
    int count = 1_000_000;
    RandomOrder order = new RandomOrder(count, 1);
    double distance = 0;
    for (int i = 1; i < count; i++) {
      distance += Math.abs(order.at(i) - order.at(i - 1));
    }

    assertEquals(count / 3.0, distance / (count - 1), count / 50.0);
  }

  @Test
  void seeds_give_different_orders() {
    RandomOrder one = new RandomOrder(100_000, 1);
    RandomOrder two = new RandomOrder(100_000, 2);
    int equal = 0;
    for (int i = 0; i < 100_000; i++) {
      equal += one.at(i) == two.at(i) ? 1 : 0;
    }

    assertTrue(equal < 100, "equal at " + equal + " positions");
  }

  @Test
  void nothing_cannot_be_ordered() {
    assertThrows(IllegalArgumentException.class, () -> new RandomOrder(0, 1));
  }
}
