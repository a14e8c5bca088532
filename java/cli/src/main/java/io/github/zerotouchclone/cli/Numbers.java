package io.github.zerotouchclone.cli;

import com.fasterxml.jackson.core.io.NumberInput;
import com.fasterxml.jackson.core.io.NumberOutput;
import io.github.zerotouchclone.Ext;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;

/**
 * JSON numbers without loss. What a {@code long} or a {@code double} cannot hold is stored as the
 * format's big integer or decimal.
 */
final class Numbers {
  static final int EXT_BIG_INTEGER = 2;
  static final int EXT_DECIMAL = 3;

  // Every decimal number with so many digits is the shortest text of the double next to it, if that
  // is not close to the ends of the range.
  private static final int EXACT_DIGITS = 15;

  private Numbers() {}

  /** The value of an integer's text: a {@link Long}, or an {@link Ext} for a larger one. */
  static Object integer(String text) {
    BigInteger value = new BigInteger(text);
    return value.bitLength() < Long.SIZE ? (Object) value.longValue() : stored(value);
  }

  /**
   * The value of the text of a number with a fraction or exponent: a {@link Double} if its shortest
   * text stands for the same number, else an {@link Ext}.
   */
  static Object decimal(String text) {
    double value = NumberInput.parseDouble(text, false);
    if (digits(text) <= EXACT_DIGITS && isFarFromTheEnds(value)) {
      return value;
    }
    BigDecimal exact = new BigDecimal(text);
    if (Double.isFinite(value) && exact.compareTo(new BigDecimal(text(value))) == 0) {
      return value;
    }
    return stored(exact);
  }

  /** The shortest decimal text that reads back as the same double; the same on every JDK. */
  static String text(double value) {
    return NumberOutput.toString(value, true);
  }

  private static boolean isFarFromTheEnds(double value) {
    double size = Math.abs(value);
    return size > 1e-290 && size < 1e290;
  }

  private static int digits(String text) {
    int digits = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == 'e' || c == 'E') {
        break;
      }
      if (c >= '0' && c <= '9') {
        digits++;
      }
    }
    return digits;
  }

  static Ext stored(BigInteger value) {
    return new Ext(EXT_BIG_INTEGER, value.toByteArray());
  }

  static Ext stored(BigDecimal value) {
    return new Ext(EXT_DECIMAL, List.of(value.scale(), value.unscaledValue().toByteArray()));
  }
}
