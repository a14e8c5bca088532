package io.github.zerotouchclone;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.lang.reflect.Array;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/** Random object graphs, and a comparison that sees identity and survives cycles. */
final class Graphs {
  private Graphs() {}

  /**
   * Checks that a copy is the same graph as its source: equal values of equal types, and one object
   * exactly where the source has one. Arrays of objects and collections but sets are lists in the
   * copy, records and beans are maps.
   */
  static void assertSameGraph(Object source, Object copy) {
    IdentityHashMap<Object, Object> there = new IdentityHashMap<>();
    IdentityHashMap<Object, Object> back = new IdentityHashMap<>();
    ArrayDeque<Object[]> work = new ArrayDeque<>();
    work.add(new Object[] {source, copy});
    while (!work.isEmpty()) {
      Object[] pair = work.remove();
      pair[0] = stored(pair[0]);
      if (pair[0] == null || !isContainer(pair[0])) {
        assertScalar(pair[0], pair[1]);
        continue;
      }
      Object known = there.put(pair[0], pair[1]);
      Object knownBack = back.put(pair[1], pair[0]);
      if (known != null || knownBack != null) {
        assertSame(known, pair[1], "one object in the source is two in the copy");
        assertSame(knownBack, pair[0], "two objects in the source are one in the copy");
        continue;
      }
      expand(pair[0], pair[1], work);
    }
  }

  /** An object that is stored as a map. */
  interface Fields {
    /** What is stored. */
    Map<String, Object> fields();
  }

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
        || value instanceof Fields
        || value instanceof Ext
        || (value.getClass().isArray() && !(value instanceof byte[]) && Array.getLength(value) > 0);
  }

  private static void assertScalar(Object source, Object copy) {
    if (source instanceof Object[] || source instanceof boolean[]) {
      assertEquals(List.of(), copy);
    } else if (source instanceof byte[] bytes) {
      assertArrayEquals(bytes, (byte[]) copy);
    } else if (source != null && source.getClass().isArray()) {
      assertEquals(source.getClass(), copy.getClass());
      assertEquals(0, Array.getLength(copy));
    } else {
      assertEquals(source, copy);
    }
  }

  private static void expand(Object source, Object copy, ArrayDeque<Object[]> work) {
    if (source instanceof Map<?, ?> map) {
      expandMap(map, (Map<?, ?>) copy, work);
    } else if (source instanceof Fields object) {
      assertEquals(LinkedHashMap.class, copy.getClass());
      expandMap(object.fields(), (Map<?, ?>) copy, work);
    } else if (source instanceof Set<?> set) {
      expandElements(set, (Set<?>) copy, work);
    } else if (source instanceof Collection || source instanceof Object[]) {
      assertEquals(ArrayList.class, copy.getClass());
      Collection<?> elements =
          source instanceof Object[] array ? Arrays.asList(array) : (Collection<?>) source;
      expandElements(elements, (Collection<?>) copy, work);
    } else if (source instanceof boolean[]) {
      assertEquals(boxed(source), copy);
    } else if (source instanceof Ext ext) {
      assertEquals(ext.id(), ((Ext) copy).id());
      work.add(new Object[] {ext.payload(), ((Ext) copy).payload()});
    } else {
      assertEquals(source.getClass(), copy.getClass());
      assertEquals(boxed(source), boxed(copy));
    }
  }

  private static void expandMap(Map<?, ?> source, Map<?, ?> copy, ArrayDeque<Object[]> work) {
    List<Object> there = new ArrayList<>();
    List<Object> here = new ArrayList<>();
    source.forEach((key, value) -> there.addAll(Arrays.asList(key, value)));
    copy.forEach((key, value) -> here.addAll(Arrays.asList(key, value)));
    expandElements(there, here, work);
  }

  private static void expandElements(
      Collection<?> source, Collection<?> copy, ArrayDeque<Object[]> work) {
    assertEquals(source.size(), copy.size());
    Iterator<?> other = copy.iterator();
    for (Object element : source) {
      work.add(new Object[] {element, other.next()});
    }
  }

  private static List<Object> boxed(Object array) {
    List<Object> list = new ArrayList<>();
    for (int i = 0; i < Array.getLength(array); i++) {
      list.add(Array.get(array, i));
    }
    return list;
  }

  // -------------------------------------------------------------------------------------- random

  private static final String[] KEYS = {
    "id", "name", "to", "tags", "prefs", "a-b", "with space", "Ü", "Ω", "", "a rather long key here"
  };

  /** A graph with sharing and cycles. */
  static Object random(Random random) {
    return random(random, 0, new ArrayList<>());
  }

  private static Object random(Random random, int depth, List<Object> known) {
    int choice = random.nextInt(depth > 6 ? 14 : 20);
    if (choice < 12) {
      return scalar(random, choice);
    }
    if (choice < 14) {
      return known.isEmpty() ? null : known.get(random.nextInt(known.size()));
    }
    int size = random.nextInt(6);
    if (choice < 16) {
      List<Object> list = new ArrayList<>();
      known.add(list);
      for (int i = 0; i < size; i++) {
        list.add(random(random, depth + 1, known));
      }
      return list;
    }
    if (choice == 16) {
      Object[] array = new Object[size + 1];
      known.add(array);
      for (int i = 0; i < array.length; i++) {
        array[i] = random(random, depth + 1, known);
      }
      return array;
    }
    if (choice == 17) {
      Object array = array(random);
      if (Array.getLength(array) > 0) {
        known.add(array);
      }
      return array;
    }
    Map<String, Object> map = new LinkedHashMap<>();
    known.add(map);
    for (int i = 0; i < size; i++) {
      String key = choice == 18 ? "k" + random.nextInt() : KEYS[random.nextInt(KEYS.length)];
      map.put(key, random(random, depth + 1, known));
    }
    return map;
  }

  private static Object array(Random random) {
    int size = random.nextInt(9);
    Object array =
        switch (random.nextInt(5)) {
          case 0 -> new short[size];
          case 1 -> new int[size];
          case 2 -> new long[size];
          case 3 -> new float[size];
          default -> new double[size];
        };
    for (int i = 0; i < size; i++) {
      Array.setByte(array, i, (byte) random.nextInt());
    }
    return array;
  }

  private static Object scalar(Random random, int choice) {
    return switch (choice) {
      case 0 -> null;
      case 1 -> random.nextBoolean();
      case 2 -> (byte) random.nextInt();
      case 3 -> (short) random.nextInt();
      case 4 -> random.nextInt();
      case 5 -> random.nextLong();
      case 6 -> random.nextFloat();
      case 7 -> Double.longBitsToDouble(random.nextLong());
      case 8 -> string(random, 0x80);
      case 9 -> string(random, 0x100);
      case 10 -> string(random, 0x20000);
      default -> {
        byte[] bytes = new byte[random.nextInt(20)];
        random.nextBytes(bytes);
        yield bytes;
      }
    };
  }

  static String string(Random random, int limit) {
    StringBuilder string = new StringBuilder();
    for (int i = random.nextInt(30); i > 0; i--) {
      int c = random.nextInt(limit);
      string.appendCodePoint(c >= 0xd800 && c < 0xe000 ? 'x' : c);
    }
    return string.toString();
  }
}
