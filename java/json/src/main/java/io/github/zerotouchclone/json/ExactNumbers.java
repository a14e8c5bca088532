package io.github.zerotouchclone.json;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.io.NumberInput;
import com.fasterxml.jackson.core.io.NumberOutput;
import io.github.zerotouchclone.Status;
import io.github.zerotouchclone.internal.EventSink;
import java.io.IOException;
import java.math.BigDecimal;

/** Numbers of a parser without loss. */
final class ExactNumbers {
  // Every decimal number with so many digits is the shortest text of the double next to it, if that
  // is not close to the ends of the range.
  private static final int EXACT_DIGITS = 15;

  private ExactNumbers() {}

  static void integer(JsonParser parser, EventSink to) throws IOException {
    if (parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
      to.value(parser.getBigIntegerValue());
    } else {
      to.integer(parser.getLongValue());
    }
  }

  static void decimal(JsonParser parser, EventSink to) throws IOException {
    switch (parser.getNumberTypeFP()) {
      case FLOAT32 -> to.value(parser.getFloatValue());
      case DOUBLE64 -> to.number(parser.getDoubleValue());
      case BIG_DECIMAL -> to.value(parser.getDecimalValue());
      default -> text(parser.getText(), to);
    }
  }

  private static void text(String text, EventSink to) {
    double value;
    try {
      value = NumberInput.parseDouble(text, false);
    } catch (NumberFormatException e) {
      throw to.fail(Status.UNSTORABLE, "not a number: " + text);
    }
    if (Double.isNaN(value) || digits(text) == 0) {
      to.number(value); // a parser that takes NaN and Infinity
      return;
    }
    if (digits(text) <= EXACT_DIGITS && isFarFromTheEnds(value)) {
      to.number(value);
      return;
    }
    BigDecimal exact;
    try {
      exact = new BigDecimal(text);
    } catch (NumberFormatException | ArithmeticException e) {
      // The exponent of a decimal has 32 bits.
      throw to.fail(Status.UNSTORABLE, "the number " + text + " has an exponent out of range");
    }
    boolean same =
        Double.isFinite(value)
            && exact.compareTo(new BigDecimal(NumberOutput.toString(value, true))) == 0;
    if (same) {
      to.number(value);
    } else {
      to.value(exact);
    }
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
}
