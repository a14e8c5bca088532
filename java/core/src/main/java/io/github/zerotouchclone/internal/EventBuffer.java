package io.github.zerotouchclone.internal;

import io.github.zerotouchclone.Status;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Events of the region format in a growing buffer: the bytes, without any rule of what follows. */
final class EventBuffer {
  static final byte NULL = 0x00;
  static final byte FALSE = 0x01;
  static final byte TRUE = 0x02;
  static final byte I8 = 0x03;
  static final byte I16 = 0x04;
  static final byte I32 = 0x05;
  static final byte I64 = 0x06;
  static final byte F32 = 0x07;
  static final byte F64 = 0x08;
  static final byte STRING = 0x10; // and the encoding
  static final byte BYTES = 0x14;
  static final byte ARRAY = 0x15;
  static final byte BEGIN_LIST = 0x20;
  static final byte BEGIN_MAP = 0x21;
  static final byte BEGIN_EXT = 0x22;
  static final byte END = 0x23;
  static final byte KEY = 0x28; // and the encoding
  static final byte DEFINE_KEY = 0x2c;
  static final byte USE_KEY = 0x2d;
  static final byte DEFINE_LIST = 0x2e;
  static final byte BEGIN_LISTED = 0x2f;
  static final byte LABEL = 0x30;
  static final byte REF = 0x31;
  static final byte SHARED = 0x32;
  static final byte BEGIN_SHARED = 0x33;
  static final byte END_SHARED = 0x34;
  static final byte END_RECORD = 0x3f;

  private static final int LATIN1 = 1;
  private static final int UTF16 = 3;

  private static final int MAX_STRING = 0x3fff_ffff;
  private static final int MAX_BUFFER = Integer.MAX_VALUE - 8;
  private static final int INITIAL = 128 << 10;
  private static final int KEEP = 1 << 20;

  private final EventPath path;
  private byte[] bytes = new byte[INITIAL];
  private int position;

  /**
   * @param path for messages
   */
  EventBuffer(EventPath path) {
    this.path = path;
  }

  byte[] bytes() {
    return bytes;
  }

  int position() {
    return position;
  }

  /** Forgets what follows a position. */
  void rewind(int to) {
    position = to;
  }

  void clear() {
    position = 0;
    if (bytes.length > KEEP) {
      bytes = new byte[INITIAL];
    }
  }

  /** Appends a whole event. */
  void append(byte[] event) {
    need(event.length);
    System.arraycopy(event, 0, bytes, position, event.length);
    position += event.length;
  }

  // ------------------------------------------------------------------------------------- scalars

  void opcode(byte opcode) {
    need(1);
    bytes[position++] = opcode;
  }

  void bool(boolean value) {
    opcode(value ? TRUE : FALSE);
  }

  void i8(byte value) {
    need(2);
    bytes[position] = I8;
    bytes[position + 1] = value;
    position += 2;
  }

  void i16(short value) {
    need(3);
    bytes[position] = I16;
    LittleEndian.putShort(bytes, position + 1, value);
    position += 3;
  }

  void i32(int value) {
    operand(I32, value);
  }

  void i64(long value) {
    wide(I64, value);
  }

  void f32(float value) {
    operand(F32, Float.floatToRawIntBits(value));
  }

  void f64(double value) {
    wide(F64, Double.doubleToRawLongBits(value));
  }

  /** An opcode with a 32-bit operand. */
  void operand(byte opcode, int operand) {
    need(5);
    bytes[position] = opcode;
    LittleEndian.putInt(bytes, position + 1, operand);
    position += 5;
  }

  /** Defines a list of keys. */
  void list(int[] keys) {
    need(5L + 4L * keys.length);
    operand(DEFINE_LIST, keys.length);
    for (int key : keys) {
      LittleEndian.putInt(bytes, position, key);
      position += 4;
    }
  }

  private void wide(byte opcode, long operand) {
    need(9);
    bytes[position] = opcode;
    LittleEndian.putLong(bytes, position + 1, operand);
    position += 9;
  }

  // ------------------------------------------------------------------------------ bytes and arrays

