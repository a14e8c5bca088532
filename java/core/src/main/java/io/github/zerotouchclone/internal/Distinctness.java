package io.github.zerotouchclone.internal;

import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/** What is told apart by identity, and what by equality, in a value that is stored. */
final class Distinctness {
  // Empty collections that everybody shares have no identity worth keeping.
  private static final List<Object> NO_IDENTITY =
      List.of(
          List.of(),
          Set.of(),
          Map.of(),
          Collections.EMPTY_LIST,
          Collections.EMPTY_SET,
          Collections.EMPTY_MAP);

  // Maps and sets of these classes cannot have two equal keys; others are checked.
  private static final Set<Class<?>> DISTINCT =
      Set.of(
          HashMap.class,
          LinkedHashMap.class,
          ConcurrentHashMap.class,
          HashSet.class,
          LinkedHashSet.class);

  private Distinctness() {}

  /** Whether it is one container for who refers to it twice. */
  static boolean hasIdentity(Object container) {
    for (Object common : NO_IDENTITY) {
      if (common == container) {
        return false;
      }
    }
    return true;
  }

  /** Whether all keys are strings that a map of the region can have. */
  static boolean hasPlainKeys(Map<?, ?> map) {
    for (Object key : map.keySet()) {
      if (!(key instanceof String string) || Strings.unpairedSurrogate(string) >= 0) {
        return false;
      }
    }
    return true;
  }

  /** Whether a map or set cannot have two keys that are equal in a copy. */
  static boolean isDistinct(Object keyed) {
    Class<?> type = keyed.getClass();
    return type == LinkedHashMap.class // the common ones without a look-up
        || type == HashMap.class
        || DISTINCT.contains(type)
        || (keyed instanceof TreeMap<?, ?> map && type == TreeMap.class && map.comparator() == null)
        || (keyed instanceof TreeSet<?> set && type == TreeSet.class && set.comparator() == null);
  }

  /** Whether a key has equality that a copy of it has, too. */
  static boolean isPlain(Object key) {
    return key instanceof String
        || key instanceof Boolean
        || (key instanceof Comparable && ValueWriters.isPlatform(key.getClass()));
  }
}
