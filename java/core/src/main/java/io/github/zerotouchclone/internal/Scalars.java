package io.github.zerotouchclone.internal;

import io.github.zerotouchclone.Status;

/**
 * Reads values without boxing. Numbers may be stored in another width, or as an ext value: what
 * fits exactly is delivered, anything else is an error. The methods that end in {@code At} are
 * called by generated code, with the type that the slot has if the node does not say.
 */
final class Scalars {
  private Scalars() {}

  static long longAt(TypedDecoder decoder, Node node, int i, int usual) {
    int type = node.type(i, usual);
    return type == Node.T_I64 ? node.slot(i) : integer(decoder, node, i, type, "long");
  }

  static int intAt(TypedDecoder decoder, Node node, int i, int usual) {
    long value = integer(decoder, node, i, node.type(i, usual), "int");
    return (int) fit(value, (int) value, node, i, "int");
  }

  static short shortAt(TypedDecoder decoder, Node node, int i, int usual) {
    long value = integer(decoder, node, i, node.type(i, usual), "short");
    return (short) fit(value, (short) value, node, i, "short");
  }

  static byte byteAt(TypedDecoder decoder, Node node, int i, int usual) {
    long value = integer(decoder, node, i, node.type(i, usual), "byte");
    return (byte) fit(value, (byte) value, node, i, "byte");
  }

  static double doubleAt(TypedDecoder decoder, Node node, int i, int usual) {
    int type = node.type(i, usual);
    return type == Node.T_F64
        ? Double.longBitsToDouble(node.slot(i))
        : number(decoder, node, i, type, "double");
  }

  static float floatAt(TypedDecoder decoder, Node node, int i, int usual) {
    return single(decoder, node, i, node.type(i, usual));
  }

  static boolean booleanAt(TypedDecoder decoder, Node node, int i, int usual) {
    return bool(decoder, node, i, node.type(i, usual));
  }

  static char charAt(TypedDecoder decoder, Node node, int i, int usual) {
    return character(decoder, node, i, node.type(i, usual));
  }

  // ------------------------------------------------------------------------------ by stored type

  private static long fit(long value, long narrowed, Node node, int i, String wanted) {
    if (value != narrowed) {
      throw PathError.lossy(value, wanted).at(node, i);
    }
    return value;
  }

  static long integer(TypedDecoder decoder, Node node, int i, int type, String wanted) {
    if (type >= Node.T_I8 && type <= Node.T_I64) {
      return node.integer(type, node.slot(i));
    }
    Node holder = holder(decoder, node, i, type, wanted);
    try {
      if (holder.kind != Node.EXT) {
        return integer(decoder, holder, 0, holder.type(0), wanted);
      }
      return type == Node.T_REF ? decoder.numbers.integer(holder, wanted) : integer(holder, wanted);
    } catch (PathError e) {
      throw e.at(node, i);
    }
  }

  /** The integer that an EXT is, as it says. */
  static long integer(Node ext, String wanted) {
    Object number = ExtNumbers.of(ext);
    if (number == null) {
      throw PathError.mismatch(Node.T_EXT, wanted);
    }
    Long integer = ExtNumbers.toLong(number);
    if (integer == null) {
      throw PathError.lossy(ExtNumbers.text(number), wanted);
    }
    return integer;
  }

  /** The EXT that a value is, or the EXT or box that it refers to. */
  private static Node holder(TypedDecoder decoder, Node node, int i, int type, String wanted) {
    if (type == Node.T_EXT) {
      decoder.spendExt(node, i);
      return node.container(i);
    }
    if (type != Node.T_REF) {
      throw mismatch(node, i, wanted);
    }
    Node target = node.target(new Node(), node.slot(i));
    if (target.kind != Node.EXT) {
      checkBox(target, node, i, wanted);
    }
    return target;
  }

  /** The box that a whole EXT becomes. */
  static Object ofExt(Node ext, String wanted) {
    Object value =
        switch (wanted) {
          case "double", "float" -> Elements.exactly(number(ext, wanted), wanted);
          case "char" -> character(ext);
          case "boolean" -> null;
          default -> Elements.exactly(integer(ext, wanted), wanted);
        };
    if (value != null) {
      return value;
    }
    Object number = ExtNumbers.of(ext);
    boolean isNumber = number != null && !wanted.equals("char") && !wanted.equals("boolean");
    throw isNumber
        ? PathError.lossy(ExtNumbers.text(number), wanted)
        : PathError.mismatch(Node.T_EXT, wanted);
  }