  void bytes(byte[] value) {
    beginBytes(value.length);
    System.arraycopy(value, 0, bytes, position, value.length);
    position += value.length;
  }

  /** The remaining bytes of a buffer, whose position stays. */
  void bytes(ByteBuffer value) {
    int size = value.remaining();
    beginBytes(size);
    value.get(value.position(), bytes, position, size);
    position += size;
  }

  private void beginBytes(int size) {
    if (size > MAX_STRING) {
      throw path.fail(Status.TOO_LARGE, size + " bytes are more than a value can have");
    }
    need(5L + size);
    operand(BYTES, size);
  }

  /** Begins a typed array; the caller puts as many elements into the result. */
  ByteBuffer array(int element, int count, int width) {
    long size = (long) count * width;
    if (size > MAX_BUFFER - 64) {
      throw path.fail(Status.TOO_LARGE, "the array has " + size + " bytes");
    }
    need(6 + size);
    bytes[position] = ARRAY;
    bytes[position + 1] = (byte) element;
    LittleEndian.putInt(bytes, position + 2, count);
    ByteBuffer elements = ByteBuffer.wrap(bytes, position + 6, (int) size).slice();
    position += 6 + (int) size;
    return elements.order(ByteOrder.LITTLE_ENDIAN);
  }

  // ------------------------------------------------------------------------------------- strings

  /**
   * Appends {@code opcode + encoding}, the size, and the bytes; nothing, and false, if the string
   * has an unpaired surrogate.
   */
  boolean text(byte opcode, String text) {
    int length = text.length();
    if (length > MAX_STRING / 3) {
      checkSize(text);
    }
    // Of a compact string, whose characters cannot be greater, no comparison is left of this loop.
    for (int i = 0; i < length; i++) {
      if (text.charAt(i) > 0xff) {
        return utf16(opcode, text);
      }
    }
    need(5L + length);
    latin1(text, length, bytes, position + 5);
    bytes[position] = (byte) (opcode + LATIN1);
    LittleEndian.putInt(bytes, position + 1, length);
    position += 5 + length;
    return true;
  }

  /** Copies the low halves of all characters: out of a compact string in one go. */
  @SuppressWarnings("deprecation") // it drops the high halves, which are 0
  private static void latin1(String text, int length, byte[] to, int at) {
    text.getBytes(0, length, to, at);
  }

  private void checkSize(String text) {
    long size = 0;
    boolean latin1 = true;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      size += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
      latin1 &= c < 0x100;
    }
    if ((latin1 ? text.length() : size) > MAX_STRING) {
      throw path.fail(Status.TOO_LARGE, "a string of " + text.length() + " characters");
    }
  }

  private boolean utf16(byte opcode, String text) {
    if (Strings.unpairedSurrogate(text) >= 0) {
      return false;
    }
    long size = 2L * text.length();
    need(5 + size);
    operand((byte) (opcode + UTF16), (int) size);
    for (int i = 0; i < text.length(); i++) {
      LittleEndian.putShort(bytes, position + 2 * i, (short) text.charAt(i));
    }
    position += (int) size;
    return true;
  }

  // ------------------------------------------------------------------------------------- inserting

  /** Makes a gap of {@code size} bytes at the end, for {@link #move}. */
  void extend(int size) {
    need(size);
    position += size;
  }

  void move(int from, int to, int size) {
    System.arraycopy(bytes, from, bytes, to, size);
  }

  /** Replaces five bytes. */
  void set(int at, byte opcode, int operand) {
    bytes[at] = opcode;
    LittleEndian.putInt(bytes, at + 1, operand);
  }

  private void need(long size) {
    if (size > bytes.length - position) {
      grow(position + size);
    }
  }

  private void grow(long size) {
    if (size > MAX_BUFFER) {
      throw path.failRecord(Status.TOO_LARGE, "the record has more than " + MAX_BUFFER + " bytes");
    }
    bytes = Arrays.copyOf(bytes, (int) Math.min(Math.max(size, 2L * bytes.length), MAX_BUFFER));
  }
}
