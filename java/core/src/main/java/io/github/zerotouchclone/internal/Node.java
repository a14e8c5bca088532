package io.github.zerotouchclone.internal;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * One node of a copy: its checked header, and access to its slots. Every length and offset is
 * loaded once, checked against the node's extent, and only then used, so that no bytes can make an
 * access leave the copy. Immutable after {@link #open}; any thread.
 */
public final class Node {
  static final int MAP = 1;
  static final int DICT = 2;
  static final int LIST = 3;
  static final int ARRAY = 4;
  static final int EXT = 5;
  static final int BOX = 6;
  static final int GRAPH = 7;
  static final int ROWS = 8;

  static final int FLAG_SHARED = 2;
  static final int FLAG_TYPES = 4;

  // Slot types, as in the format document.
  static final int T_NULL = 0;
  static final int T_BOOL = 1;
  static final int T_I8 = 2;
  static final int T_I16 = 3;
  static final int T_I32 = 4;
  static final int T_I64 = 5;
  static final int T_F32 = 6;
  static final int T_F64 = 7;
  static final int T_STRING = 8;
  static final int T_BYTES = 9;
  static final int T_LIST = 16;
  static final int T_MAP = 17;
  static final int T_ARRAY = 18;
  static final int T_EXT = 19;
  static final int T_REF = 24;

  private static final int HEAD = 8;
  private static final int GRAPH_HEAD = 24;

  Image image;
  int at;
  int end;
  int kind;
  boolean shared;
  int elem;
  int arg;

  /** Elements, entries, or 1 for EXT and BOX. */
  int count;

  /** Bytes before the variable data: header, slots, order, types. */
  int head;

  /** Of a MAP. */
  Shape shape;

  /** Whether this is a row of ROWS: a MAP that is no node of its own. */
  boolean row;

  // Position of the first slot, and of the type bytes or 0.
  private int slots;
  private int types;

  /** The root of a copy. */
  public static Node root(Image image) {
    return root(image, new Node());
  }

  /** The root of a copy, in {@code into} unless it is a mere reference to another node. */
  public static Node root(Image image, Node into) {
    byte[] bytes = image.bytes;
    int at = image.start;
    if (image.size() < HEAD) {
      throw image.corrupt(at, "the copy has no room for a node");
    }
    if (bytes[at] == GRAPH) {
      if (image.size() < GRAPH_HEAD) {
        throw image.corrupt(at, "the copy has no room for a graph head");
      }
      long root = LittleEndian.getUnsignedInt(bytes, at + 12);
      if (root < GRAPH_HEAD || root > image.size()) {
        throw image.corrupt(at + 12, "the root lies outside the copy");
      }
      at += (int) root;
    }
    Node root = into.open(image, at, image.limit);
    int row = bytes[image.start] == GRAPH ? LittleEndian.getInt(bytes, image.start + 20) : 0;
    if (row != 0) {
      return root.rootRow(row - 1);
    }
    // A record that is nothing but a reference to a shared node.
    boolean reference = root.kind == BOX && root.type(0) == T_REF;
    return reference ? root.target(new Node(), root.slot(0)) : root;
  }

  private Node rootRow(int number) {
    if (kind != ROWS || number < 0 || number >= count) {
      throw image.corrupt(image.start + 20, "the root is a row that does not exist");
    }
    return row(new Node(), number);
  }

  /** Makes this the node at a position, whose extent ends at or before {@code nodeEnd}. */
  Node open(Image from, int position, int nodeEnd) {
    if ((position & 7) != 0) {
      throw from.corrupt(position, "a node is not aligned");
    }
    if (nodeEnd - position < HEAD) {
      throw from.corrupt(position, "a node leads out of its extent");
    }
    byte[] bytes = from.bytes;
    image = from;
    at = position;
    end = nodeEnd;
    kind = bytes[position];
    int flags = bytes[position + 1];
    shared = (flags & FLAG_SHARED) != 0;
    elem = bytes[position + 2];
    arg = LittleEndian.getInt(bytes, position + 4);
    shape = null;
    row = false;
    slots = position + HEAD;
    parse((flags & FLAG_TYPES) != 0);
    return this;
  }

  private void parse(boolean typed) {
    long n = arg & 0xffff_ffffL;
    long before; // bytes in front of the type bytes
    long typeBytes = typed ? n : 0;
    switch (kind) {
      case MAP -> {
        shape = image.schema.shape(arg);
        if (shape == null) {
          throw image.corrupt(at + 4, "there is no shape " + n);
        }
        n = shape.size;
        before = HEAD + 8 * n;
        typeBytes = typed ? n : 0;
      }
      case ROWS -> {
        int number = elem & 0xff | (image.bytes[at + 3] & 0xff) << 8;
        shape = image.schema.shape(number);
        if (shape == null || shape.size == 0 || n == 0) {
          throw image.corrupt(at + 2, "there are no rows of shape " + number);
        }
        before = HEAD + 8 * n * shape.size;
        typeBytes = typed ? shape.size : 0;
      }
      case DICT -> before = HEAD + 20 * n;
      case LIST -> before = HEAD + 8 * n;
      case ARRAY -> {
        before = HEAD + n * elementWidth();
        typeBytes = 0;
      }
      case EXT, BOX -> {
        n = 1;
        before = HEAD + 8;
        typeBytes = 0;
      }
      default -> throw image.corrupt(at, "there is no node of kind " + (kind & 0xff));
    }
    long need = before + typeBytes;
    if (need > end - at) {
      throw image.corrupt(at + 4, "the node's slots lead out of its extent");
    }
    count = (int) n;
    head = (int) need;
    types = typeBytes > 0 ? at + (int) before : 0;
  }

  /** Makes {@code into} row {@code i}, which must exist, of these ROWS, and returns it. */
  Node row(Node into, int i) {
    into.copyFrom(this);
    into.kind = MAP;
    into.row = true;
    into.count = shape.size;
    into.slots = at + HEAD + 8 * shape.size * i;
    return into;
  }

  /** Makes this the same node as another one. */
  void copyFrom(Node other) {
    image = other.image;
    at = other.at;
    end = other.end;
    kind = other.kind;
    shared = other.shared;
    elem = other.elem;
    arg = other.arg;
    count = other.count;
    head = other.head;
    shape = other.shape;
    row = other.row;
    slots = other.slots;
    types = other.types;
  }

  /** What tells containers of a copy apart: nodes begin at multiples of 8, rows get odd numbers. */
  int identity() {
    return row ? slots | 1 : at;
  }

  /** Bytes of one element of an ARRAY. */
  int elementWidth() {
    return switch (elem) {
      case T_I8 -> 1;
      case T_I16 -> 2;
      case T_I32, T_F32 -> 4;
      case T_I64, T_F64 -> 8;
      default -> throw image.corrupt(at + 2, "an array has elements of type " + (elem & 0xff));
    };
  }

  // ------------------------------------------------------------------------------- what it is

  /** The value type that users see, as a format code; of a BOX the type inside. */
  public int valueType() {
    return switch (kind) {
      case MAP, DICT -> T_MAP;
      case LIST, ROWS -> T_LIST;
      case ARRAY -> T_ARRAY;
      case EXT -> T_EXT;
      default -> type(0);
    };
  }

  /** Whether this is a BOX, which holds a value that is not a container. */
  public boolean isBox() {
    return kind == BOX;
  }

  /** Whether this is a map. */
  public boolean isMap() {
    return kind == MAP || kind == DICT;
  }

  /** Whether this is a list. */
  public boolean isList() {
    return kind == LIST || kind == ROWS;
  }

  /** Whether this is a typed array. */
  public boolean isArray() {
    return kind == ARRAY;
  }

  /** Elements of a list or array, entries of a map. */
  public int count() {
    return count;
  }

  /** The type id of an EXT. */
  public int extId() {
    return arg;
  }

  /** The image that the node is a part of. */
  public Image image() {
    return image;
  }

  /** The same node in another image of the same copy. */
  public Node in(Image other) {
    int distance = other.start - image.start;
    Node same = new Node().open(other, at + distance, end + distance);
    return row ? same.row(new Node(), (slots - at - HEAD) / (8 * count)) : same;
  }

  // ------------------------------------------------------------------------------------- slots

  /** The type of value {@code i}, as a format code, {@code T_REF} included. */
  int type(int i) {
    if (types != 0) {
      return kind == ROWS ? T_MAP : image.bytes[types + i];
    }
    return kind == ROWS ? T_MAP : kind == MAP ? shape.type(i) : elem;
  }

  /** The type of entry {@code i} of a MAP; {@code usual} is the one that its shape says. */
  int type(int i, int usual) {
    return types == 0 ? usual : image.bytes[types + i];
  }

  /** The slot of value {@code i}. */
  long slot(int i) {
    return LittleEndian.getLong(image.bytes, slotAt(i));
  }

  int slotAt(int i) {
    return slots + (kind == DICT ? 16 * i + 8 : 8 * i);
  }

  private int keySlotAt(int i) {
    return at + HEAD + 16 * i;
  }

  /** The key of entry {@code i} of a map. */
  String key(int i) {
    if (kind == MAP) {
      return shape.key(i);
    }
    int position = keySlotAt(i);
    return stringIn(position, LittleEndian.getLong(image.bytes, position));
  }

  /** Bytes of entry {@code i}'s key outside of its slot, as that claims. */
  int keySize(int i) {
    long slot = LittleEndian.getLong(image.bytes, keySlotAt(i));
    return isInline(slot) ? 0 : (int) (slot >>> 32) & 0x3fff_ffff;
  }

  /** Where the variable data of entry {@code i}'s key ends, counted from the node's start. */
  int keyEnd(int i, int minimum) {
    long slot = LittleEndian.getLong(image.bytes, keySlotAt(i));
    return stringEnd(slot, minimum);
  }

  /** All keys of a map, in slot order; unmodifiable. */
  public List<String> keys() {
    if (kind == MAP) {
      return shape.keys();
    }
    List<String> keys = new ArrayList<>(count);
    int minimum = head;
    for (int i = 0; i < count; i++) {
      minimum = keyEnd(i, minimum); // or many keys could be the same bytes
      keys.add(key(i));
    }
    return Collections.unmodifiableList(keys);
  }

  /** The entry with this key, or -1. O(1) with a shape, else O(log n). */
  public int find(String key) {
    return kind == MAP ? shape.find(key) : findInOrder(key);
  }

  private int findInOrder(String key) {
    int keyKind = Strings.kind(key);
    if (keyKind == Strings.UTF8 && Strings.unpairedSurrogate(key) >= 0) {
      return -1; // no region has it; its encoding would be that of another key
    }
    return findInOrder(keyKind, Strings.encode(key, keyKind));
  }

  /** The entry of a DICT whose key has this kind and these bytes, or -1. */
  int findInOrder(int keyKind, byte[] wanted) {
    int order = at + HEAD + 16 * count;
    int low = 0;
    int high = count - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int entry = LittleEndian.getInt(image.bytes, order + 4 * middle);
      if (entry < 0 || entry >= count) {
        throw image.corrupt(order + 4 * middle, "the order names an entry that does not exist");
      }
      int comparison = compareKey(entry, keyKind, wanted);
      if (comparison == 0) {
        return entry;
      }
      if (comparison < 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return -1;
  }

  private int compareKey(int entry, int keyKind, byte[] wanted) {
    int keyAt = keySlotAt(entry);
    long slot = LittleEndian.getLong(image.bytes, keyAt);
    boolean inline = slot >>> 62 == 3;
    int kindHere = inline ? (int) (slot >>> 60) & 3 : (int) (slot >>> 62);
    int size = inline ? (int) (slot >>> 56) & 7 : (int) (slot >>> 32) & 0x3fff_ffff;
    if (kindHere != keyKind) {
      return kindHere - keyKind;
    }
    if (size != wanted.length) {
      return Integer.compare(size, wanted.length);
    }
    int from = inline ? keyAt : at + outOfLine(slot & 0xffff_ffffL, size, head);
    for (int i = 0; i < size; i++) {
      int difference = (image.bytes[from + i] & 0xff) - (wanted[i] & 0xff);
      if (difference != 0) {
        return difference;
      }
    }
    return 0;
  }

  // --------------------------------------------------------------------------- variable data
  // Everything behind the slots must lie at or behind `minimum`, which readers of a whole node
  // move on, so that no two values share bytes.

  private int outOfLine(long offset, long size, int minimum) {
    if (offset < minimum || offset > end - at || size > end - at - offset) {
      throw image.corrupt(at, "a value at byte " + offset + " of this node overlaps or leads out");
    }
    return (int) offset;
  }

  /** The string that value {@code i}, whose slot has been read, is. */
  String string(int i, long slot) {
    return stringIn(slotAt(i), slot);
  }

  /** The string in a slot that has been read at a position. */
  private String stringIn(int position, long slot) {
    if (isInline(slot)) {
      return decode(position, (int) (slot >>> 56) & 7, (int) (slot >>> 60) & 3);
    }
    return stringBefore(slot, stringEnd(slot, head));
  }

  private String decode(int from, int size, int kindHere) {
    String string = kindHere == 3 ? null : Strings.decode(image.bytes, from, size, kindHere);
    if (string == null) {
      throw image.corrupt(at, "a string is not well formed");
    }
    return string;
  }

  /** Whether a string is in its slot. */
  static boolean isInline(long slot) {
    return slot >>> 62 == 3;
  }

  /** The string of a slot that is not inline, given what {@link #stringEnd} says. */
  String stringBefore(long slot, int stringEnd) {
    int size = (int) (slot >>> 32) & 0x3fff_ffff;
    return decode(at + stringEnd - size, size, (int) (slot >>> 62));
  }

  int stringEnd(long slot, int minimum) {
    if (slot >>> 62 == 3) {
      return minimum;
    }
    int size = (int) (slot >>> 32) & 0x3fff_ffff;
    return outOfLine(slot & 0xffff_ffffL, size, minimum) + size;
  }

  /** The bytes in a slot, in a fresh array. */
  byte[] bytes(long slot, int minimum) {
    long size = slot >>> 32;
    int from = at + (slot == 0 ? 0 : outOfLine(slot & 0xffff_ffffL, size, minimum));
    byte[] result = new byte[(int) size];
    System.arraycopy(image.bytes, from, result, 0, result.length);
    return result;
  }

  int bytesEnd(long slot, int minimum) {
    if (slot == 0) {
      return minimum;
    }
    long size = slot >>> 32;
    return outOfLine(slot & 0xffff_ffffL, size, minimum) + (int) size;
  }

  /** Whether the slot of a LIST or MAP stands for an empty one that has no node. */
  static boolean isEmpty(int type, long slot) {
    return slot == 0 && (type == T_LIST || type == T_MAP);
  }

  /** Opens the child in the slot of a container type in {@code into}, and returns that. */
  Node child(Node into, int type, long slot, int minimum) {
    long extent = slot >>> 32;
    int child = at + outOfLine(slot & 0xffff_ffffL, extent, minimum);
    into.open(image, child, child + (int) extent);
    boolean matches = into.kind != BOX && into.valueType() == type;
    if (!matches) {
      throw image.corrupt(child, "the node is of kind " + into.kind + ", its slot of type " + type);
    }
    return into;
  }

  /** Where the variable data of value {@code i} ends, counted from this node's start. */
  int dataEnd(int i, int minimum) {
    long slot = slot(i);
    return switch (type(i)) {
      case T_STRING -> stringEnd(slot, minimum);
      case T_BYTES, T_LIST, T_MAP, T_ARRAY, T_EXT -> bytesEnd(slot, minimum);
      default -> minimum;
    };
  }

  /** Where the variable data of value {@code i} begins, or the end of the head if it has none. */
  int dataStart(int i) {
    return Math.max(startOrNone(i), head);
  }

  /** Where the variable data of the first value that has any begins, or the end of the head. */
  int dataStart() {
    int start = -1;
    for (int i = 0; i < count && start < 0; i++) {
      start = startOrNone(i);
    }
    return Math.max(start, head);
  }

  /** An offset that leads out of the node is none; whoever follows it finds that out. */
  private int startOrNone(int i) {
    long slot = slot(i);
    boolean apart =
        switch (type(i)) {
          case T_STRING -> !isInline(slot);
          case T_BYTES, T_LIST, T_MAP, T_ARRAY, T_EXT -> slot != 0;
          default -> false;
        };
    long start = slot & 0xffff_ffffL;
    return apart && start <= end - at ? (int) start : -1;
  }

  /** Where the variable data of all values of a row ends. */
  int skip(int minimum) {
    for (int i = 0; i < count; i++) {
      minimum = dataEnd(i, minimum);
    }
    return minimum;
  }

  /** Opens the target of a REF slot in {@code into}, and returns that; it may be a BOX. */
  Node target(Node into, long slot) {
    long extent = slot >>> 32;
    long target = (long) at + (int) slot;
    if (extent == 0 || target < image.start || target + extent > image.limit) {
      throw image.corrupt(at, "a reference leads out of the copy");
    }
    into.open(image, (int) target, (int) (target + extent));
    if (!into.shared) {
      throw image.corrupt(at, "a reference leads to a node that is not shared");
    }
    return into;
  }

  // ---------------------------------------------------------------------------- lazy single values

  /** The node that holds value {@code i}: this one, or the target of the reference in slot i. */
  public Node holder(int i) {
    return type(i) == T_REF ? target(new Node(), slot(i)) : this;
  }

  /** The value type, as a format code, of value {@code i}, seen through references. */
  public int valueType(int i) {
    int type = type(i);
    if (type == T_REF) {
      type = holder(i).valueType();
    }
    if (type < 0 || type > T_EXT || (type > T_BYTES && type < T_LIST)) {
      throw image.corrupt(slotAt(i), "there is no type " + (type & 0xff));
    }
    return type;
  }

  /** Value {@code i}, which must be a container that has a node; see {@link #isEmptyContainer}. */
  public Node container(int i) {
    int type = type(i);
    if (kind == ROWS) {
      return row(new Node(), i);
    }
    return type == T_REF ? holder(i) : child(new Node(), type, slot(i), head);
  }

  /** Whether value {@code i} is an empty list or map that has no node. */
  public boolean isEmptyContainer(int i) {
    return kind != ROWS && isEmpty(type(i), slot(i));
  }

  /** Value {@code i}, of type BOOL. */
  public boolean boolAt(int i) {
    Node holder = holder(i);
    return holder.bool(holder.slot(holder == this ? i : 0));
  }

  /** Value {@code i}, of an integer type. */
  public long integerAt(int i) {
    Node holder = holder(i);
    int j = holder == this ? i : 0;
    return holder.integer(holder.type(j), holder.slot(j));
  }

  /** Value {@code i}, of type F32 or F64. */
  public double floatAt(int i) {
    Node holder = holder(i);
    int j = holder == this ? i : 0;
    long slot = holder.slot(j);
    return holder.type(j) == T_F32 ? f32(slot) : Double.longBitsToDouble(slot);
  }

  /** Value {@code i}, of type STRING. */
  public String stringAt(int i) {
    Node holder = holder(i);
    int j = holder == this ? i : 0;
    return holder.string(j, holder.slot(j));
  }

  /** The text of value {@code i}, of type EXT, or null if it has none. */
  public String extText(int i) {
    return ExtValues.text(container(i));
  }

  /** Value {@code i}, of type BYTES, in a fresh array. */
  public byte[] bytesAt(int i) {
    Node holder = holder(i);
    return holder.bytes(holder.slot(holder == this ? i : 0), holder.head);
  }

  // ------------------------------------------------------------------------------------ scalars

  boolean bool(long slot) {
    if (slot >>> 1 != 0) {
      throw image.corrupt(at, "a boolean is neither 0 nor 1");
    }
    return slot == 1;
  }

  /** The integer in a slot, which must fit the width that its type says. */
  long integer(int type, long slot) {
    int unused = 64 - (8 << (type - T_I8));
    if (slot << unused >> unused != slot) {
      throw image.corrupt(at, "an integer does not fit its width");
    }
    return slot;
  }

  static float f32(long slot) {
    return Float.intBitsToFloat((int) slot);
  }

  /** The type of a typed array's elements, as a format code. */
  public int elementType() {
    return elem;
  }

  /** Element {@code i} of an array of integers. */
  public long integerElement(int i) {
    byte[] bytes = image.bytes;
    int from = at + HEAD + i * elementWidth();
    return switch (elem) {
      case T_I8 -> bytes[from];
      case T_I16 -> LittleEndian.getShort(bytes, from);
      case T_I32 -> LittleEndian.getInt(bytes, from);
      default -> LittleEndian.getLong(bytes, from);
    };
  }

  /** Element {@code i} of an array of floats. */
  public double floatElement(int i) {
    int from = at + HEAD + i * elementWidth();
    return elem == T_F32
        ? Float.intBitsToFloat(LittleEndian.getInt(image.bytes, from))
        : Double.longBitsToDouble(LittleEndian.getLong(image.bytes, from));
  }

  /** Element {@code i} of a typed array. */
  public Object boxedElement(int i) {
    byte[] bytes = image.bytes;
    int from = at + HEAD + i * elementWidth();
    return switch (elem) {
      case T_I8 -> (Object) bytes[from];
      case T_I16 -> LittleEndian.getShort(bytes, from);
      case T_I32 -> LittleEndian.getInt(bytes, from);
      case T_I64 -> LittleEndian.getLong(bytes, from);
      case T_F32 -> Float.intBitsToFloat(LittleEndian.getInt(bytes, from));
      default -> Double.longBitsToDouble(LittleEndian.getLong(bytes, from));
    };
  }

  /** A fresh Java array with the elements of an ARRAY. */
  public Object toArray() {
    return ElementArrays.toArray(this);
  }
}
