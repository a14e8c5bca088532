package io.github.zerotouchclone.internal;

import io.github.zerotouchclone.Status;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.IntFunction;

/** Converters to collections, maps and optionals. */
final class CollectionConverters {
  private CollectionConverters() {}

  /** As {@link #elements}; a list that is not the node itself is charged. */
  static Node charged(TypedDecoder decoder, Node node, String wanted) {
    Node list = elements(node, wanted);
    if (list != null && list != node) {
      decoder.spend(list, list.head);
    }
    return list;
  }

  /** The list or array that a node is, or that a set or tuple holds; null if it is empty. */
  static Node elements(Node node, String wanted) {
    if (node.kind == Node.EXT
        && (node.arg == ExtIds.SET || node.arg == ExtIds.TUPLE)
        && node.valueType(0) == Node.T_LIST) {
      return node.isEmptyContainer(0) ? null : node.container(0);
    }
    if (node.isList() || node.isArray()) {
      return node;
    }
    throw PathError.mismatch(node.valueType(), wanted);
  }

  private static String described(Object value) {
    return value == null ? "null" : "a " + ObjectModel.simpleName(value.getClass());
  }

  /** To a collection of elements of one type. */
  static final class CollectionConverter extends NodeConverter {
    private final IntFunction<? extends Collection<Object>> constructor;
    private final Converter element;
    private final boolean hashes;
    private final boolean oneByOne; // elements can be added as they are made

    /**
     * @param constructor takes the expected size
     * @param hashes whether an element must be complete when it is added: to be told from others
     */
    CollectionConverter(
        String wanted,
        IntFunction<? extends Collection<Object>> constructor,
        Converter element,
        boolean hashes) {
      super(wanted);
      this.constructor = constructor;
      this.element = element;
      this.hashes = hashes;
      this.oneByOne = !hashes && !(constructor.apply(0) instanceof CopyOnWriteArrayList);
    }

    @Override
    boolean accepts(int type) {
      return type == Node.T_LIST || type == Node.T_EXT || type == Node.T_ARRAY;
    }

    @Override
    Object create(TypedDecoder decoder, Node node) {
      return constructor.apply(node.kind == Node.EXT ? 8 : node.count);
    }

    @Override
    @SuppressWarnings("unchecked")
    Object fill(TypedDecoder decoder, Node node, int depth, Object created) {
      Collection<Object> collection = (Collection<Object>) created;
      Node list = charged(decoder, node, "a list");
      if (list == null) {
        return collection;
      }
      if (hashes && !element.isScalar()) {
        List<Object> values = new ArrayList<>(list.count);
        long before = decoder.weighed();
        decoder.beginImmediate();
        addAll(values, decoder, list, depth);
        decoder.endImmediate();
        boolean sorted = collection instanceof SortedSet || collection instanceof PriorityQueue;
        decoder.spendHashes(values, decoder.weighed() - before, sorted);
        for (int i = 0; i < list.count; i++) {
          add(collection, values.get(i), list, i);
        }
      } else if (collection instanceof CopyOnWriteArrayList) { // which copies all for each element
        List<Object> values = new ArrayList<>(list.count);
        addAll(values, decoder, list, depth);
        collection.addAll(values);
      } else {
        addAll(collection, decoder, list, depth);
      }
      if (hashes && node.kind == Node.EXT && node.arg == ExtIds.SET) {
        requireAll(collection.size(), list);
      }
      return collection;
    }

    /** Elements that are different in the region may be equal as objects of the wanted type. */
    private void requireAll(int size, Node list) {
      if (size != list.count) {
        String reason = list.count + " elements are only " + size + " in a " + wanted;
        throw new PathError(Status.LOSSY, reason + ", as some are equal there");
      }
    }

    private void addAll(Collection<Object> to, TypedDecoder decoder, Node list, int depth) {
      if (list.kind == Node.ROWS) {
        for (int i = 0; i < list.count; i++) {
          add(to, decoder.row(element, list, i, depth), list, i);
        }
      } else if (list.kind == Node.ARRAY) {
        for (int i = 0; i < list.count; i++) {
          add(to, element.readElement(list, i), list, i);
        }
      } else {
        for (int i = 0; i < list.count; i++) {
          add(to, element.read(decoder, list, i, list.type(i), depth), list, i);
        }
      }
    }

    private void add(Collection<Object> collection, Object value, Node list, int i) {
      try {
        collection.add(value);
      } catch (NullPointerException | ClassCastException e) {
        String reason = described(value) + " cannot be in a " + wanted;
        throw new PathError(Status.TYPE_MISMATCH, reason).at(list, i);
      }
    }

    @Override
    Object readEmpty(TypedDecoder decoder, int type) {
      if (type != Node.T_LIST) {
        throw PathError.mismatch(type, wanted);
      }
      return constructor.apply(0);
    }

    @Override
    boolean takes(int type) {
      return type == Node.T_LIST && oneByOne;
    }

    @Override
    int check(Plain copy, int at, int slot, int minimum, int end) {
      return copy.checkList(at, slot, minimum, end, element);
    }

    @Override
    Object take(Plain copy, int at, int slot) {
      int size = copy.size(at, slot);
      Collection<Object> collection = constructor.apply(size);
      copy.addElements(at, slot, size, element, collection);
      return collection;
    }
  }

  /** To a map. */
  static final class MapConverter extends NodeConverter {
    private final IntFunction<? extends Map<Object, Object>> constructor;
    private final Converter key;
    private final Converter value;

