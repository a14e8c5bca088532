package io.github.zerotouchclone.json.internal;

import com.fasterxml.jackson.core.io.NumberInput;
import com.fasterxml.jackson.core.io.NumberOutput;
import java.math.BigDecimal;

/** Which numbers with a fraction or exponent a {@code double} can stand for without loss. */
public final class ExactNumbers {
  // Every decimal number with so many digits is the shortest text of the double next to it, if that
  // is not close to the ends of the range.
  private static final int EXACT_DIGITS = 15;

  private ExactNumbers() {}

  /**
   * The double next to the number that a text says.
   *
   * @throws NumberFormatException if the text is no number
   */
  public static double nearest(String text) {
    return NumberInput.parseDouble(text, false);
  }

  /**
   * Whether the shortest text of a double stands for the same number as the text that it is the
   * nearest of. Of what is no number, as {@code NaN}, it does.
   *
   * @throws NumberFormatException if the exponent does not fit a decimal's 32 bits
   * @throws ArithmeticException likewise
   */
  public static boolean isExact(double nearest, String text) {
    int digits = digits(text);
    if (Double.isNaN(nearest)
        || digits == 0
        || (nearest == 0 && isZero(text)) // with any exponent
        || (digits <= EXACT_DIGITS && isFarFromTheEnds(nearest))) {
      return true;
    }
    BigDecimal exact = new BigDecimal(text);
    return Double.isFinite(nearest)
        && exact.compareTo(new BigDecimal(NumberOutput.toString(nearest, true))) == 0;
  }

  private static boolean isFarFromTheEnds(double value) {
    double size = Math.abs(value);
    return size > 1e-290 && size < 1e290;
  }

  private static boolean isZero(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == 'e' || c == 'E') {
        break;
      }
      if (c >= '1' && c <= '9') {
        return false;
      }
    }
    return true;
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
}
