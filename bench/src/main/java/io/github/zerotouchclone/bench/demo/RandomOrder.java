package io.github.zerotouchclone.bench.demo;

/**
 * A random permutation of 0 … count - 1 that needs no memory: a seeded bijection of k-bit numbers.
 */
final class RandomOrder {

  private final long count;
  private final long mask;
  private final int shift;
  private final long multiplier;
  private final long offset;

  /**
   * Chooses a permutation.
   *
   * @param count at least 1
   * @param seed other seeds give other permutations
   */
  RandomOrder(long count, long seed) {
    if (count < 1) {
      throw new IllegalArgumentException("count must be at least 1: " + count);
    }
    this.count = count;
    int bits = Math.max(2, 64 - Long.numberOfLeadingZeros(count - 1));
    mask = -1L >>> (64 - bits);
    shift = (bits + 1) / 2;
    multiplier = (seed * 0x9e3779b97f4a7c15L) | 1;
    offset = seed * 0xbf58476d1ce4e5b9L >>> 7;
  }

  /**
   * Returns the index that comes at a position.
   *
   * @param position from 0 to count - 1
   * @return from 0 to count - 1, another one for every position
   */
  long at(long position) {
    long index = position;
    do {
      index = mix(index);
    } while (index >= count);
    return index;
  }

  /** Each step can be undone within the mask, so the whole is a bijection. */
  private long mix(long value) {
    long z = (value + offset) & mask;
    z = ((z ^ (z >>> shift)) * 0x94d049bb133111ebL) & mask;
    z = ((z ^ (z >>> shift)) * multiplier) & mask;
    return z ^ (z >>> shift);
  }
}
