package io.github.zerotouchclone;

import java.lang.reflect.Array;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * A comparison of two graphs that sees identity and survives cycles, also where it fails: it never
 * asks a container for its text or hash code. One use.
 */
final class GraphComparison {
  enum Mode {
    EXACT,
    /** Lists and maps may be of any class, and empty ones one object. */
    COMPACT,
    /** What is one object in the source may be several in the copy. */
    UNROLLED
  }

  private final Mode mode;
  private final IdentityHashMap<Object, Object> there = new IdentityHashMap<>();
  private final IdentityHashMap<Object, Object> back = new IdentityHashMap<>();
  private final IdentityHashMap<Object, Set<Object>> met = new IdentityHashMap<>();
  private final ArrayDeque<Object[]> work = new ArrayDeque<>();

  GraphComparison(Mode mode) {
    this.mode = mode;
  }

  void compare(Object source, Object copy) {
    push(source, copy);
    while (!work.isEmpty()) {
      Object[] pair = work.remove();
      Object expected = stored(pair[0]);
      Object actual = pair[1];
      if (expected == null || !isContainer(expected)) {
        check(isSameScalar(expected, actual), "the values differ", expected, actual);
      } else if (mode == Mode.COMPACT && isEmpty(actual)) {
        check(isEmpty(expected), "only the copy is empty", expected, actual);
      } else if (actual == null) {
        check(false, "only the copy is null", expected, null);
      } else if (isFirstTime(expected, actual)) {
        expand(expected, actual);
      }
    }
  }

  private void push(Object source, Object copy) {
    work.add(new Object[] {source, copy});
  }

  private boolean isFirstTime(Object source, Object copy) {
    if (mode == Mode.UNROLLED) {
      return met.computeIfAbsent(source, key -> Collections.newSetFromMap(new IdentityHashMap<>()))
          .add(copy);
    }
    Object known = there.put(source, copy);
    Object knownBack = back.put(copy, source);
    if (known == null && knownBack == null) {
      return true;
    }
    check(known == copy, "one object in the source is two in the copy", source, copy);
    check(knownBack == source, "two objects in the source are one in the copy", source, copy);
    return false;
  }

  // ------------------------------------------------------------------------------------- messages

  private static void check(boolean holds, String message, Object source, Object copy) {
    if (!holds) {
      throw new AssertionError(message + ": " + described(source) + ", " + described(copy));
    }
  }

  /** Without the content of containers, which may contain themselves. */
  private static String described(Object value) {
    if (value == null || !isContainer(value)) {
      return value instanceof byte[] bytes ? Arrays.toString(bytes) : String.valueOf(value);
    }
    int size =
        value instanceof Map<?, ?> map
            ? map.size()
            : value instanceof Collection<?> collection
                ? collection.size()
                : value.getClass().isArray() ? Array.getLength(value) : -1;
    return value.getClass().getSimpleName()
        + "@"
        + Integer.toHexString(System.identityHashCode(value))
        + (size < 0 ? "" : " of " + size);
  }

  // --------------------------------------------------------------------------------------- values

  /** What a value becomes that is no container: enum constants, optionals and the like. */
  private static Object stored(Object value) {
    if (value instanceof Optional<?> optional) {
      return stored(optional.orElse(null));
    }
    if (value instanceof Enum<?> constant) {
      return constant.name();
    }
    if (value instanceof char[] chars) {
      return new String(chars);
    }
    if (value instanceof ByteBuffer buffer) {
      byte[] bytes = new byte[buffer.remaining()];
      buffer.duplicate().get(bytes);
      return bytes;
    }
    return value;
  }

  private static boolean isContainer(Object value) {
    return value instanceof Map
        || value instanceof Collection
        || value instanceof Graphs.Fields
        || value instanceof Ext
        || (value.getClass().isArray() && !(value instanceof byte[]) && Array.getLength(value) > 0);
  }

  private static boolean isEmpty(Object container) {
    return (container instanceof Map<?, ?> map && map.isEmpty())
        || (container instanceof Collection<?> collection && collection.isEmpty());
  }

