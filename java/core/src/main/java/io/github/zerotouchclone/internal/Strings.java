package io.github.zerotouchclone.internal;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Strings as regions store them: bytes of a kind. */
public final class Strings {
  static final int ASCII = 0;
  static final int LATIN1 = 1;
  static final int UTF8 = 2;

  private Strings() {}

  /** The string with these bytes, or null if they are not well formed. */
  @SuppressWarnings("deprecation") // shorter than the constructor with a charset, so it is inlined
  static String decode(byte[] bytes, int at, int size, int kind) {
    if (kind != UTF8) {
      return new String(bytes, 0, at, size);
    }
    String string = new String(bytes, at, size, StandardCharsets.UTF_8);
    // Bytes that are not UTF-8 become U+FFFD; so do those that really say U+FFFD.
    return string.indexOf('\uFFFD') >= 0 ? decodeStrictly(bytes, at, size) : string;
  }

  private static String decodeStrictly(byte[] bytes, int at, int size) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes, at, size))
          .toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  /** The lowest kind that can hold the string. */
  static int kind(String string) {
    int all = 0;
    for (int i = 0; i < string.length(); i++) {
      all |= string.charAt(i);
    }
    return all < 0x80 ? ASCII : all < 0x100 ? LATIN1 : UTF8;
  }

  static byte[] encode(String string, int kind) {
    return string.getBytes(kind == UTF8 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1);
  }

  /** The index of the first surrogate that has no partner, or -1. */
  public static int unpairedSurrogate(String string) {
    for (int i = 0; i < string.length(); i++) {
      char c = string.charAt(i);
      if (Character.isSurrogate(c)) {
        boolean pair =
            Character.isHighSurrogate(c)
                && i + 1 < string.length()
                && Character.isLowSurrogate(string.charAt(i + 1));
        if (!pair) {
          return i;
        }
        i++;
      }
    }
    return -1;
  }

  /** Appends a string with quotes around it, escaped as in the region format's typed text. */
  static void quote(StringBuilder out, String string) {
    out.append('"');
    for (int i = 0; i < string.length(); i++) {
      char c = string.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < 0x20 || c == 0x7f) {
        out.append("\\u00").append(hexDigit(c >> 4)).append(hexDigit(c));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }

  static char hexDigit(int value) {
    return Character.forDigit(value & 15, 16);
  }
}
