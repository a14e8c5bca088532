package io.github.zerotouchclone.internal;

import io.github.zerotouchclone.Status;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;

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

  /** To what {@link Decoder} makes, if that is of a class, or a number that this can hold. */
  static final class InstanceConverter extends Converter {
    private final Class<?> type;

    InstanceConverter(Class<?> type) {
      super(ObjectModel.simpleName(type));
      this.type = type;
    }

    /**
     * The value as an instance of the class.
     *
     * @param stored the type of the value in the region
     */
    private Object cast(Object value, int stored) {
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
      if (value instanceof byte[] bytes && type == ByteBuffer.class) {
        return ByteBuffer.wrap(bytes);
      }
      if (value instanceof BigDecimal decimal && type == BigInteger.class) {
        return whole(ExtNumbers.toBigInteger(decimal), decimal);
      }
      if (value instanceof BigInteger big && type == BigDecimal.class) {
        return new BigDecimal(big);
      }
      if ((value instanceof Double || value instanceof Float) && type == BigDecimal.class) {
        if (!Double.isFinite(((Number) value).doubleValue())) {
          throw PathError.lossy(value, wanted);
        }
        return new BigDecimal(value.toString()); // the shortest one: 0.1 is 0.1
      }
      throw PathError.mismatch(stored, wanted);
    }

    private BigInteger whole(BigInteger integer, BigDecimal decimal) {
      if (integer == null) {
        throw new PathError(Status.LOSSY, ExtNumbers.text(decimal) + " does not fit " + wanted);
      }
      return integer;
    }

    @Override
    Object read(TypedDecoder decoder, Node node, int i, int stored, int depth) {
      Object value = decoder.untyped(node, i);
      try {
        if (stored == Node.T_REF
            && type == BigInteger.class
            && value instanceof BigDecimal decimal) {
          return whole(decoder.numbers.whole(node.holder(i).at, decimal), decimal);
        }
        return cast(value, node.valueType(i));
      } catch (PathError e) {
        throw e.at(node, i);
      }
    }

    @Override
    Object readNode(TypedDecoder decoder, Node node, int depth) {
      return cast(decoder.untyped(node), node.valueType());
    }

    @Override
    Object readElement(Node array, int i) {
      try {
        return cast(ElementArrays.boxed(array, i), array.elementType());
      } catch (PathError e) {
        throw e.at(array, i);
      }
    }

    @Override
    Object readEmpty(TypedDecoder decoder, int stored) {
      return cast(Decoder.empty(stored), stored);
    }
  }
}
