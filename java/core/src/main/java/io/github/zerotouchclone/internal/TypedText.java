package io.github.zerotouchclone.internal;

import io.github.zerotouchclone.RegionException;
import io.github.zerotouchclone.Status;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;

/**
 * Prints a value of a copy as the region format's canonical typed text.
 *
 * <p>Two walks: the first counts how often each shared node is reached, the second prints. Bounded
 * as {@link Decoder} is. One use, one thread.
 */
public final class TypedText {
  private static final int ONCE = -1;
  private static final int OFTEN = -2; // and from 1: the number it was printed with

  // Keys of the schema are not in the copy, and a shared string is there once, but both are printed
  // for each use of them. A use has a slot of 8 bytes, so that those of up to 250 characters are
  // never too much.
  private static final long MAX_REPEATED = 64L << 20;
  private static final long REPEATED_PER_BYTE = 32;

  private final Image image;
  private final PositionMap<Integer> reached = new PositionMap<>();
  private StringBuilder out; // null in the first walk
  private long budget;
  private long repeated; // printed of what the copy has once or not at all
  private int labels;
  private final List<Frame> frames = new ArrayList<>();
  private int top; // frames in use

  /** A container that is being walked. */
  private static final class Frame {
    final Node node = new Node();
    int next;
    int minimum;
    int depth;
  }

  private TypedText(Image image) {
    this.image = image;
  }

  /** The text of a node's value. */
  public static String of(Node node) {
    TypedText text = new TypedText(node.image);
    text.walk(node);
    text.out = new StringBuilder();
    text.walk(node);
    return text.out.toString();
  }

  private void walk(Node root) {
    repeated = 0;
    budget = image.size();
    if (root.isBox()) {
      box(root);
    } else {
      push().node.copyFrom(root);
      enter(1);
    }
    while (top > 0) {
      step(frames.get(top - 1));
    }
  }

  private void step(Frame frame) {
    Node node = frame.node;
    int i = frame.next++;
    int count = node.kind == Node.ARRAY ? 0 : node.count;
    if (i == count) {
      print(close(node));
      top--;
      if (node.row && top > 0) {
        frames.get(top - 1).minimum = frame.minimum; // the data of the next row follows
      }
      return;
    }
    if (i > 0) {
      print(",");
    }
    if (node.kind == Node.ROWS) {
      row(frame, i);
      return;
    }
    int minimum = frame.minimum;
    if (node.kind == Node.MAP || node.kind == Node.DICT) {
      if (node.kind == Node.DICT) {
        minimum = spend(node, minimum, DictKeys.end(node, i, minimum));
      }
      if (out != null) {
        key(node, i);
      }
    }
    frame.minimum = leafOrPush(node, i, minimum, frame.depth);
  }

  private void key(Node node, int i) {
    int before = out.length();
    Strings.quote(out, node.key(i));
    out.append(':');
    if (node.kind == Node.MAP) {
      repeat(out.length() - before);
    }
  }

  private void repeat(long size) {
    repeated += size;
    if (repeated > Math.max(MAX_REPEATED, REPEATED_PER_BYTE * image.size())) {
      throw new RegionException(
          Status.TOO_LARGE,
          RegionException.NO_OFFSET,
          image.region(),
          "record "
              + image.record
              + ": its text would repeat long keys or shared strings too often");
    }
  }

  private void row(Frame rows, int i) {
    checkDepth(rows.node, rows.depth);
    Frame frame = push();
    rows.node.row(frame.node, i);
    if (enter(rows.depth + 1)) {
      frame.minimum = rows.minimum;
    } else {
      rows.minimum = DataExtents.endOfRow(frame.node, rows.minimum);
    }
  }

  /** Prints value {@code i}, or prepares its walk; returns where its variable data ends. */
  private int leafOrPush(Node node, int i, int minimum, int depth) {
    int type = node.type(i);
    long slot = node.slot(i);
    switch (type) {
      case Node.T_NULL -> print("null");
      case Node.T_BOOL -> print(Boolean.toString(node.bool(slot)));
      case Node.T_I8, Node.T_I16, Node.T_I32, Node.T_I64 ->
          print(node.integer(type, slot) + "i" + (8 << (type - Node.T_I8)));
      case Node.T_F32 -> print(digits(Node.f32(slot)) + "f32");
      case Node.T_F64 -> print(digits(Double.longBitsToDouble(slot)) + "f64");
      case Node.T_STRING -> {
        int end = spend(node, minimum, node.stringEnd(slot, minimum));
        String string = node.string(i, slot);
        if (out != null) {
          Strings.quote(out, string);
        }
        return end;
      }
      case Node.T_BYTES -> {
        int end = spend(node, minimum, node.bytesEnd(slot, minimum));
        if (out != null) {
          hex(node.bytes(slot, minimum));
        }
        return end;
      }
      case Node.T_LIST, Node.T_MAP, Node.T_ARRAY, Node.T_EXT -> {
        if (Node.isEmpty(type, slot)) {
          print(type == Node.T_LIST ? "[]" : "{}");
          return minimum;
        }
        if (type != Node.T_ARRAY) {
          checkDepth(node, depth);
        }
        node.child(push().node, type, slot, minimum);
        enter(depth + 1);
        return DataExtents.end(node, i, minimum);
      }
      case Node.T_REF -> {
        Node target = push().node;
        node.target(target, slot);
        if (target.isBox()) {
          top--;
          box(target);
        } else {
          enter(1);
        }
      }
      default -> throw image.corrupt(node.slotAt(i), "there is no type " + (type & 0xff));
    }
    return minimum;
  }

