package io.github.zerotouchclone.internal;

import io.github.zerotouchclone.Status;
import java.lang.invoke.MethodType;
import java.lang.reflect.AnnotatedElement;
import java.util.HashMap;
import java.util.Map;

/** Converters to strings, boxed numbers and enums. */
final class ScalarConverters {
  private ScalarConverters() {}

  /** The converter to a primitive or boxed type, or null if the class is none. */
  static Converter ofBoxed(Class<?> type) {
    String wanted = MethodType.methodType(type).unwrap().returnType().getName();
    Reader reader =
        switch (wanted) {
          case "long" -> Scalars::longAt;
          case "int" -> Scalars::intAt;
          case "short" -> Scalars::shortAt;
          case "byte" -> Scalars::byteAt;
          case "double" -> Scalars::doubleAt;
          case "float" -> Scalars::single;
          case "boolean" -> Scalars::bool;
          case "char" -> Scalars::character;
          default -> null;
        };
    return reader == null ? null : new BoxedConverter(wanted, type.isPrimitive(), reader);
  }

  /** To a string. */
  static final class StringConverter extends Converter {
    StringConverter() {
      super("String");
    }

    @Override
    boolean isScalar() {
      return true;
    }

    @Override
    boolean takes(int type) {
      return type == Node.T_STRING;
    }

    @Override
    int check(Plain copy, int at, int slot, int minimum, int end) {
      return copy.checkString(at, slot, minimum, end);
    }

    @Override
    Object take(Plain copy, int at, int slot) {
      return copy.string(at, slot);
    }

    @Override
    Object read(TypedDecoder decoder, Node node, int i, int type, int depth) {
      if (type == Node.T_STRING) {
        return decoder.string(node, i);
      }
      if (type == Node.T_NULL) {
        return null;
      }
      if (type == Node.T_REF) {
        return decoder.reference(this, node, i, depth);
      }
      if (type == Node.T_EXT) {
        decoder.spendExt(node, i);
        String text = LazyValues.text(node, i);
        if (text != null) {
          return text;
        }
      }
      throw PathError.mismatch(node.valueType(i), wanted).at(node, i);
    }

    @Override
    Object readNode(TypedDecoder decoder, Node node, int depth) {
      if (node.kind == Node.EXT) {
        decoder.spend(node, node.end - node.at - node.head);
        String text = ExtValues.text(node);
        if (text != null) {
          return text;
        }
      }
      throw PathError.mismatch(node.valueType(), wanted);
    }
  }

  /** Reads a value as the box of a primitive. */
  private interface Reader {
    Object read(TypedDecoder decoder, Node node, int i, int type);
  }

  /** To a boxed type, of which {@code null} is a value unless a primitive is wanted. */
  private static final class BoxedConverter extends Converter {
    private final boolean primitive;
    private final Reader reader;

    BoxedConverter(String wanted, boolean primitive, Reader reader) {
      super(wanted);
      this.primitive = primitive;
      this.reader = reader;
    }

    @Override
    boolean isScalar() {
      return true;
    }

    @Override
    Object read(TypedDecoder decoder, Node node, int i, int type, int depth) {
      boolean isNull = type == Node.T_NULL || (type == Node.T_REF && node.valueType(i) == 0);
      return isNull && !primitive ? null : reader.read(decoder, node, i, type);
    }

    @Override
    Object readNode(TypedDecoder decoder, Node node, int depth) {
      if (node.kind != Node.EXT) {
        return super.readNode(decoder, node, depth);
      }
      decoder.spend(node, node.end - node.at - node.head);
      return Scalars.ofExt(node, wanted);
    }

    @Override
    Object readElement(Node array, int i) {
      Object stored = ElementArrays.boxed(array, i);
      Object element = Elements.exactly(stored, wanted);
      if (element == null) {
        throw PathError.lossy(stored, wanted).at(array, i);
      }
      return element;
    }
  }

  /**
   * To the constants of an enum, by the name that a string or an ext enum says: its own, which is
   * what is written, or the one that an annotation gives it.
   */
  static final class EnumConverter extends Converter {
    private final Map<String, Object> constants = new HashMap<>();

    EnumConverter(Class<?> type) {
      super("enum " + ObjectModel.simpleName(type));
      Object[] all = type.getEnumConstants();
      for (Object constant : all) {
        constants.put(((Enum<?>) constant).name(), constant);
      }
      for (Object constant : all) {
        String given = FieldNames.of(null, field(type, ((Enum<?>) constant).name()));
        Object other = given == null ? null : constants.putIfAbsent(given, constant);
        if (other != null && other != constant) {
          throw ObjectConverter.unusable(type, "two constants have the name " + given);
        }
      }
    }

    private static AnnotatedElement field(Class<?> type, String name) {
      try {
        return type.getField(name);
      } catch (NoSuchFieldException e) { // of an enum constant
        throw new AssertionError(e);
      }
    }

    @Override
    boolean isScalar() {
      return true;
    }

    /** The constant with this name, or null. */
    Object constant(String name) {
      return constants.get(name);
    }

    @Override
    Object read(TypedDecoder decoder, Node node, int i, int type, int depth) {
      if (type == Node.T_NULL) {
        return null;
      }
      if (type == Node.T_REF) {
        Node target = node.target(new Node(), node.slot(i));
        return target.isBox() ? decoder.reference(this, node, i, depth) : ofExt(target, node, i);
      }
      if (type == Node.T_STRING) {
        return ofName(decoder.string(node, i), node, i);
      }
      if (type != Node.T_EXT) {
        throw PathError.mismatch(node.valueType(i), wanted).at(node, i);
      }
      decoder.spendExt(node, i);
      return ofExt(node.container(i), node, i);
    }

    @Override
    Object readNode(TypedDecoder decoder, Node node, int depth) {
      return ofExt(node, node, -1);
    }

    private Object ofExt(Node ext, Node node, int i) {
      String name = ext.kind == Node.EXT ? ExtValues.text(ext) : null;
      if (name != null) {
        return ofName(name, node, i);
      }
      PathError error = PathError.mismatch(ext.valueType(), wanted);
      throw i < 0 ? error : error.at(node, i);
    }

    private Object ofName(String name, Node node, int i) {
      Object constant = constants.get(name);
      if (constant == null) {
        PathError error = new PathError(Status.TYPE_MISMATCH, wanted + " has no constant " + name);
        throw i < 0 ? error : error.at(node, i);
      }
      return constant;
    }
  }
}
