package io.github.zerotouchclone.internal;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * A map from positions in a copy to values that are not null; the memory of shared nodes. Who makes
 * a file chooses the positions, so where they meet depends on this process.
 */
final class PositionMap<T> {
  private static final int FIRST = 16;
  private static final int KEEP = 64;
  private static final long FACTOR = new SplittableRandom().nextLong() | 1;

  private int[] keys = new int[FIRST]; // position + 1, or 0
  private Object[] values = new Object[FIRST];
  private int size;

  @SuppressWarnings("unchecked")
  T get(int position) {
    return (T) values[slot(position)];
  }

  void put(int position, T value) {
    int slot = slot(position);
    if (keys[slot] == 0) {
      keys[slot] = position + 1;
      size++;
    }
    values[slot] = value;
    if (2 * size > keys.length) {
      grow();
    }
  }

  /** Forgets all. Keeps memory for a few, so that to clear it again takes no time. */
  void clear() {
    if (keys.length > KEEP) {
      keys = new int[FIRST];
      values = new Object[FIRST];
    } else if (size > 0) {
      Arrays.fill(keys, 0);
      Arrays.fill(values, null);
    }
    size = 0;
  }

  /** How many slots to find any of the positions looks at, at most. O(size). */
  int mostSteps() {
    int run = 0;
    int most = 0;
    for (int i = 0; i < 2 * keys.length; i++) {
      run = keys[i & (keys.length - 1)] == 0 ? 0 : run + 1;
      most = Math.max(most, run);
    }
    return most;
  }

  private int slot(int position) {
    int mask = keys.length - 1;
    long hash = position * FACTOR;
    int slot = (int) ((hash ^ (hash >>> 32)) * 0x9e3779b97f4a7c15L >>> 32) & mask;
    while (keys[slot] != 0 && keys[slot] != position + 1) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private void grow() {
    int[] oldKeys = keys;
    Object[] oldValues = values;
    keys = new int[2 * oldKeys.length];
    values = new Object[2 * oldKeys.length];
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldKeys[i] != 0) {
        int slot = slot(oldKeys[i] - 1);
        keys[slot] = oldKeys[i];
        values[slot] = oldValues[i];
      }
    }
  }
}
