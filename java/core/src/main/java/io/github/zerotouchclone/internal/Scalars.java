package io.github.zerotouchclone.internal;

import io.github.zerotouchclone.Status;

/**
 * Reads values without boxing. Numbers may be stored in another width, or as an ext value: what
 * fits exactly is delivered, anything else is an error. The methods that end in {@code At} are
 * called by generated code, with the type that the slot has if the node does not say.
 */
final class Scalars {
  private Scalars() {}

  static long longAt(Node node, int i, int usual) {
    int type = node.type(i, usual);
    return type == Node.T_I64 ? node.slot(i) : integer(node, i, type, "long");
  }

  static int intAt(Node node, int i, int usual) {
    long value = integer(node, i, node.type(i, usual), "int");
    return (int) fit(value, (int) value, node, i, "int");
  }

  static short shortAt(Node node, int i, int usual) {
    long value = integer(node, i, node.type(i, usual), "short");
    return (short) fit(value, (short) value, node, i, "short");
  }

  static byte byteAt(Node node, int i, int usual) {
    long value = integer(node, i, node.type(i, usual), "byte");
    return (byte) fit(value, (byte) value, node, i, "byte");
  }

  static double doubleAt(Node node, int i, int usual) {
    int type = node.type(i, usual);
    return type == Node.T_F64
        ? Double.longBitsToDouble(node.slot(i))
        : number(node, i, type, "double");
  }

  static float floatAt(Node node, int i, int usual) {
    return single(node, i, node.type(i, usual));
  }

  static boolean booleanAt(Node node, int i, int usual) {
    return bool(node, i, node.type(i, usual));
  }

  static char charAt(Node node, int i, int usual) {
    return character(node, i, node.type(i, usual));
  }

  // ------------------------------------------------------------------------------ by stored type

  private static long fit(long value, long narrowed, Node node, int i, String wanted) {
    if (value != narrowed) {
      throw PathError.lossy(value, wanted).at(node, i);
    }
    return value;
  }

  static long integer(Node node, int i, int type, String wanted) {
    if (type >= Node.T_I8 && type <= Node.T_I64) {
      return node.integer(type, node.slot(i));
    }
    Node holder = holder(node, i, type, wanted);
    try {
      return holder.kind == Node.EXT
          ? integer(holder, wanted)
          : integer(holder, 0, holder.type(0), wanted);
    } catch (PathError e) {
      throw e.at(node, i);
    }
  }

  private static long integer(Node ext, String wanted) {
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
  private static Node holder(Node node, int i, int type, String wanted) {
    if (type == Node.T_EXT) {
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

  static double number(Node node, int i, int type, String wanted) {
    if (type == Node.T_F64) {
      return Double.longBitsToDouble(node.slot(i));
    }
    if (type == Node.T_F32) {
      return Node.f32(node.slot(i));
    }
    if (type == Node.T_EXT || type == Node.T_REF) {
      Node holder = holder(node, i, type, wanted);
      try {
        return holder.kind == Node.EXT
            ? number(holder, wanted)
            : number(holder, 0, holder.type(0), wanted);
      } catch (PathError e) {
        throw e.at(node, i);
      }
    }
    long integer = integer(node, i, type, wanted);
    if (!isExact(integer)) {
      throw PathError.lossy(integer, wanted).at(node, i);
    }
    return integer;
  }

  private static double number(Node ext, String wanted) {
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

  static float single(Node node, int i, int type) {
    double value = number(node, i, type, "float");
    if ((float) value != value && value == value) {
      throw PathError.lossy(value, "float").at(node, i);
    }
    return (float) value;
  }

  static boolean bool(Node node, int i, int type) {
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

  static char character(Node node, int i, int type) {
    boolean isExt = type == Node.T_EXT;
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
