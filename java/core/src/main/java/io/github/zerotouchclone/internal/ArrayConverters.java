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
      return type == Node.T_LIST || type == Node.T_ARRAY || type == Node.T_EXT;
    }

    @Override
    boolean isOpaque() {
      return true;
    }

    @Override
    Object create(TypedDecoder decoder, Node node) {
      Node list = CollectionConverters.charged(decoder, node, wanted);
      return Array.newInstance(component, list == null ? 0 : list.count);
    }

    @Override
    Object fill(TypedDecoder decoder, Node node, int depth, Object created) {
      Object[] array = (Object[]) created;
      Node list = array.length == 0 ? null : CollectionConverters.elements(node, wanted);
      for (int i = 0; i < array.length; i++) {
        array[i] =
            list.kind == Node.ARRAY
                ? element.readElement(list, i)
                : decoder.element(element, list, i, depth);
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
      return type == Node.T_LIST || type == Node.T_ARRAY || type == Node.T_EXT;
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
      if (node.kind == Node.EXT && node.arg == ExtIds.UTF16_STRING && component == char.class) {
        return characters(decoder, node);
      }
      Node list = CollectionConverters.charged(decoder, node, wanted);
      if (node.kind == Node.ARRAY) {
        Object same = ElementArrays.toArray(node);
        if (same.getClass().getComponentType() == component) {
          return same;
        }
      }
      int count = list == null ? 0 : list.count;
      Object array = Array.newInstance(component, count);
      for (int i = 0; i < count; i++) {
        Object value =
            list.kind == Node.ARRAY
                ? element.readElement(list, i)
                : decoder.element(element, list, i, depth);
        Array.set(array, i, value);
      }
      return array;
    }

    /** Those of a string with an unpaired surrogate. */
    private char[] characters(TypedDecoder decoder, Node ext) {
      decoder.spend(ext, ext.end - ext.at - ext.head);
      String text = ExtValues.text(ext);
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
