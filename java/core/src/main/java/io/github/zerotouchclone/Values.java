package io.github.zerotouchclone;

import io.github.zerotouchclone.internal.ElementArrays;
import io.github.zerotouchclone.internal.ExtNumbers;
import io.github.zerotouchclone.internal.LazyValues;
import io.github.zerotouchclone.internal.Node;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

/**
 * Values of a node as getters deliver them. Each method takes the view that is asked, the node, the
 * number of the value in it, and for messages the step from the view to the value: a key or a
 * {@link FieldHandle}, or if that is null the number of an element.
 */
final class Values {
  private Values() {}

  static ValueType type(Node node, int i) {
    return ValueType.ofCode(node.isArray() ? node.elementType() : node.valueType(i));
  }

  static Object object(RecordCopy view, Node node, int i) {
    return node.isArray() ? ElementArrays.boxed(node, i) : view.decoder().object(node, i);
  }

  static String string(RecordCopy view, Node node, int i, Object step, int element) {
    ValueType type = type(node, i);
    if (type == ValueType.STRING) {
      return LazyValues.string(node, i);
    }
    if (type == ValueType.EXT) {
      String text = LazyValues.text(node, i);
      if (text != null) {
        return text;
      }
    }
    return noObject(view, type, step, element, "a string");
  }

  static int int32(RecordCopy view, Node node, int i, Object step, int element) {
    long value = int64(view, node, i, step, element);
    if ((int) value != value) {
      throw lossy(view, step, element, Long.toString(value), "int");
    }
    return (int) value;
  }

  static long int64(RecordCopy view, Node node, int i, Object step, int element) {
    ValueType type = type(node, i);
    Object number = type == ValueType.EXT ? ExtNumbers.of(node, i) : null;
    if (number != null) {
      Long integer = ExtNumbers.toLong(number);
      if (integer == null) {
        throw lossy(view, step, element, ExtNumbers.text(number), "long");
      }
      return integer;
    }
    if (!type.isInteger()) {
      throw mismatch(view, type, step, element, "an integer");
    }
    return integer(node, i);
  }

  private static RegionException lossy(
      RecordCopy view, Object step, int element, String number, String wanted) {
    String reason = number + " does not fit " + wanted;
    return Whereabouts.error(view, Status.LOSSY, step, element, reason);
  }

  private static long integer(Node node, int i) {
    return node.isArray() ? ElementArrays.integer(node, i) : LazyValues.integer(node, i);
  }

  static double number(
      RecordCopy view, Node node, int i, Object step, int element, boolean single) {
    ValueType type = type(node, i);
    String wanted = single ? "float" : "double";
    Object number = type == ValueType.EXT ? ExtNumbers.of(node, i) : null;
    double value;
    if (type == ValueType.F32 || type == ValueType.F64) {
      value = node.isArray() ? ElementArrays.number(node, i) : LazyValues.number(node, i);
    } else if (number != null) {
      Double nearest = ExtNumbers.toDouble(number);
      if (nearest == null) {
        throw lossy(view, step, element, ExtNumbers.text(number), wanted);
      }
      value = nearest;
    } else {
      long integer = int64(view, node, i, step, element);
      value = integer;
      // (long) of 2^63 is 2^63 - 1.
      if ((long) value != integer || value == 0x1p63) {
        throw lossy(view, step, element, Long.toString(integer), wanted);
      }
    }
    if (single && (float) value != value && value == value) {
      throw lossy(view, step, element, Double.toString(value), wanted);
    }
    return value;
  }

  static boolean bool(RecordCopy view, Node node, int i, Object step, int element) {
    ValueType type = type(node, i);
    if (type != ValueType.BOOL) {
      throw mismatch(view, type, step, element, "a boolean");
    }
    return LazyValues.bool(node, i);
  }

  static byte[] bytes(RecordCopy view, Node node, int i, Object step, int element) {
    ValueType type = type(node, i);
    if (type == ValueType.BYTES) {
      return LazyValues.bytes(node, i);
    }
    if (type == ValueType.ARRAY && node.container(i).elementType() == ValueType.I8.code()) {
      return (byte[]) ElementArrays.toArray(node.container(i));
    }
    return noObject(view, type, step, element, "bytes");
  }

  static RecordCopy container(RecordCopy view, Node node, int i, Object step, int element) {
    ValueType type = type(node, i);
    return type.isContainer()
        ? view.nested(node, i, type, step, element)
        : noObject(view, type, step, element, "a map, list, array or ext");
  }

  @SuppressWarnings("unchecked")
  static List<Object> list(RecordCopy view, Node node, int i, Object step, int element) {
    ValueType type = type(node, i);
    return type == ValueType.LIST
        ? (List<Object>) view.decoder().object(node, i)
        : noObject(view, type, step, element, "a list");
  }

  @SuppressWarnings("unchecked")
  static Map<String, Object> map(RecordCopy view, Node node, int i, Object step, int element) {
    ValueType type = type(node, i);
    return type == ValueType.MAP
        ? (Map<String, Object>) view.decoder().object(node, i)
        : noObject(view, type, step, element, "a map");
  }

  /** A fresh array of this very element type. */
  static <A> A array(RecordCopy view, Node node, int i, Object step, int element, Class<A> wanted) {
    ValueType type = type(node, i);
    if (type != ValueType.ARRAY) {
      return noObject(view, type, step, element, "an array");
    }
    Node array = node.container(i);
    if (array.elementType() != elementType(wanted).code()) {
      throw Whereabouts.error(
          view,
          Status.TYPE_MISMATCH,
          step,
          element,
          "the array's elements are of type "
              + ValueType.ofCode(array.elementType())
              + ", not "
              + elementType(wanted));
    }
    return wanted.cast(ElementArrays.toArray(array));
  }

  private static ValueType elementType(Class<?> array) {
    return array == short[].class
        ? ValueType.I16
        : array == int[].class
            ? ValueType.I32
            : array == long[].class
                ? ValueType.I64
                : array == float[].class ? ValueType.F32 : ValueType.F64;
  }

  static ByteBuffer buffer(RecordCopy view, Node node, int i, Object step, int element) {
    ValueType type = type(node, i);
    return type == ValueType.ARRAY
        ? ElementArrays.buffer(node.container(i), !view.isIndependent())
        : noObject(view, type, step, element, "an array");
  }

  private static <T> T noObject(
      RecordCopy view, ValueType type, Object step, int element, String wanted) {
    if (type == ValueType.NULL) {
      return null;
    }
    throw mismatch(view, type, step, element, wanted);
  }

  private static RegionException mismatch(
      RecordCopy view, ValueType found, Object step, int element, String wanted) {
    String reason = "the value is of type " + found + ", not " + wanted;
    return Whereabouts.error(view, Status.TYPE_MISMATCH, step, element, reason);
  }
}
