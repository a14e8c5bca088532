package io.github.zerotouchclone.cli;

import java.util.Locale;

/** Numbers as people read them. */
final class Text {
  private static final String[] UNITS = {"kB", "MB", "GB", "TB"};

  // Marks of direction, ends of lines and of paragraphs, and the byte order mark.
  private static final String INVISIBLE =
      "\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff";

  private Text() {}

  static String count(long n) {
    return String.format(Locale.ROOT, "%,d", n);
  }

  /** {@code 1 record}, {@code 2 records}. */
  static String count(long n, String noun) {
    return count(n) + " " + noun + (n == 1 ? "" : "s");
  }

  static String bytes(long n) {
    if (n < 1000) {
      return n + " B";
    }
    double value = n;
    int unit = -1;
    while (value >= 999.95) {
      value /= 1000;
      unit++;
    }
    return String.format(Locale.ROOT, "%.1f %s", value, UNITS[unit]);
  }

  /**
   * The text with escapes in place of the characters that a terminal would not show, but obey:
   * control characters, and those that turn the direction of what is around them.
   */
  static String printable(String text) {
    StringBuilder clean = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isISOControl(c) || INVISIBLE.indexOf(c) >= 0) {
        clean.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
      } else {
        clean.append(c);
      }
    }
    return clean.toString();
  }

  static String time(long seconds) {
    return seconds < 3600
        ? String.format(Locale.ROOT, "%d:%02d", seconds / 60, seconds % 60)
        : String.format(
            Locale.ROOT, "%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
  }
}
