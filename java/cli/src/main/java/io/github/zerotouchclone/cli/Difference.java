package io.github.zerotouchclone.cli;

import io.github.zerotouchclone.Ext;
import io.github.zerotouchclone.internal.Paths;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Finds where two values differ first. */
final class Difference {
  // References make values deeper than what is stored; then the place is left open.
  private static final int MAX_DEPTH = 2000;

  // Values may contain themselves, or each other any number of times. Then, too, it is left open.
  private static final int MAX_PAIRS = 1 << 20;

  private final StringBuilder path = new StringBuilder("$");
  private final Set<Pair> seen = new HashSet<>();

  /** Containers that have been compared, and differ nowhere or in a place that is left open. */
  private record Pair(Object a, Object b) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Pair pair && pair.a == a && pair.b == b;
    }

    @Override
    public int hashCode() {
      return 31 * System.identityHashCode(a) + System.identityHashCode(b);
    }
  }

  private Difference() {}

  /**
   * The path of the first difference, in the grammar of the region format.
   *
   * @return a path that leads to the place, or to the innermost container that is known to differ
   */
  static String path(Object a, Object b) {
    Difference difference = new Difference();
    difference.find(a, b, 0);
    return difference.path.toString();
  }

  /** Extends the path to the first difference; false if there is none. */
  private boolean find(Object a, Object b, int depth) {
    boolean container = a instanceof Map || a instanceof List || a instanceof Ext;
    if (depth > MAX_DEPTH) {
      return false;
    }
    if (container && (seen.size() == MAX_PAIRS || !seen.add(new Pair(a, b)))) {
      return false;
    }
    if (a instanceof Map<?, ?> mapA && b instanceof Map<?, ?> mapB) {
      return maps(mapA, mapB, depth);
    }
    if (a instanceof List<?> listA && b instanceof List<?> listB) {
      int size = Math.min(listA.size(), listB.size());
      for (int i = 0; i < size; i++) {
        int mark = path.length();
        path.append('[').append(i).append(']');
        if (find(listA.get(i), listB.get(i), depth + 1)) {
          return true;
        }
        path.setLength(mark);
      }
      return listA.size() != listB.size();
    }
    if (a instanceof Ext extA && b instanceof Ext extB && extA.id() == extB.id()) {
      int mark = path.length();
      boolean differ = find(extA.payload(), extB.payload(), depth + 1);
      path.setLength(mark); // paths do not lead into an ext
      return differ;
    }
    return !Objects.deepEquals(a, b);
  }

  private boolean maps(Map<?, ?> a, Map<?, ?> b, int depth) {
    Iterator<? extends Map.Entry<?, ?>> other = b.entrySet().iterator();
    for (Map.Entry<?, ?> entryA : a.entrySet()) {
      Map.Entry<?, ?> entryB = other.hasNext() ? other.next() : null;
      if (entryB == null || !Objects.equals(entryA.getKey(), entryB.getKey())) {
        return true;
      }
      int mark = path.length();
      boolean step = entryA.getKey() instanceof String key && !JsonReader.unpairedSurrogate(key);
      if (step) {
        Paths.appendKey(path, (String) entryA.getKey());
      }
      if (find(entryA.getValue(), entryB.getValue(), depth + 1)) {
        if (!step) {
          path.setLength(mark); // paths do not lead into an ext
        }
        return true;
      }
      path.setLength(mark);
    }
    return other.hasNext();
  }
}
