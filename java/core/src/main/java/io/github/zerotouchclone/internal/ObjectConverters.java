package io.github.zerotouchclone.internal;

import java.math.BigDecimal;
import java.math.BigInteger;

/** Converters to whatever a value is. */
final class ObjectConverters {
  private ObjectConverters() {}

  /** To what {@link Decoder} makes. */
  static final class UntypedConverter extends Converter {
    UntypedConverter() {
      super("Object");
    }

    @Override
    Object read(TypedDecoder decoder, Node node, int i, int type, int depth) {
      return decoder.untyped(node, i);
    }

    @Override
    Object readNode(TypedDecoder decoder, Node node, int depth) {
      return decoder.untyped(node);
    }

    @Override
    Object readElement(Node array, int i) {
      return ElementArrays.boxed(array, i);
    }

    @Override
    Object readEmpty(TypedDecoder decoder, int type) {
      return Decoder.empty(type);
    }
  }

  /** To what {@link Decoder} makes, if that is of a class. */
  static final class InstanceConverter extends Converter {
    private final Class<?> type;

    InstanceConverter(Class<?> type) {
      super(ObjectModel.simpleName(type));
      this.type = type;
    }

    private Object cast(Object value) {
      if (value == null || type.isInstance(value)) {
        return value;
      }
      boolean integer =
          value instanceof Long
              || value instanceof Integer
              || value instanceof Short
              || value instanceof Byte;
      if (integer && type == BigInteger.class) {
        return BigInteger.valueOf(((Number) value).longValue());
      }
      if (integer && type == BigDecimal.class) {
        return BigDecimal.valueOf(((Number) value).longValue());
      }
      if (value instanceof BigInteger big && type == BigDecimal.class) {
        return new BigDecimal(big);
      }
      return this; // no value has this class
    }

    @Override
    Object read(TypedDecoder decoder, Node node, int i, int stored, int depth) {
      Object value = cast(decoder.untyped(node, i));
      if (value == this) {
        throw PathError.mismatch(node.valueType(i), wanted).at(node, i);
      }
      return value;
    }

    @Override
    Object readNode(TypedDecoder decoder, Node node, int depth) {
      Object value = cast(decoder.untyped(node));
      if (value == this) {
        throw PathError.mismatch(node.valueType(), wanted);
      }
      return value;
    }

    @Override
    Object readElement(Node array, int i) {
      Object value = cast(ElementArrays.boxed(array, i));
      return value == this ? super.readElement(array, i) : value;
    }

    @Override
    Object readEmpty(TypedDecoder decoder, int stored) {
      Object value = cast(Decoder.empty(stored));
      return value == this ? super.readEmpty(decoder, stored) : value;
    }
  }
}
