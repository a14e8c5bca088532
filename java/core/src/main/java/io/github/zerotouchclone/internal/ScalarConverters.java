package io.github.zerotouchclone.internal;

import io.github.zerotouchclone.Status;
import java.lang.reflect.AnnotatedElement;
import java.util.HashMap;
import java.util.Map;

/** Converters to strings, boxed numbers and enums. */
final class ScalarConverters {
  private ScalarConverters() {}

  /** The converter to a primitive or boxed type, or null if the class is none. */
  static Converter ofBoxed(Class<?> type) {
    boolean primitive = type.isPrimitive();
    return switch (type.getName()) {
      case "long", "java.lang.Long" -> new LongConverter(primitive);
      case "int", "java.lang.Integer" -> new IntConverter(primitive);
      case "short", "java.lang.Short" -> new ShortConverter(primitive);
      case "byte", "java.lang.Byte" -> new ByteConverter(primitive);
      case "double", "java.lang.Double" -> new DoubleConverter(primitive);
      case "float", "java.lang.Float" -> new FloatConverter(primitive);
      case "boolean", "java.lang.Boolean" -> new BooleanConverter(primitive);
      case "char", "java.lang.Character" -> new CharConverter(primitive);
      default -> null;
    };
  }

  /** To a string. */
  static final class StringConverter extends Converter {
    StringConverter() {
      super("String");
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
        decoder.spend(node, (int) Math.min(node.slot(i) >>> 32, Integer.MAX_VALUE));
        String text = LazyValues.text(node, i);
        if (text != null) {
          return text;
        }
      }
      throw PathError.mismatch(node.valueType(i), wanted).at(node, i);
    }
  }

  /** To a boxed type, of which {@code null} is a value unless a primitive is wanted. */
  private abstract static class Boxed extends Converter {
    private final boolean primitive;

    Boxed(String wanted, boolean primitive) {
      super(wanted);
      this.primitive = primitive;
    }

    abstract Object box(Node node, int i, int type);

    @Override
    final Object read(TypedDecoder decoder, Node node, int i, int type, int depth) {
      boolean isNull = type == Node.T_NULL || (type == Node.T_REF && node.valueType(i) == 0);
      return isNull && !primitive ? null : box(node, i, type);
    }

    @Override
    final Object readElement(Node array, int i) {
      Object element = Elements.exactly(ElementArrays.boxed(array, i), wanted);
      if (element == null) {
        throw PathError.lossy(ElementArrays.boxed(array, i), wanted).at(array, i);
      }
      return element;
    }
  }

  private static final class LongConverter extends Boxed {
    LongConverter(boolean primitive) {
      super("long", primitive);
    }

    @Override
    Object box(Node node, int i, int type) {
      return Scalars.integer(node, i, type, wanted);
    }
  }

  private static final class IntConverter extends Boxed {
    IntConverter(boolean primitive) {
      super("int", primitive);
    }

    @Override
    Object box(Node node, int i, int type) {
      return Scalars.intAt(node, i, type);
    }
  }

  private static final class ShortConverter extends Boxed {
    ShortConverter(boolean primitive) {
      super("short", primitive);
    }

    @Override
    Object box(Node node, int i, int type) {
      return Scalars.shortAt(node, i, type);
    }
  }

  private static final class ByteConverter extends Boxed {
    ByteConverter(boolean primitive) {
      super("byte", primitive);
    }

    @Override
    Object box(Node node, int i, int type) {
      return Scalars.byteAt(node, i, type);
    }
  }

  private static final class DoubleConverter extends Boxed {
    DoubleConverter(boolean primitive) {
      super("double", primitive);
    }

    @Override
    Object box(Node node, int i, int type) {
      return Scalars.number(node, i, type, wanted);
    }
  }

  private static final class FloatConverter extends Boxed {
    FloatConverter(boolean primitive) {
      super("float", primitive);
    }

    @Override
    Object box(Node node, int i, int type) {
      return Scalars.single(node, i, type);
    }
  }

  private static final class BooleanConverter extends Boxed {
    BooleanConverter(boolean primitive) {
      super("boolean", primitive);
    }

    @Override
    Object box(Node node, int i, int type) {
      return Scalars.bool(node, i, type);
    }
  }

  private static final class CharConverter extends Boxed {
    CharConverter(boolean primitive) {
      super("char", primitive);
    }

    @Override
    Object box(Node node, int i, int type) {
      return Scalars.character(node, i, type);
    }
  }

  /** To the constants of an enum, by the name that a string or an ext enum says. */
  static final class EnumConverter extends Converter {
    private final Map<String, Object> constants = new HashMap<>();

    EnumConverter(Class<?> type) {
      super("enum " + ObjectModel.simpleName(type));
      for (Object constant : type.getEnumConstants()) {
        String name = ((Enum<?>) constant).name();
        constants.put(FieldNames.of(name, field(type, name)), constant);
      }
    }

    private static AnnotatedElement field(Class<?> type, String name) {
      try {
        return type.getField(name);
      } catch (NoSuchFieldException e) { // of an enum constant
        throw new AssertionError(e);
      }
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
