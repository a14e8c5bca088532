package io.github.zerotouchclone.bench.data;

/**
 * The SplitMix64 generator. The generators of {@code java.util} may draw other numbers on another
 * JDK; records must not.
 */
final class SplitMix {

  private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;

  private long state;

  /** Starts the stream that belongs to one record: neighbouring indices share nothing. */
  SplitMix(long seed, long index) {
    state = mix(seed + GOLDEN_GAMMA) ^ mix(index * GOLDEN_GAMMA + 1);
  }

  /** Draws 64 bits. */
  long next() {
    state += GOLDEN_GAMMA;
    return mix(state);
  }

  /** Draws an integer from 0 to {@code bound} - 1. */
  int below(int bound) {
    return (int) Math.multiplyHigh(next() >>> 1, (long) bound << 1);
  }

  /** Draws a multiple of 2⁻⁵³ from 0 (inclusive) to 1 (exclusive). */
  double fraction() {
    return (next() >>> 11) * 0x1.0p-53;
  }

  /** Draws one of the values. */
  String oneOf(String[] values) {
    return values[below(values.length)];
  }

  private static long mix(long value) {
    long z = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
