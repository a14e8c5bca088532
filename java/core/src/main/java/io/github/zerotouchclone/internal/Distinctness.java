package io.github.zerotouchclone.internal;

import java.nio.ByteBuffer;
import java.time.Period;
import java.time.ZoneId;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
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

  // Maps and sets of these classes cannot have two equal keys; others are checked. Keys that are
  // not equal may still be stored alike.
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

  /** Whether a map or set cannot have two equal keys. */
  static boolean isDistinct(Object keyed) {
    Class<?> type = keyed.getClass();
    return type == LinkedHashMap.class // the common ones without a look-up
        || type == HashMap.class
        || DISTINCT.contains(type)
        || (keyed instanceof TreeMap<?, ?> map && type == TreeMap.class && map.comparator() == null)
        || (keyed instanceof TreeSet<?> set && type == TreeSet.class && set.comparator() == null);
  }

  /**
   * What a key is stored as that has no form of its own: the content of an optional, the string of
   * a {@code char[]}; else the key itself.
   */
  static Object stored(Object key) {
    if (key instanceof String || key == null) {
      return key;
    }
    if (key instanceof Optional<?> optional) {
      return stored(optional.orElse(null));
    }
    if (key instanceof OptionalInt optional) {
      return optional.isEmpty() ? null : (Object) optional.getAsInt();
    }
    if (key instanceof OptionalLong optional) {
      return optional.isEmpty() ? null : (Object) optional.getAsLong();
    }
    if (key instanceof OptionalDouble optional) {
      return optional.isEmpty() ? null : (Object) optional.getAsDouble();
    }
    return key instanceof char[] chars ? new String(chars) : key;
  }

  /** What is equal for two keys, as they are {@link #stored}, that are one in a copy. */
  static Object inCopy(Object key) {
    if (isPlain(key)) {
      return key;
    }
    boolean isFresh = key instanceof byte[] || key instanceof ByteBuffer; // an array of its own
    return isFresh ? new Object() : new Identity(key);
  }

  /** Whether a key has equality that a copy of it has, too. */
  private static boolean isPlain(Object key) {
    return key == null
        || key instanceof String
        || key instanceof Boolean
        || key instanceof Period
        || key instanceof ZoneId
        || (key instanceof Comparable
            && !(key instanceof ByteBuffer)
            && ValueWriters.isPlatform(key.getClass()));
  }
}
