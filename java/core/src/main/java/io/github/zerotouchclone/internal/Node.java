package io.github.zerotouchclone.internal;

import io.github.zerotouchclone.CorruptRegionException;
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

  static final int HEAD = 8;
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

  /** Of a MAP and of ROWS; of others left as it was. */
  Shape shape;

  /** Whether this is a row of ROWS: a MAP that is no node of its own. */
  boolean row;

  // Position of the first slot, and of the type bytes or 0.
  private int slots;
  private int types;

  /** The root of a copy. */
  public static Node root(Image image) {
    return root(image, new Node(), null);
  }

  /**
   * The root of a copy, in {@code into}, or in {@code other} if it is a row or what a mere
   * reference leads to; null there makes a new node.
   */
  public static Node root(Image image, Node into, Node other) {
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
      return root.rootRow(orNew(other), row - 1);
    }
    if (root.kind == BOX && root.elem == T_REF) {
      // A record that is nothing but a reference to a shared node.
      return root.target(orNew(other), root.slot(0));
    }
    root.checkBox();
    return root;
  }

  /** A box may hold what is no container only: nobody looks for a node behind its slot. */
  private void checkBox() {
    if (kind == BOX && (elem < T_NULL || elem > T_BYTES)) {
      throw image.corrupt(at, "a box holds a container");
    }
  }

  private static Node orNew(Node node) {
    return node == null ? new Node() : node;
  }

  private Node rootRow(Node into, int number) {
    if (kind != ROWS || number < 0 || number >= count) {
      throw image.corrupt(image.start + 20, "the root is a row that does not exist");
    }
    return row(into, number);
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
    if (image != from) { // a reference that is stored into an old object costs more than this
      image = from;
    }
    at = position;
    end = nodeEnd;
    kind = bytes[position];
    int flags = bytes[position + 1];
    shared = (flags & FLAG_SHARED) != 0;
    elem = bytes[position + 2];
    arg = LittleEndian.getInt(bytes, position + 4);
    row = false;
    slots = position + HEAD;
    parse((flags & FLAG_TYPES) != 0);
    return this;
  }

  // Most nodes are lists and maps without type bytes; to find those, this is small.
  private void parse(boolean typed) {
    if (typed || (kind != MAP && kind != LIST)) {
      parseOther(typed);
      return;
    }
    int n = arg;
    if (kind == MAP) {
      Shape found = image.schema.shape(n);
      if (found == null) {
        throw noShape();
      }
      if (shape != found) {
        shape = found;
      }
      n = found.size;
    }
    long need = HEAD + 8 * (n & 0xffff_ffffL);
    if (need > end - at) {
      throw tooMany();
    }
    count = n;
    head = (int) need;
    types = 0;
  }

  private CorruptRegionException noShape() {
    return image.corrupt(at + 4, "there is no shape " + (arg & 0xffff_ffffL));
  }

  private CorruptRegionException tooMany() {
    return image.corrupt(at + 4, "the node's slots lead out of its extent");
  }

  private void parseOther(boolean typed) {
    long n = arg & 0xffff_ffffL;
    long before; // bytes in front of the type bytes
    long typeBytes = typed ? n : 0;
    switch (kind) {
      case MAP -> {
        shape = image.schema.shape(arg);
        if (shape == null) {
          throw noShape();
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
      throw tooMany();
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

  /** Whether the node itself says the types of its slots. */
  boolean hasTypes() {
    return types != 0;
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

  /** The key of entry {@code i} of a map. */
  String key(int i) {
    return kind == MAP ? shape.key(i) : DictKeys.key(this, i);
  }

  /** All keys of a map, in slot order; unmodifiable. */
  public List<String> keys() {
    return kind == MAP ? shape.keys() : DictKeys.all(this);
  }

  /** The entry with this key, or -1. O(1) with a shape, else O(log n). */
  public int find(String key) {
    return kind == MAP ? shape.find(key) : DictKeys.find(this, key);
  }

  // --------------------------------------------------------------------------- variable data
  // Everything behind the slots must lie at or behind `minimum`, which readers of a whole node
  // move on, so that no two values share bytes.

  int outOfLine(long offset, long size, int minimum) {
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
  String stringIn(int position, long slot) {
    if (isInline(slot)) {
      return decode(position, inlineSize(slot), inlineKind(slot));
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

  static int inlineSize(long slot) {
    return (int) (slot >>> 56) & 7;
  }

  static int inlineKind(long slot) {
    return (int) (slot >>> 60) & 3;
  }

  /** Bytes of a string that is not inline, as its slot claims. */
  static int stringSize(long slot) {
    return (int) (slot >>> 32) & 0x3fff_ffff;
  }

  /** The string of a slot that is not inline, given what {@link #stringEnd} says. */
  String stringBefore(long slot, int stringEnd) {
    int size = stringSize(slot);
    return decode(at + stringEnd - size, size, (int) (slot >>> 62));
  }

  int stringEnd(long slot, int minimum) {
    if (isInline(slot)) {
      return minimum;
    }
    int size = stringSize(slot);
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
    into.checkBox();
    return into;
  }

  // -------------------------------------------------------------------- seen through references

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
}
