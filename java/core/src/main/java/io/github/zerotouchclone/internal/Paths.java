package io.github.zerotouchclone.internal;

import io.github.zerotouchclone.RegionException;
import io.github.zerotouchclone.Status;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Paths in the grammar of the region format: printed, and made ready for the C library. */
public final class Paths {
  private static final byte INDEX_STEP = 2;

  private Paths() {}

  /**
   * The bytes of a path that is to be followed.
   *
   * @param region the path of the region, for the error
   * @throws RegionException with {@link Status#BAD_PATH} if the text has characters that no path
   *     has, and that would not arrive as they are
   */
  public static byte[] encode(String path, String region) {
    int bad = path.indexOf('\0');
    if (bad < 0) {
      bad = Strings.unpairedSurrogate(path);
    }
    if (bad >= 0) {
      throw new RegionException(
          Status.BAD_PATH, bad, region, "malformed path at character " + bad + ": " + path);
    }
    return path.getBytes(StandardCharsets.UTF_8);
  }

  /**
   * The steps of a path: a String for each key, a Long for each index.
   *
   * @throws RegionException with {@link Status#BAD_PATH}
   */
  public static Object[] steps(String path) {
    Native.initialize();
    byte[] steps;
    try {
      steps = Native.pathSteps(encode(path, null));
    } catch (NativeFailure e) {
      throw e.at(null);
    }
    List<Object> list = new ArrayList<>();
    for (int at = 0; at < steps.length; ) {
      if (steps[at] == INDEX_STEP) {
        list.add(LittleEndian.getLong(steps, at + 1));
        at += 9;
      } else {
        int size = LittleEndian.getInt(steps, at + 1);
        list.add(new String(steps, at + 5, size, StandardCharsets.UTF_8));
        at += 5 + size;
      }
    }
    return list.toArray();
  }

  /** A path as messages have it, with its root, whether it was given with one or not. */
  public static String rooted(String path) {
    StringBuilder out = new StringBuilder("$");
    for (Object step : steps(path)) {
      if (step instanceof Long index) {
        appendIndex(out, index);
      } else {
        appendKey(out, (String) step);
      }
    }
    return out.toString();
  }

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
