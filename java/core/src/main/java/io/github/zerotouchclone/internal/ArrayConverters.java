package io.github.zerotouchclone.internal;

import java.lang.reflect.Array;

/** Converters to arrays. */
final class ArrayConverters {
  private ArrayConverters() {}

  /** To an array of objects. */
  static final class ObjectArrayConverter extends NodeConverter {
    private final Class<?> component;
    private final Converter element;

    ObjectArrayConverter(Class<?> component, Converter element) {
      super(ObjectModel.simpleName(component) + "[]");
      this.component = component;
      this.element = element;
    }

    @Override
    boolean accepts(int type) {
      return type == Node.T_LIST || type == Node.T_ARRAY;
    }

    @Override
    boolean isOpaque() {
      return true;
    }

    @Override
    Object create(TypedDecoder decoder, Node node) {
      return Array.newInstance(component, node.count);
    }

    @Override
    Object fill(TypedDecoder decoder, Node node, int depth, Object created) {
      Object[] array = (Object[]) created;
      for (int i = 0; i < array.length; i++) {
        array[i] =
            node.kind == Node.ARRAY
                ? element.readElement(node, i)
                : decoder.element(element, node, i, depth);
      }
      return array;
    }

    @Override
    Object readEmpty(TypedDecoder decoder, int type) {
      if (type != Node.T_LIST) {
        throw PathError.mismatch(type, wanted);
      }
      return Array.newInstance(component, 0);
    }
  }

  /** To an array of primitives; in one step if the stored array has the same type. */
  static final class PrimitiveArrayConverter extends NodeConverter {
    private final Class<?> component;
    private final Converter element;

    PrimitiveArrayConverter(Class<?> component) {
      super(component.getName() + "[]");
      this.component = component;
      this.element = ScalarConverters.ofBoxed(component);
    }

    @Override
    boolean accepts(int type) {
      return type == Node.T_LIST
          || type == Node.T_ARRAY
          || (type == Node.T_EXT && component == char.class);
    }

    @Override
    Object readScalar(TypedDecoder decoder, Node node, int i, int type) {
      if (type == Node.T_BYTES && component == byte.class) {
        decoder.spend(node, (int) (node.slot(i) >>> 32));
        return LazyValues.bytes(node, i);
      }
      if (type == Node.T_STRING && component == char.class) {
        return decoder.string(node, i).toCharArray();
      }
      return super.readScalar(decoder, node, i, type);
    }

    @Override
    boolean isOpaque() {
      return true;
    }

    @Override
    Object create(TypedDecoder decoder, Node node) {
      return null; // it holds no references
    }

    @Override
    Object fill(TypedDecoder decoder, Node node, int depth, Object created) {
      if (node.kind == Node.EXT) {
        return characters(decoder, node);
      }
      if (node.kind == Node.ARRAY) {
        Object same = ElementArrays.toArray(node);
        if (same.getClass().getComponentType() == component) {
          return same;
        }
      }
      Object array = Array.newInstance(component, node.count);
      for (int i = 0; i < node.count; i++) {
        Object value =
            node.kind == Node.ARRAY
                ? element.readElement(node, i)
                : decoder.element(element, node, i, depth);
        Array.set(array, i, value);
      }
      return array;
    }

    /** Those of a string with an unpaired surrogate. */
    private char[] characters(TypedDecoder decoder, Node ext) {
      decoder.spend(ext, ext.end - ext.at - ext.head);
      String text = ext.arg == ExtIds.UTF16_STRING ? ExtValues.text(ext) : null;
      if (text == null) {
        throw PathError.mismatch(Node.T_EXT, wanted);
      }
      return text.toCharArray();
    }

    @Override
    Object readEmpty(TypedDecoder decoder, int type) {
      if (type != Node.T_LIST) {
        throw PathError.mismatch(type, wanted);
      }
      return Array.newInstance(component, 0);
    }
  }
}