  /** A string, or other value that is not a container, that several places refer to. */
  private void box(Node box) {
    if (box.type(0) >= Node.T_LIST) {
      throw image.corrupt(box.at, "a box holds a container");
    }
    boolean first = reached.get(box.at) == null;
    long saved = budget;
    // Its bytes are charged once, but it is printed every time.
    budget = first ? budget : Integer.MAX_VALUE;
    long before = budget;
    reached.put(box.at, ONCE);
    spend(box, box.head);
    leafOrPush(box, 0, box.head, 0);
    if (!first) {
      repeat(before - budget);
      budget = saved;
    }
  }

  private Frame push() {
    if (top == frames.size()) {
      frames.add(new Frame());
    }
    return frames.get(top++);
  }

  private void checkDepth(Node node, int depth) {
    if (depth >= Decoder.MAX_DEPTH) {
      throw image.corrupt(
          node.at, "more than " + Decoder.MAX_DEPTH + " containers inside each other");
    }
  }

  /** Begins the container on top of the stack, or drops it if it was there before. */
  private boolean enter(int depth) {
    Frame frame = frames.get(top - 1);
    Node node = frame.node;
    Integer state = node.shared ? reached.get(node.identity()) : null;
    if (node.shared && out == null) {
      reached.put(node.identity(), state == null ? ONCE : OFTEN);
      if (state != null) {
        top--;
        return false;
      }
    } else if (state != null && state > 0) {
      print("*" + state);
      top--;
      return false;
    } else if (state != null && state == OFTEN) {
      reached.put(node.identity(), ++labels);
      print("&" + labels);
    }
    if (!node.row) {
      spend(node, node.head);
    }
    frame.next = 0;
    frame.minimum = node.head;
    frame.depth = depth;
    if (out != null) {
      open(node);
    }
    return true;
  }

  private void open(Node node) {
    switch (node.kind) {
      case Node.LIST, Node.ROWS -> out.append('[');
      case Node.EXT -> out.append("ext(").append(Integer.toUnsignedString(node.arg)).append(',');
      case Node.ARRAY -> array(node);
      default -> out.append('{');
    }
  }

  private static String close(Node node) {
    return switch (node.kind) {
      case Node.LIST, Node.ROWS, Node.ARRAY -> "]";
      case Node.EXT -> ")";
      default -> "}";
    };
  }

  private void array(Node node) {
    boolean isFloat = node.elem == Node.T_F32 || node.elem == Node.T_F64;
    out.append(isFloat ? 'f' : 'i').append(8 * node.elementWidth()).append('[');
    Object array = ElementArrays.toArray(node);
    for (int i = 0; i < node.count; i++) {
      if (i > 0) {
        out.append(',');
      }
      switch (node.elem) {
        case Node.T_I8 -> out.append(((byte[]) array)[i]);
        case Node.T_I16 -> out.append(((short[]) array)[i]);
        case Node.T_I32 -> out.append(((int[]) array)[i]);
        case Node.T_I64 -> out.append(((long[]) array)[i]);
        case Node.T_F32 -> out.append(digits(((float[]) array)[i]));
        default -> out.append(digits(((double[]) array)[i]));
      }
    }
  }

  private void hex(byte[] bytes) {
    out.append("x\"");
    for (byte b : bytes) {
      out.append(Strings.hexDigit(b >> 4)).append(Strings.hexDigit(b));
    }
    out.append('"');
  }

  private void print(String text) {
    if (out != null) {
      out.append(text);
    }
  }

  // -------------------------------------------------------------------------------------- floats

  static String digits(float value) {
    if (!Float.isFinite(value) || value == 0) {
      return special(value, Math.copySign(1, value) < 0);
    }
    BigDecimal exact = new BigDecimal(value);
    for (int precision = 1; ; precision++) {
      BigDecimal rounded = exact.round(new MathContext(precision, RoundingMode.HALF_EVEN));
      if (Float.parseFloat(rounded.toString()) == value) {
        return scientific(rounded);
      }
    }
  }

  static String digits(double value) {
    if (!Double.isFinite(value) || value == 0) {
      return special(value, Math.copySign(1, value) < 0);
    }
    BigDecimal exact = new BigDecimal(value);
    for (int precision = 1; ; precision++) {
      BigDecimal rounded = exact.round(new MathContext(precision, RoundingMode.HALF_EVEN));
      if (Double.parseDouble(rounded.toString()) == value) {
        return scientific(rounded);
      }
    }
  }

  private static String special(double value, boolean negative) {
    if (Double.isNaN(value)) {
      return "nan";
    }
    return (negative ? "-" : "") + (value == 0 ? "0e0" : "inf");
  }

  private static String scientific(BigDecimal value) {
    BigDecimal shortest = value.stripTrailingZeros();
    String digits = shortest.unscaledValue().abs().toString();
    int exponent = digits.length() - 1 - shortest.scale();
    return (shortest.signum() < 0 ? "-" : "")
        + digits.charAt(0)
        + (digits.length() > 1 ? "." + digits.substring(1) : "")
        + "e"
        + exponent;
  }

  // ------------------------------------------------------------------------------------- account

  private void spend(Node node, int bytes) {
    budget -= bytes;
    if (budget < 0) {
      throw image.corrupt(node.at, "values of the copy overlap");
    }
  }

  private int spend(Node node, int from, int to) {
    spend(node, to - from);
    return to;
  }
}