    MapConverter(
        String wanted,
        IntFunction<? extends Map<Object, Object>> constructor,
        Converter key,
        Converter value) {
      super(wanted);
      this.constructor = constructor;
      this.key = key;
      this.value = value;
    }

    @Override
    boolean accepts(int type) {
      return type == Node.T_MAP || type == Node.T_EXT;
    }

    @Override
    Object create(TypedDecoder decoder, Node node) {
      return constructor.apply(node.kind == Node.EXT ? 8 : node.count);
    }

    @Override
    @SuppressWarnings("unchecked")
    Object fill(TypedDecoder decoder, Node node, int depth, Object created) {
      Map<Object, Object> map = (Map<Object, Object>) created;
      if (node.kind == Node.EXT) {
        fillPairs(decoder, node, depth, map);
        return map;
      }
      for (int i = 0; i < node.count; i++) {
        if (node.kind == Node.DICT) {
          decoder.spend(node, DictKeys.size(node, i));
        }
        Object entryKey = keyOf(node, i);
        put(map, entryKey, value.read(decoder, node, i, node.type(i), depth), node, i);
        if (map.size() <= i) {
          throw again(entryKey).at(node, i);
        }
      }
      return map;
    }

    /** Keys that are different in the region may be equal as objects of the wanted type. */
    private PathError again(Object entryKey) {
      String reason = described(entryKey) + " is equal to a key before it in a " + wanted;
      return new PathError(Status.LOSSY, reason);
    }

    private Object keyOf(Node node, int i) {
      String name = node.key(i);
      if (key instanceof ScalarConverters.EnumConverter constants) {
        Object constant = constants.constant(name);
        if (constant == null) {
          throw new PathError(Status.TYPE_MISMATCH, key.wanted + " has no constant " + name)
              .at(node, i);
        }
        return constant;
      }
      if (!(key instanceof ScalarConverters.StringConverter)
          && !(key instanceof ObjectConverters.UntypedConverter)) {
        throw new PathError(Status.TYPE_MISMATCH, "the key is a string, not " + key.wanted)
            .at(node, i);
      }
      return name;
    }

    /** Ext 7 holds [key, value, key, value …]. */
    private void fillPairs(TypedDecoder decoder, Node ext, int depth, Map<Object, Object> map) {
      if (ext.arg != ExtIds.MAP || ext.valueType(0) != Node.T_LIST) {
        throw PathError.mismatch(Node.T_EXT, wanted);
      }
      if (ext.isEmptyContainer(0)) {
        return;
      }
      Node list = ext.container(0);
      decoder.spend(list, list.head);
      if (list.kind == Node.ARRAY || list.count % 2 != 0) {
        throw PathError.mismatch(Node.T_EXT, wanted);
      }
      List<Object> keys = new ArrayList<>(list.count / 2);
      List<Object> values = new ArrayList<>(list.count / 2);
      long keysWeigh = 0;
      for (int i = 0; i < list.count; i += 2) {
        long before = decoder.weighed();
        decoder.beginImmediate();
        keys.add(decoder.element(key, list, i, depth + 1));
        decoder.endImmediate();
        keysWeigh += decoder.weighed() - before;
        values.add(decoder.element(value, list, i + 1, depth + 1));
      }
      if (!key.isScalar()) {
        decoder.spendHashes(keys, keysWeigh, map instanceof SortedMap);
      }
      for (int i = 0; i < keys.size(); i++) {
        put(map, keys.get(i), values.get(i), list, 2 * i);
        if (map.size() <= i) {
          throw again(keys.get(i)).at(list, 2 * i);
        }
      }
    }

    private void put(Map<Object, Object> map, Object entryKey, Object content, Node list, int i) {
      try {
        map.put(entryKey, content);
      } catch (NullPointerException | ClassCastException e) {
        boolean isValue = content == null && entryKey != null && e instanceof NullPointerException;
        String what = isValue ? "null cannot be a value" : described(entryKey) + " cannot be a key";
        String reason = what + " of a " + wanted;
        throw new PathError(Status.TYPE_MISMATCH, reason).at(list, i);
      }
    }

    @Override
    Object readEmpty(TypedDecoder decoder, int type) {
      if (type != Node.T_MAP) {
        throw PathError.mismatch(type, wanted);
      }
      return constructor.apply(0);
    }
  }

  /** To an optional; null and a missing field are empty ones. */
  static final class OptionalConverter extends Converter {
    private final Converter value;
    private final Class<?> type;

    OptionalConverter(Class<?> type, Converter value) {
      super(ObjectModel.simpleName(type));
      this.type = type;
      this.value = value;
    }

    private Object wrap(Object content) {
      if (type == Optional.class) {
        return Optional.ofNullable(content);
      }
      if (type == OptionalInt.class) {
        return content == null ? OptionalInt.empty() : OptionalInt.of((Integer) content);
      }
      if (type == OptionalLong.class) {
        return content == null ? OptionalLong.empty() : OptionalLong.of((Long) content);
      }
      return content == null ? OptionalDouble.empty() : OptionalDouble.of((Double) content);
    }

    @Override
    Object read(TypedDecoder decoder, Node node, int i, int stored, int depth) {
      return wrap(value.read(decoder, node, i, stored, depth));
    }

    @Override
    Object readNode(TypedDecoder decoder, Node node, int depth) {
      return wrap(value.readNode(decoder, node, depth));
    }

    @Override
    Object readEmpty(TypedDecoder decoder, int stored) {
      return wrap(value.readEmpty(decoder, stored));
    }

    @Override
    Object missing() {
      return wrap(null);
    }
  }
}
