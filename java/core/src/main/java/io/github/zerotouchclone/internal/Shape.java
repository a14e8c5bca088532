package io.github.zerotouchclone.internal;

import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The keys of a map in slot order, and the types its slots have if a node does not say. */
final class Shape {
  // Names that people give collide less; keys that pass more are chosen to make this slow.
  private static final int MAX_PROBES = 32;

  final int size;
  private final String[] keys;
  private final byte[] types;
  // Open addressing: slot number + 1, or 0.
  private final int[] table;
  // For keys that collide too often for a table, which is empty then: a map that orders those.
  private final Map<String, Integer> ordered;
  private final Layout layout;

  /** What makes two shapes alike, whatever regions they are from. */
  static final class Layout {
    private final String[] keys;
    private final byte[] types;
    private final int hash;

    private Layout(String[] keys, byte[] types) {
      this.keys = keys;
      this.types = types;
      this.hash = 31 * Arrays.hashCode(keys) + Arrays.hashCode(types);
    }

    @Override
    public boolean equals(Object other) {
      return this == other
          || (other instanceof Layout that
              && Arrays.equals(keys, that.keys)
              && Arrays.equals(types, that.types));
    }

    @Override
    public int hashCode() {
      return hash ^ (hash >>> 16);
    }
  }

  private Shape(String[] keys, byte[] types, int[] table, Map<String, Integer> ordered) {
    this.size = keys.length;
    this.keys = keys;
    this.types = types;
    this.table = table;
    this.ordered = ordered;
    this.layout = new Layout(keys, types);
  }

  /** A shape, or null if two keys are equal. */
  static Shape of(String[] keys, byte[] types) {
    int[] table = new int[Integer.highestOneBit(Math.max(1, keys.length)) * 4];
    for (int i = 0; i < keys.length; i++) {
      int h = start(keys[i], table.length);
      for (int probes = 1; table[h] != 0; probes++) {
        if (keys[table[h] - 1].equals(keys[i])) {
          return null;
        }
        if (probes == MAX_PROBES) {
          return ordered(keys, types);
        }
        h = (h + 1) & (table.length - 1);
      }
      table[h] = i + 1;
    }
    return new Shape(keys, types, table, Map.of());
  }

  private static Shape ordered(String[] keys, byte[] types) {
    Map<String, Integer> ordered = new HashMap<>();
    for (int i = 0; i < keys.length; i++) {
      if (ordered.put(keys[i], i) != null) {
        return null;
      }
    }
    return new Shape(keys, types, new int[1], ordered);
  }

  Layout layout() {
    return layout;
  }

  String key(int slot) {
    return keys[slot];
  }

  byte type(int slot) {
    return types[slot];
  }

  List<String> keys() {
    return Collections.unmodifiableList(Arrays.asList(keys));
  }

  /** The slot of a key, or -1. O(1), or O(log n) if very many keys collide. */
  int find(String key) {
    int h = start(key, table.length);
    while (table[h] != 0) {
      int slot = table[h] - 1;
      if (keys[slot].equals(key)) {
        return slot;
      }
      h = (h + 1) & (table.length - 1);
    }
    return ordered.isEmpty() ? -1 : ordered.getOrDefault(key, -1);
  }

  /** How many keys of the table a look-up of this one compares at most, whatever it finds. */
  int probes(String key) {
    int probes = 0;
    int h = start(key, table.length);
    while (table[h] != 0) {
      probes++;
      h = (h + 1) & (table.length - 1);
    }
    return probes;
  }

  private static int start(String key, int length) {
    int h = key.hashCode();
    return (h ^ (h >>> 16)) & (length - 1);
  }
}
