package io.github.zerotouchclone.internal;

import io.github.zerotouchclone.Status;
import io.github.zerotouchclone.UnstorableValueException;
import java.nio.charset.StandardCharsets;

/**
 * Keys of records: as events for a writer, as bytes for a look-up, and as text for messages. A key
 * is a String, a Long or a {@code byte[]}.
 */
public final class RecordKeys {
  /** Bytes that a key may have, strings as UTF-8. */
  public static final int MAX_SIZE = 0xffff;

  // What native code calls a key's type, and a string's encoding.
  static final int STRING = 1;
  static final int LONG = 2;
  static final int BYTES = 3;
  static final int LATIN1 = 1;
  static final int UTF8 = 2;

  private static final byte EVENT_STRING = 0x38;
  private static final byte EVENT_LONG = 0x3c;
  private static final byte EVENT_BYTES = 0x3d;
  private static final int SHOWN = 64;

  private RecordKeys() {}

  /** The error for a character where a key is wanted. */
  public static IllegalArgumentException refuse(char key) {
    return new IllegalArgumentException(
        "a character is no key: give the string \"" + key + "\", or (long) for the number");
  }

  /**
   * The event that gives a record a key.
   *
   * @param key also an Integer, as lambdas return them, for the Long
   * @throws UnstorableValueException if no record can have it
   */
  public static byte[] event(Object key, String region, long record) {
    if (key instanceof Long number) {
      byte[] event = new byte[9];
      event[0] = EVENT_LONG;
      LittleEndian.putLong(event, 1, number);
      return event;
    }
    if (key instanceof Integer number) {
      return event(number.longValue(), region, record);
    }
    if (!(key instanceof String) && !(key instanceof byte[])) {
      String type = key.getClass().getTypeName();
      String reason = "a record's key is a String, a Long or a byte[], not a " + type;
      throw new UnstorableValueException(Status.UNSTORABLE, region, record, "$", reason);
    }
    byte opcode = EVENT_BYTES;
    if (key instanceof String string) {
      int unpaired = Strings.unpairedSurrogate(string);
      if (unpaired >= 0) {
        String reason = "the record's key has an unpaired surrogate at character " + unpaired;
        throw new UnstorableValueException(Status.UNSTORABLE, region, record, "$", reason);
      }
      opcode = EVENT_STRING + UTF8;
    }
    byte[] bytes =
        key instanceof String string ? string.getBytes(StandardCharsets.UTF_8) : (byte[]) key;
    if (bytes.length > MAX_SIZE) {
      String reason =
          "the record's key has "
              + bytes.length
              + " bytes, more than the "
              + MAX_SIZE
              + " of a key";
      throw new UnstorableValueException(Status.TOO_LARGE, region, record, "$", reason);
    }
    byte[] event = new byte[5 + bytes.length];
    event[0] = opcode;
    LittleEndian.putInt(event, 1, bytes.length);
    System.arraycopy(bytes, 0, event, 5, bytes.length);
    return event;
  }

  /** The key's text in messages: a quoted string, a number, or {@code x"00ff"}; cut if long. */
  public static String show(Object key) {
    StringBuilder out = new StringBuilder();
    if (key instanceof String string) {
      int end = string.length();
      if (end > SHOWN) {
        end = Character.isHighSurrogate(string.charAt(SHOWN - 1)) ? SHOWN - 1 : SHOWN;
      }
      Strings.quote(out, string.substring(0, end));
      return end == string.length() ? out.toString() : out.append("...").toString();
    }
    if (!(key instanceof byte[] bytes)) {
      return key.toString();
    }
    out.append("x\"");
    for (int i = 0; i < bytes.length && i < SHOWN / 2; i++) {
      out.append(Strings.hexDigit((bytes[i] & 0xff) >> 4)).append(Strings.hexDigit(bytes[i] & 15));
    }
    return out.append(bytes.length > SHOWN / 2 ? "...\"" : "\"").toString();
  }

  /** The record with a key, or minus a status. The caller keeps the region reachable. */
  public static long find(long region, Object key) {
    if (key instanceof Long number) {
      return Native.indexOf(region, LONG, 0, 0, 0, number);
    }
    int encoding = 0;
    byte[] bytes;
    if (key instanceof String string) {
      int kind = Strings.kind(string);
      // What is not well formed is no record's key, but would become one's that has U+003F there.
      if (kind == Strings.UTF8 && Strings.unpairedSurrogate(string) >= 0) {
        return -Status.NO_SUCH_KEY.code();
      }
      encoding = kind == Strings.UTF8 ? UTF8 : LATIN1;
      bytes = Strings.encode(string, kind);
    } else {
      bytes = (byte[]) key;
    }
    if (bytes.length > MAX_SIZE) {
      return -Status.NO_SUCH_KEY.code();
    }
    Slab slab = SlabPool.acquire();
    try {
      return slab.indexOf(region, key instanceof String ? STRING : BYTES, encoding, bytes);
    } finally {
      SlabPool.release(slab);
    }
  }
}
