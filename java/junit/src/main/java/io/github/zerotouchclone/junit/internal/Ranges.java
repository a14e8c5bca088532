package io.github.zerotouchclone.junit.internal;

import java.util.Arrays;

/** An ascending set of numbers that is made and told as runs. Not thread-safe. */
final class Ranges {
  private long[] bounds; // first and last of each run
  private int used;

  Ranges(long... bounds) {
    this.bounds = bounds;
    this.used = bounds.length;
  }

  /** Adds a number that is larger than all that are in. */
  void add(long number) {
    if (used > 0 && bounds[used - 1] == number - 1) {
      bounds[used - 1] = number;
      return;
    }
    if (used == bounds.length) {
      bounds = Arrays.copyOf(bounds, Math.max(8, 2 * used));
    }
    bounds[used++] = number;
    bounds[used++] = number;
  }

  /** What is in either set. */
  Ranges union(Ranges other) {
    Ranges result = new Ranges();
    int left = 0;
    int right = 0;
    while (left < used || right < other.used) {
      boolean takeLeft =
          right == other.used || (left < used && bounds[left] <= other.bounds[right]);
      Ranges from = takeLeft ? this : other;
      int at = takeLeft ? left : right;
      result.merge(from.bounds[at], from.bounds[at + 1]);
      left += takeLeft ? 2 : 0;
      right += takeLeft ? 0 : 2;
    }
    return result;
  }

  private void merge(long first, long last) {
    if (used > 0 && first <= bounds[used - 1] + 1) {
      bounds[used - 1] = Math.max(bounds[used - 1], last);
    } else {
      add(first);
      bounds[used - 1] = last;
    }
  }

  boolean isEmpty() {
    return used == 0;
  }

  boolean isSame(Ranges other) {
    return Arrays.equals(bounds, 0, used, other.bounds, 0, other.used);
  }

  boolean contains(long number) {
    int found = Arrays.binarySearch(bounds, 0, used, number);
    // Between two bounds, at an odd place, is inside a run.
    return found >= 0 || (-found - 1) % 2 == 1;
  }

  long size() {
    long size = 0;
    for (int i = 0; i < used; i += 2) {
      size += bounds[i + 1] - bounds[i] + 1;
    }
    return size;
  }

  /** The first numbers, at most so many. */
  long[] head(int most) {
    long[] head = new long[(int) Math.min(most, size())];
    int count = 0;
    for (int i = 0; count < head.length; i += 2) {
      for (long n = bounds[i]; n <= bounds[i + 1] && count < head.length; n++) {
        head[count++] = n;
      }
    }
    return head;
  }

  /** For instance {@code 2-4, 7, 9-10}, or with {@code ... (12 in all)} at most so many runs. */
  String toString(int most) {
    if (used == 0) {
      return "none";
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < used && i < 2 * most; i += 2) {
      text.append(i == 0 ? "" : ", ").append(bounds[i]);
      if (bounds[i + 1] > bounds[i]) {
        text.append('-').append(bounds[i + 1]);
      }
    }
    return used > 2 * most ? text + ", ... (" + size() + " in all)" : text.toString();
  }

  @Override
  public String toString() {
    return toString(8);
  }
}
