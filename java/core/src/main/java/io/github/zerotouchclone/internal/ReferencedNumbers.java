package io.github.zerotouchclone.internal;

import java.math.BigDecimal;
import java.math.BigInteger;

/**
 * The numbers of a copy that are ext values which references lead to. To read one takes time in
 * proportion to its extent, or more, and any number of slots may refer to it: so it is read once as
 * an integer and once as a double, and numbers that overlap are refused. One thread.
 */
final class ReferencedNumbers {
  private final PositionMap<Long> integers = new PositionMap<>();
  private final PositionMap<Double> doubles = new PositionMap<>();
  private final PositionMap<BigInteger> wholes = new PositionMap<>();
  private Image image;
  private long budget; // bytes to look at
  private boolean any;

  void begin(Image from) {
    image = from;
    budget = 2L * from.size(); // each in both ways
  }

  /** The integer that an EXT is, or an error about what is wanted. */
  long integer(Node ext, String wanted) {
    Long known = any ? integers.get(ext.at) : null;
    if (known != null) {
      return known;
    }
    spend(ext);
    long integer = Scalars.integer(ext, wanted);
    integers.put(ext.at, integer);
    return integer;
  }

  /** As {@link #integer}, of any number. */
  double number(Node ext, String wanted) {
    Double known = any ? doubles.get(ext.at) : null;
    if (known != null) {
      return known;
    }
    spend(ext);
    double number = Scalars.number(ext, wanted);
    doubles.put(ext.at, number);
    return number;
  }

  /**
   * The integer that a decimal is, or null; its digits can be larger than the references by far.
   *
   * @param position where the decimal's node is
   */
  BigInteger whole(int position, BigDecimal decimal) {
    BigInteger known = any ? wholes.get(position) : null;
    if (known != null) {
      return known;
    }
    BigInteger whole = ExtNumbers.toBigInteger(decimal);
    if (whole != null) {
      any = true;
      wholes.put(position, whole);
    }
    return whole;
  }

  private void spend(Node ext) {
    any = true;
    budget -= ext.end - ext.at;
    if (budget < 0) {
      throw image.corrupt(ext.at, "values of the copy overlap");
    }
  }

  /** Forgets all numbers. O(1) if there are none. */
  void clear() {
    image = null;
    if (any) {
      integers.clear();
      doubles.clear();
      wholes.clear();
      any = false;
    }
  }
}
