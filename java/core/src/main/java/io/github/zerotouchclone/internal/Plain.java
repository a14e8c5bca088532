package io.github.zerotouchclone.internal;

import java.util.Collection;

/**
 * A copy that is taken to be plain, as nearly all are: it refers to nothing, its values have the
 * types that the shapes say, and each one's bytes lie behind those of the one before. It is read in
 * two steps. The first checks all values that are wanted and makes nothing; the second makes the
 * objects, and relies on the first. What is not plain is left to {@link TypedDecoder}, which
 * delivers it or says what is wrong, before any constructor or setter has run. (Only a string that
 * is not well formed, and the end of the stack, turn up in the second step; the objects until then
 * are dropped.)
 *
 * <p>The first step hands on where the next value's bytes may begin: a position that only grows,
 * and stays {@link #NOT} once something is not plain. So its work is bounded by the copy's size,
 * and what it lets pass stays inside the budget of the other way.
 *
 * <p>The bytes must not change meanwhile. Reused from copy to copy; one thread.
 */
final class Plain {
  /** Behind all positions: something is not plain. */
  static final int NOT = Integer.MAX_VALUE;

  private static final int MAX_DEPTH = 128; // containers inside each other

  // Nodes that say types of their own are not plain. Shared ones may be: each is met once.
  private static final long KIND_AND_TYPES = 0xff | Node.FLAG_TYPES << 8;

  private static final NotPlain NOT_PLAIN = new NotPlain();

  // Of the latest copy, until the next one: a reference that is stored into an old object costs
  // more than one that is compared.
  private byte[] bytes;
  private Schema schema;
  private int depth;

  /** A string is not well formed. */
  private static final class NotPlain extends RuntimeException {
    private static final long serialVersionUID = 1;

    private NotPlain() {
      super(null, null, false, false);
    }
  }

  /** The object for the root of a copy, or null if the copy is not plain. */
  Object read(byte[] from, int start, int end, Schema itsSchema, ObjectConverter converter) {
    if (end - start < Node.HEAD || (start & 7) != 0) {
      return null;
    }
    if (bytes != from) {
      bytes = from;
    }
    if (schema != itsSchema) {
      schema = itsSchema;
    }
    depth = 0;
    try {
      return checkObject(start, end, converter) == NOT ? null : object(start, converter);
    } catch (NotPlain | StackOverflowError e) {
      return null;
    }
  }

  // ---------------------------------------------------------------------------- first step: checks
  // at: where the node begins that has the slot; end: where it ends; minimum: where the value's
  // bytes may begin. All return where those of the next value may begin, or NOT.

  int checkString(int at, int slot, int minimum, int end) {
    long value = longAt(slot);
    if (Node.isInline(value)) {
      return Node.inlineKind(value) == 3 ? NOT : minimum;
    }
    long from = at + (value & 0xffff_ffffL);
    long behind = from + Node.stringSize(value);
    return from >= minimum && behind <= end ? (int) behind : NOT;
  }

  int checkInteger(int slot, int bits, int minimum) {
    long value = longAt(slot);
    int unused = 64 - bits;
    return value << unused >> unused == value ? minimum : NOT;
  }

  int checkBoolean(int slot, int minimum) {
    return longAt(slot) >>> 1 == 0 ? minimum : NOT;
  }

  int checkObject(int at, int slot, int minimum, int end, ObjectConverter converter) {
    int child = checkChild(at, slot, minimum, end);
    return child == NOT ? NOT : checkObject(child, behind(child, slot), converter);
  }

  int checkList(int at, int slot, int minimum, int end, Converter element) {
    if (longAt(slot) == 0) {
      return minimum; // empty
    }
    int child = checkChild(at, slot, minimum, end);
    return child == NOT ? NOT : checkElements(child, behind(child, slot), element);
  }

  /** Where the child in a slot begins, or NOT. */
  private int checkChild(int at, int slot, int minimum, int end) {
    long value = longAt(slot);
    long extent = value >>> 32;
    long from = at + (value & 0xffff_ffffL);
    boolean inside = from >= minimum && from + extent <= end;
    return inside && extent >= Node.HEAD && (from & 7) == 0 ? (int) from : NOT;
  }

