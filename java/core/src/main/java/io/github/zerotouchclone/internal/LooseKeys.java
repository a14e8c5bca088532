package io.github.zerotouchclone.internal;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Sets and maps of a copy whose keys are containers. They are filled last, when their keys are
 * complete, and those inside keys before those around them. Hash codes of containers are asked for
 * only after a walk that counts what that visits: references can make a copy lead back into itself,
 * or let a few bytes stand for any number of visits.
 */
final class LooseKeys {
  private static final int MAX_DEPTH = 600;
  private static final Content IN_PROGRESS = new Content(List.of(), List.of());

  private final List<LooseMap<Object, Object>> all = new ArrayList<>();
  private final IdentityHashMap<LooseMap<?, ?>, Content> waiting = new IdentityHashMap<>();
  private long budget;

  private record Content(List<Object> keys, List<Object> values) {}

  /**
   * @param copySize bytes of the copy, in whose proportion work is done
   */
  static LooseKeys of(int copySize) {
    return new LooseKeys(1000 + 4L * copySize);
  }

  /** For work that is bounded by so many visits. */
  LooseKeys(long visits) {
    budget = visits;
  }

  /**
   * How many visits the hash code of a complete value takes, or -1 if there are not so many left.
   */
  long visits(Object value) {
    long before = budget;
    return isHashable(value, 0) ? before - budget : -1;
  }

  @SuppressWarnings("unchecked")
  void add(LooseSet<?> set, List<Object> elements) {
    // The values are all the same object, whose type does not matter here.
    LooseMap<?, ?> map = set.map;
    add((LooseMap<Object, Object>) map, elements, Collections.nCopies(elements.size(), true));
  }

  void add(LooseMap<Object, Object> map, List<Object> keys, List<Object> values) {
    all.add(map);
    waiting.put(map, new Content(keys, values));
  }

  void finish() {
    for (LooseMap<Object, Object> map : all) {
      complete(map, 0);
    }
    all.clear();
  }

  private void complete(LooseMap<Object, Object> map, int depth) {
    Content content = waiting.get(map);
    if (content != null && content != IN_PROGRESS) {
      waiting.put(map, IN_PROGRESS);
      map.fill(content.keys, content.values, areHashable(content.keys, depth));
      waiting.remove(map);
    }
  }

  private boolean areHashable(Collection<?> values, int depth) {
    for (Object value : values) {
      if (!isHashable(value, depth + 1)) {
        return false;
      }
    }
    return true;
  }

  /** Visits that the digits of a number stand for, which its hash code looks at each time. */
  private static int numberSize(Object value) {
    return value instanceof BigInteger number
        ? number.bitLength() / 64
        : value instanceof BigDecimal decimal ? decimal.unscaledValue().bitLength() / 64 : 0;
  }

  /** Whether the value's hash code can be had, in the time that is left. */
  @SuppressWarnings("unchecked")
  private boolean isHashable(Object value, int depth) {
    budget -= 1 + numberSize(value);
    if (budget < 0 || depth > MAX_DEPTH) {
      return false;
    }
    if (value instanceof LooseSet<?> set) {
      return isHashable(set.map, depth);
    }
    if (value instanceof LooseMap<?, ?> map) {
      complete((LooseMap<Object, Object>) map, depth);
      return !waiting.containsKey(map)
          && areHashable(map.keySet(), depth)
          && areHashable(map.values(), depth);
    }
    if (value instanceof Map<?, ?> map) {
      return areHashable(map.values(), depth);
    }
    return !(value instanceof Collection<?> collection) || areHashable(collection, depth);
  }
}
