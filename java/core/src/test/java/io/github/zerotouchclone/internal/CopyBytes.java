package io.github.zerotouchclone.internal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Builds copies and schema sections by hand, from the format document. */
final class CopyBytes {
  static final String REGION = "hand-made";

  private final ByteBuffer bytes = ByteBuffer.allocate(1 << 20).order(ByteOrder.LITTLE_ENDIAN);

  CopyBytes node(int kind, int flags, int elem, int arg) {
    return u8(kind).u8(flags).u8(elem).u8(0).u32(arg);
  }

  CopyBytes u8(int... values) {
    for (int value : values) {
      bytes.put((byte) value);
    }
    return this;
  }

  CopyBytes u32(int value) {
    bytes.putInt(value);
    return this;
  }

  CopyBytes slot(long... values) {
    for (long value : values) {
      bytes.putLong(value);
    }
    return this;
  }

  CopyBytes raw(byte[] values) {
    bytes.put(values);
    return this;
  }

  CopyBytes text(String ascii) {
    return raw(ascii.getBytes(StandardCharsets.ISO_8859_1));
  }

  CopyBytes pad() {
    while (bytes.position() % 8 != 0) {
      bytes.put((byte) 0);
    }
    return this;
  }

  byte[] toArray() {
    return Arrays.copyOf(bytes.array(), bytes.position());
  }

  Image image(Schema schema) {
    return image(pad().toArray(), schema);
  }

  Image image() {
    return image(schema());
  }

  static Image image(byte[] copy, Schema schema) {
    return new Image(copy, 0, copy.length, new Origin(schema, REGION), 17);
  }

  Object decode() {
    return Decoder.decode(Node.root(image()));
  }

  String text() {
    return TypedText.of(Node.root(image()));
  }

  // --------------------------------------------------------------------------------------- slots

  static long child(int offset, int extent) {
    return offset & 0xffff_ffffL | (long) extent << 32;
  }

  static long ref(int distance, int extent) {
    return distance & 0xffff_ffffL | (long) extent << 32;
  }

  static long string(int offset, int size, int kind) {
    return offset & 0xffff_ffffL | (long) size << 32 | (long) kind << 62;
  }

  static long inline(String ascii) {
    long slot = 0xC0L + ascii.length() << 56;
    for (int i = 0; i < ascii.length(); i++) {
      slot |= (long) ascii.charAt(i) << (8 * i);
    }
    return slot;
  }

  static long f64(double value) {
    return Double.doubleToRawLongBits(value);
  }

  // -------------------------------------------------------------------------------------- schema

  /** No keys, no shapes. */
  static Schema schema() {
    return Schema.parse(new byte[16], REGION);
  }

  /** One shape with these ASCII keys and types. */
  static Schema schema(String[] keys, int[] types) {
    return Schema.parse(schemaBytes(keys, types), REGION);
  }

  static byte[] schemaBytes(String[] keys, int[] types) {
    CopyBytes b = new CopyBytes();
    int n = keys.length;
    int shape = 16 + 8 * n + 8;
    int text = (shape + 5 * n + 3) / 4 * 4;
    b.u32(n).u32(1).slot(0);
    for (String key : keys) {
      b.u32(text).u32(key.length());
      text += key.length();
    }
    b.u32(shape).u32(n);
    for (int i = 0; i < n; i++) {
      b.u32(i);
    }
    b.u8(types);
    while (b.bytes.position() % 4 != 0) {
      b.u8(0);
    }
    for (String key : keys) {
      b.text(key);
    }
    return b.pad().toArray();
  }

  /**
   * A sound copy of rows of shape 0, {a, b, c}: row 1 of 2 is the root; its list refers to both.
   */
  static byte[] soundRows() {
    return new CopyBytes()
        .node(Node.GRAPH, 0, 0, 0)
        .u32(0)
        .u32(24)
        .u32(0)
        .u32(2)
        .node(Node.ROWS, Node.FLAG_SHARED, 0, 2)
        .slot(0, string(56, 9, 0), 1, child(72, 16), inline("x"), 2)
        .text("nine char")
        .pad()
        .node(Node.LIST, 0, Node.T_REF, 1)
        .slot(ref(-72, 88))
        .toArray();
  }

  /**
   * Boxes, one behind the other, each with a string that ends where all of them end; so {@code n}
   * of them hold some n² / 2 boxes' worth of characters in 16 n bytes. In front of them a list that
   * refers to each.
   */
  static CopyBytes overlappingBoxes(int n, int size) {
    CopyBytes copy = new CopyBytes().node(Node.LIST, 0, Node.T_REF, n);
    int first = 8 + 8 * n;
    int end = first + 16 * n + size;
    for (int i = 0; i < n; i++) {
      copy.slot(ref(first + 16 * i, end - first - 16 * i));
    }
    for (int i = 0; i < n; i++) {
      copy.node(Node.BOX, Node.FLAG_SHARED, Node.T_STRING, 0).slot(string(16 * (n - i), size, 0));
    }
    return copy.raw(new byte[size]);
  }

  /** A map without a shape, whose keys are all of one long string's bytes. */
  static CopyBytes overlappingKeys(int n, int size) {
    CopyBytes copy = new CopyBytes().node(Node.DICT, 0, Node.T_I32, n);
    int head = 8 + 20 * n;
    int text = head + (-head & 7);
    for (int i = 0; i < n; i++) {
      copy.slot(string(text, size - i, 0), i);
    }
    for (int i = 0; i < n; i++) {
      copy.u32(i);
    }
    return copy.pad().raw(new byte[size]);
  }
}
