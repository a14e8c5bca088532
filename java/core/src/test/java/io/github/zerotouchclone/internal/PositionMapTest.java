package io.github.zerotouchclone.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;

/** The memory of shared nodes, whose positions those choose who make a file. */
class PositionMapTest {
  private static final int POSITIONS = 20_000;
  private static final int WINDOW = 1 << 10; // of 1 << 16 slots

  @Test
  void positions_that_one_hash_would_put_in_one_place_are_found_in_few_steps() {
    IntUnaryOperator[] hashes = {
      position -> position * 0x9e3779b9 ^ position * 0x9e3779b9 >>> 15,
      position -> (int) (position * 0x9e3779b97f4a7c15L >>> 32),
      position -> (int) (((long) position ^ position >>> 32) * 0x9e3779b97f4a7c15L >>> 32),
      position -> position >>> 3
    };
    for (IntUnaryOperator hash : hashes) {
      PositionMap<Integer> map = new PositionMap<>();
      int count = 0;
      for (int position = 8; count < POSITIONS; position += 8) {
        if ((hash.applyAsInt(position) & 0xffff) < WINDOW) {
          assertNull(map.get(position));
          map.put(position, count++);
        }
      }
      assertTrue(map.mostSteps() < POSITIONS / 10, map.mostSteps() + " steps");
      count = 0;
      for (int position = 8; count < POSITIONS; position += 8) {
        if ((hash.applyAsInt(position) & 0xffff) < WINDOW) {
          assertEquals(count++, map.get(position));
        }
      }
    }
  }
}
