package io.github.zerotouchclone.internal;

/** Numbers of another width than the one that is wanted. */
final class Elements {
  private Elements() {}

  /** The same number as an object of the wanted primitive's box, or null if it does not fit. */
  static Object exactly(Object number, String wanted) {
    boolean integer = !(number instanceof Double) && !(number instanceof Float);
    if (integer) {
      return ofInteger(((Number) number).longValue(), wanted);
    }
    double value = ((Number) number).doubleValue();
    return switch (wanted) {
      case "double" -> (Object) value;
      case "float" -> (float) value == value || value != value ? (Object) (float) value : null;
      default -> null;
    };
  }

  private static Object ofInteger(long value, String wanted) {
    return switch (wanted) {
      case "long" -> (Object) value;
      case "int" -> (int) value == value ? (Object) (int) value : null;
      case "short" -> (short) value == value ? (Object) (short) value : null;
      case "byte" -> (byte) value == value ? (Object) (byte) value : null;
      case "double" -> Scalars.isExact(value) ? (Object) (double) value : null;
      case "float" ->
          Scalars.isExact(value) && (float) value == (double) value ? (Object) (float) value : null;
      default -> null;
    };
  }
}
