package io.github.zerotouchclone.internal;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;

/**
 * The numbers that ext values are, for readers that want a primitive and get it if it is the same
 * number. In bounded time for any bytes: what is too long for a primitive is not looked at.
 */
public final class ExtNumbers {
  // Nodes with more hold no number that fits, but for zeros at its end.
  private static final int MAX_EXTENT = 1024;
  private static final int SHOWN = 60;
  private static final int MAX_ZEROS = 10_000; // of a decimal as an integer
  // Decimals with no more digits tell doubles apart, or nearly so: 17 digits are the fullest text.
  private static final int FEW_DIGITS = 16;

  private ExtNumbers() {}

  /** The number that value {@code i}, of type EXT, is; null if it is none. */
  public static Object of(Node node, int i) {
    return of(node.container(i));
  }

  /**
   * The number that an EXT is; null if it is none.
   *
   * @return for the other methods: a BigInteger or BigDecimal, or words for one that is too long
   */
  static Object of(Node ext) {
    boolean isNumber =
        ext.arg == ExtIds.UINT64 || ext.arg == ExtIds.BIG_INTEGER || ext.arg == ExtIds.DECIMAL;
    int extent = ext.end - ext.at;
    if (isNumber && extent > MAX_EXTENT) {
      return "a number of " + extent + " bytes";
    }
    return isNumber ? ExtValues.read(ext) : null;
  }

  /** The same number, or null if it is no {@code long}. */
  public static Long toLong(Object number) {
    try {
      return number instanceof BigInteger integer
          ? (Long) integer.longValueExact()
          : number instanceof BigDecimal decimal ? (Long) decimal.longValueExact() : null;
    } catch (ArithmeticException e) {
      return null;
    }
  }

  /** The same number, or null if it is no integer, or has more zeros at its end than one needs. */
  static BigInteger toBigInteger(BigDecimal decimal) {
    if (Math.abs((long) decimal.scale()) > MAX_ZEROS) {
      return decimal.signum() == 0 ? BigInteger.ZERO : null;
    }
    try {
      return decimal.toBigIntegerExact();
    } catch (ArithmeticException e) {
      return null;
    }
  }

  /** The double with that value, or whose text says it in few digits; null if there is none. */
  public static Double toDouble(Object number) {
    if (!(number instanceof BigInteger) && !(number instanceof BigDecimal)) {
      return null;
    }
    double nearest = ((Number) number).doubleValue();
    if (!Double.isFinite(nearest)) {
      return null;
    }
    BigDecimal value = new BigDecimal(nearest);
    boolean fits =
        number instanceof BigDecimal decimal
            ? decimal.compareTo(value) == 0 || isText(decimal, nearest, value)
            : value.compareTo(new BigDecimal((BigInteger) number)) == 0;
    return fits ? (Double) nearest : null;
  }

  /** Whether a decimal is what a double is printed as; JDK 17 prints more digits than some need. */
  private static boolean isText(BigDecimal decimal, double nearest, BigDecimal value) {
    int digits = decimal.stripTrailingZeros().precision();
    return decimal.compareTo(new BigDecimal(Double.toString(nearest))) == 0
        || (digits <= FEW_DIGITS && decimal.compareTo(value.round(new MathContext(digits))) == 0);
  }

  private static boolean isLong(BigInteger integer) {
    return integer.bitLength() / Byte.SIZE > MAX_EXTENT;
  }

  /** The number for messages; cut if it is long. */
  public static String text(Object number) {
    if (number instanceof BigDecimal decimal && isLong(decimal.unscaledValue())) {
      return "a decimal of " + decimal.unscaledValue().bitLength() / Byte.SIZE + " bytes";
    }
    String text = number.toString();
    return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "...";
  }
}
