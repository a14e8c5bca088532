package io.github.zerotouchclone.internal;

/** Prints paths in the grammar of the region format. */
public final class Paths {
  private Paths() {}

  /** Appends the step to the map entry with this key. */
  public static void appendKey(StringBuilder out, String key) {
    if (isPlain(key)) {
      out.append('.').append(key);
    } else {
      out.append('[');
      Strings.quote(out, key);
      out.append(']');
    }
  }

  /** Appends the step to the element with this index. */
  public static void appendIndex(StringBuilder out, long index) {
    out.append('[').append(index).append(']');
  }

  private static boolean isPlain(String key) {
    if (key.isEmpty() || key.charAt(0) == '-' || isDigit(key.charAt(0))) {
      return false;
    }
    for (int i = 0; i < key.length(); i++) {
      char c = key.charAt(i);
      boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      if (!letter && !isDigit(c) && c != '_' && c != '-') {
        return false;
      }
    }
    return true;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
