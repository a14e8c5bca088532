package io.github.zerotouchclone;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** Decimals that take long to compare: their first digits are at the same place. */
final class Decimals {
  private static final int SCALE = 17;

  private Decimals() {}

  /** A number between 1 and 10 with so many digits, or a few more, and others of its hash code. */
  static List<BigDecimal> alike(int digits, int others) {
    Random random = new Random(digits);
    BigInteger first = BigInteger.TEN.pow(digits).multiply(BigInteger.valueOf(5));
    first = first.add(new BigInteger(digits, random)); // in the middle of the others
    BigDecimal large = new BigDecimal(first, digits);
    // A decimal of 18 digits has the hash code 31 * (31 * high + low) + scale.
    int hash = large.hashCode();
    int inverse =
        BigInteger.valueOf(31).modInverse(BigInteger.ONE.shiftLeft(Integer.SIZE)).intValue();
    Set<BigDecimal> small = new HashSet<>();
    List<BigDecimal> all = new ArrayList<>(List.of(large));
    while (all.size() <= others) {
      int high = 23_283_066 + random.nextInt(209_549_577); // 1 to 10, at that scale
      long low = ((hash - SCALE) * inverse - 31 * high) & 0xffff_ffffL;
      BigDecimal number = BigDecimal.valueOf((long) high << 32 | low, SCALE);
      if (number.hashCode() != hash) {
        throw new AssertionError(number);
      }
      // In turn below and above the large one, so that it stays the root of a tree.
      boolean below = number.compareTo(BigDecimal.valueOf(5)) < 0;
      if (below == (all.size() % 2 == 0) && small.add(number)) {
        all.add(number);
      }
    }
    return all;
  }
}
