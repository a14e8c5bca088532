package io.github.zerotouchclone;

import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Random object graphs, and comparisons of them. */
final class Graphs {
  private Graphs() {}

  /**
   * Checks that a copy is the same graph as its source: equal values of equal types, and one object
   * exactly where the source has one. Arrays of objects and collections but sets are lists in the
   * copy, records and beans are maps.
   */
  static void assertSameGraph(Object source, Object copy) {
    new GraphComparison(GraphComparison.Mode.EXACT).compare(source, copy);
  }

  /** As {@link #assertSameGraph}, of what {@link RecordCopy#toCompactMap} makes. */
  static void assertSameCompactGraph(Object source, Object copy) {
    new GraphComparison(GraphComparison.Mode.COMPACT).compare(source, copy);
  }

  /**
   * As {@link #assertSameGraph}, but for identity: a value that is reached in several ways may be
   * several objects in the copy.
   */
  static void assertSameUnrolled(Object source, Object copy) {
    new GraphComparison(GraphComparison.Mode.UNROLLED).compare(source, copy);
  }

  /** Whether values in a container lead back to it. */
  static boolean leadsBack(Object container) {
    return GraphComparison.leadsBack(container);
  }

  /** An object that is stored as a map. */
  interface Fields {
    /** What is stored. */
    Map<String, Object> fields();
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
