package io.github.zerotouchclone.internal;

import io.github.zerotouchclone.Status;

/**
 * Reads values without boxing. Numbers may be stored in another width: what fits exactly is
 * delivered, anything else is an error. The methods that end in {@code At} are called by generated
 * code, with the type that the slot has if the node does not say.
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
    if (type == Node.T_REF) {
      Node box = box(node, i, wanted);
      try {
        return integer(box, 0, box.type(0), wanted);
      } catch (PathError e) {
        throw e.at(node, i);
      }
    }
    if (type == Node.T_EXT) {
      Node ext = node.container(i);
      if (ext.arg == ExtIds.UINT64 && ext.type(0) == Node.T_I64) {
        if (ext.slot(0) < 0) {
          throw PathError.lossy(Long.toUnsignedString(ext.slot(0)), wanted).at(node, i);
        }
        return ext.slot(0);
      }
    }
    throw mismatch(node, i, wanted);
  }

  static double number(Node node, int i, int type, String wanted) {
    if (type == Node.T_F64) {
      return Double.longBitsToDouble(node.slot(i));
    }
    if (type == Node.T_F32) {
      return Node.f32(node.slot(i));
    }
    if (type == Node.T_REF) {
      Node box = box(node, i, wanted);
      try {
        return number(box, 0, box.type(0), wanted);
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
    if (type == Node.T_EXT) {
      String text = LazyValues.text(node, i);
      if (text != null && text.length() == 1) {
        return text.charAt(0);
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

  private static Node box(Node node, int i, String wanted) {
    Node box = node.target(new Node(), node.slot(i));
    if (!box.isBox() || box.type(0) >= Node.T_LIST) {
      throw PathError.mismatch(box.valueType(), wanted).at(node, i);
    }
    return box;
  }

  private static PathError mismatch(Node node, int i, String wanted) {
    return PathError.mismatch(node.valueType(i), wanted).at(node, i);
  }
}