  private static boolean isSameScalar(Object source, Object copy) {
    if (source instanceof Object[] || source instanceof boolean[]) { // an empty one
      return copy instanceof List<?> list && list.isEmpty();
    }
    if (source instanceof byte[] bytes) {
      return copy instanceof byte[] other && Arrays.equals(bytes, other);
    }
    if (source != null && source.getClass().isArray()) {
      return copy != null && copy.getClass() == source.getClass() && Array.getLength(copy) == 0;
    }
    return Objects.equals(source, copy); // which does not look into a container
  }

  private void expand(Object source, Object copy) {
    if (source instanceof Map<?, ?> || source instanceof Graphs.Fields) {
      boolean sameKind =
          source instanceof Map || mode == Mode.COMPACT || copy.getClass() == LinkedHashMap.class;
      check(copy instanceof Map && sameKind, "not a map of that kind", source, copy);
      expandMap((Map<?, ?>) copy, source);
    } else if (source instanceof Set<?> set) {
      check(copy instanceof Set, "not a set", source, copy);
      expandElements(source, set, copy, (Set<?>) copy);
    } else if (source instanceof Collection
        || source instanceof Object[]
        || source instanceof boolean[]) {
      boolean isList =
          mode == Mode.COMPACT ? copy instanceof List : copy.getClass() == ArrayList.class;
      check(isList, "not a list of that kind", source, copy);
      Collection<?> elements =
          source instanceof Collection<?> collection ? collection : boxed(source);
      expandElements(source, elements, copy, (Collection<?>) copy);
    } else if (source instanceof Ext ext) {
      check(
          copy instanceof Ext other && ext.id() == other.id(), "not an ext like it", source, copy);
      push(ext.payload(), ((Ext) copy).payload());
    } else {
      check(source.getClass() == copy.getClass(), "not an array like it", source, copy);
      expandElements(source, boxed(source), copy, boxed(copy));
    }
  }

  private void expandMap(Map<?, ?> copy, Object source) {
    Map<?, ?> map = source instanceof Graphs.Fields object ? object.fields() : (Map<?, ?>) source;
    List<Object> expected = new ArrayList<>();
    List<Object> actual = new ArrayList<>();
    map.forEach((key, value) -> expected.addAll(Arrays.asList(key, value)));
    copy.forEach((key, value) -> actual.addAll(Arrays.asList(key, value)));
    expandElements(source, expected, copy, actual);
  }

  private void expandElements(
      Object source, Collection<?> expected, Object copy, Collection<?> actual) {
    check(expected.size() == actual.size(), "the sizes differ", source, copy);
    Iterator<?> other = actual.iterator();
    for (Object element : expected) {
      push(element, other.next());
    }
  }

  private static List<Object> boxed(Object array) {
    List<Object> list = new ArrayList<>();
    for (int i = 0; i < Array.getLength(array); i++) {
      list.add(Array.get(array, i));
    }
    return list;
  }

  // --------------------------------------------------------------------------------------- cycles

  static boolean leadsBack(Object container) {
    Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    ArrayDeque<Object> inside = new ArrayDeque<>();
    inside.add(container);
    while (!inside.isEmpty()) {
      for (Object child : children(inside.remove())) {
        if (child == container) {
          return true;
        }
        if (child != null && isContainer(child) && seen.add(child)) {
          inside.add(child);
        }
      }
    }
    return false;
  }

  private static Collection<?> children(Object container) {
    if (container instanceof Map<?, ?> map) {
      List<Object> all = new ArrayList<>(map.keySet());
      all.addAll(map.values());
      return all;
    }
    if (container instanceof Graphs.Fields object) {
      return object.fields().values();
    }
    if (container instanceof Ext ext) {
      return Collections.singletonList(ext.payload());
    }
    return container instanceof Collection<?> collection
        ? collection
        : container instanceof Object[] array ? Arrays.asList(array) : List.of();
  }
}