  static double number(TypedDecoder decoder, Node node, int i, int type, String wanted) {
    if (type == Node.T_F64) {
      return Double.longBitsToDouble(node.slot(i));
    }
    if (type == Node.T_F32) {
      return Node.f32(node.slot(i));
    }
    if (type == Node.T_EXT || type == Node.T_REF) {
      Node holder = holder(decoder, node, i, type, wanted);
      try {
        if (holder.kind != Node.EXT) {
          return number(decoder, holder, 0, holder.type(0), wanted);
        }
        return type == Node.T_REF ? decoder.numbers.number(holder, wanted) : number(holder, wanted);
      } catch (PathError e) {
        throw e.at(node, i);
      }
    }
    long integer = integer(decoder, node, i, type, wanted);
    if (!isExact(integer)) {
      throw PathError.lossy(integer, wanted).at(node, i);
    }
    return integer;
  }

  /** The number that an EXT is, as it says. */
  static double number(Node ext, String wanted) {
    Object number = ExtNumbers.of(ext);
    if (number == null) {
      throw PathError.mismatch(Node.T_EXT, wanted);
    }
    Double nearest = ExtNumbers.toDouble(number);
    if (nearest == null) {
      throw PathError.lossy(ExtNumbers.text(number), wanted);
    }
    return nearest;
  }

  /** Whether an integer is a double, too; (long) of 2^63 is 2^63 - 1. */
  static boolean isExact(long integer) {
    double value = integer;
    return (long) value == integer && value != 0x1p63;
  }

  static float single(TypedDecoder decoder, Node node, int i, int type) {
    double value = number(decoder, node, i, type, "float");
    if ((float) value != value && value == value) {
      throw PathError.lossy(value, "float").at(node, i);
    }
    return (float) value;
  }

  static boolean bool(TypedDecoder decoder, Node node, int i, int type) {
    if (type == Node.T_BOOL) {
      return node.bool(node.slot(i));
    }
    if (type == Node.T_REF) {
      Node box = box(node, i, "boolean");
      if (box.type(0) == Node.T_BOOL) {
        return box.bool(box.slot(0));
      }
    }
    throw mismatch(node, i, "boolean");
  }

  static char character(TypedDecoder decoder, Node node, int i, int type) {
    boolean isExt = type == Node.T_EXT;
    if (isExt) {
      decoder.spendExt(node, i);
    }
    if (isExt || (type == Node.T_REF && node.valueType(i) == Node.T_EXT)) {
      Node ext = node.container(i);
      // The text of one that others refer to, too, is not read here: it may be long.
      Character character = isExt || ext.arg == ExtIds.CHAR ? character(ext) : null;
      if (character != null) {
        return character;
      }
    }
    if (node.valueType(i) == Node.T_STRING) {
      String string = LazyValues.string(node, i);
      if (string.length() == 1) {
        return string.charAt(0);
      }
      throw new PathError(
              Status.LOSSY, "a string of length " + string.length() + " does not fit char")
          .at(node, i);
    }
    throw mismatch(node, i, "char");
  }

  /** The only character of an EXT's text, or null. */
  private static Character character(Node ext) {
    String text = ExtValues.text(ext);
    return text != null && text.length() == 1 ? (Character) text.charAt(0) : null;
  }

  private static Node box(Node node, int i, String wanted) {
    Node box = node.target(new Node(), node.slot(i));
    checkBox(box, node, i, wanted);
    return box;
  }

  private static void checkBox(Node box, Node node, int i, String wanted) {
    if (!box.isBox() || box.type(0) >= Node.T_LIST) {
      throw PathError.mismatch(box.valueType(), wanted).at(node, i);
    }
  }

  private static PathError mismatch(Node node, int i, String wanted) {
    return PathError.mismatch(node.valueType(i), wanted).at(node, i);
  }
}