  private int checkObject(int at, int end, ObjectConverter converter) {
    long header = longAt(at);
    Shape shape = schema.shape((int) (header >>> 32));
    if ((header & KIND_AND_TYPES) != Node.MAP || shape == null) {
      return NOT;
    }
    long behind = at + Node.HEAD + 8L * shape.size;
    return behind > end
        ? NOT
        : checkFields(at, at + Node.HEAD, (int) behind, end, shape, converter);
  }

  private int checkFields(
      int at, int slots, int minimum, int end, Shape shape, ObjectConverter converter) {
    if (depth == MAX_DEPTH) {
      return NOT;
    }
    depth++;
    int next = converter.maker(shape).check(this, at, slots, minimum, end);
    depth--;
    return next;
  }

  private int checkElements(int at, int end, Converter element) {
    if (depth == MAX_DEPTH) {
      return NOT;
    }
    depth++;
    int next = checkEach(at, end, element);
    depth--;
    return next;
  }

  private int checkEach(int at, int end, Converter element) {
    long header = longAt(at);
    long behind = at + Node.HEAD + 8 * (header >>> 32);
    if (behind > end) {
      return NOT;
    }
    long kind = header & KIND_AND_TYPES;
    if (kind == Node.ROWS) {
      return element instanceof ObjectConverter rows ? checkRows(at, end, header, rows) : NOT;
    }
    int next = kind == Node.LIST && element.takes((byte) (header >> 16)) ? (int) behind : NOT;
    for (int slot = at + Node.HEAD; slot < behind && next != NOT; slot += 8) {
      next = element.check(this, at, slot, next, end);
    }
    return next;
  }

  private int checkRows(int at, int end, long header, ObjectConverter converter) {
    Shape shape = rowShape(header);
    if (shape == null || shape.size == 0 || header >>> 32 == 0) {
      return NOT;
    }
    long behind = at + Node.HEAD + 8L * shape.size * (header >>> 32);
    int next = behind <= end ? (int) behind : NOT;
    for (int row = at + Node.HEAD; row < behind && next != NOT; row += 8 * shape.size) {
      next = checkFields(at, row, next, end, shape, converter);
    }
    return next;
  }

  // -------------------------------------------------------------------------- second step: objects

  long longAt(int slot) {
    return LittleEndian.getLong(bytes, slot);
  }

  int intAt(int slot) {
    return (int) longAt(slot);
  }

  short shortAt(int slot) {
    return (short) longAt(slot);
  }

  byte byteAt(int slot) {
    return (byte) longAt(slot);
  }

  boolean booleanAt(int slot) {
    return longAt(slot) != 0;
  }

  float floatAt(int slot) {
    return Node.f32(longAt(slot));
  }

  double doubleAt(int slot) {
    return Double.longBitsToDouble(longAt(slot));
  }

  String string(int at, int slot) {
    long value = longAt(slot);
    String string =
        Node.isInline(value)
            ? Strings.decode(bytes, slot, Node.inlineSize(value), Node.inlineKind(value))
            : Strings.decode(bytes, at + (int) value, Node.stringSize(value), (int) (value >>> 62));
    if (string == null) {
      throw NOT_PLAIN;
    }
    return string;
  }

  Object object(int at, int slot, ObjectConverter converter) {
    return object(at + (int) longAt(slot), converter);
  }

  private Object object(int at, ObjectConverter converter) {
    Shape shape = schema.shape((int) (longAt(at) >>> 32));
    return converter.maker(shape).take(this, at, at + Node.HEAD);
  }

  /** How many elements the list in a slot has. */
  int size(int at, int slot) {
    long value = longAt(slot);
    return value == 0 ? 0 : (int) (longAt(at + (int) value) >>> 32);
  }

  void addElements(int at, int slot, int size, Converter element, Collection<Object> to) {
    int list = at + (int) longAt(slot);
    if (size > 0 && bytes[list] == Node.ROWS) {
      Shape shape = rowShape(longAt(list));
      Maker maker = ((ObjectConverter) element).maker(shape);
      for (int i = 0; i < size; i++) {
        to.add(maker.take(this, list, list + Node.HEAD + 8 * shape.size * i));
      }
      return;
    }
    for (int i = 0; i < size; i++) {
      to.add(element.take(this, list, list + Node.HEAD + 8 * i));
    }
  }

  private Shape rowShape(long header) {
    return schema.shape((int) (header >>> 16) & 0xffff);
  }

  private int behind(int child, int slot) {
    return child + (int) (longAt(slot) >>> 32);
  }
}
