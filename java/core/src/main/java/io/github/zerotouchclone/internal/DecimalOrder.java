package io.github.zerotouchclone.internal;

import java.math.BigDecimal;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What it takes to compare decimals. Two that have their first digit at the same place are brought
 * to the same scale, in time that grows faster than their digits; and hash maps compare keys that
 * have one hash code.
 */
final class DecimalOrder {
  /** Stored decimals of no more bytes are compared in no time to speak of. */
  static final int SMALL = 128;

  private DecimalOrder() {}

  /** Bytes that could be hashed while a decimal is compared with one that is not larger. */
  private static double cost(BigDecimal decimal) {
    long words = 1 + decimal.unscaledValue().bitLength() / Long.SIZE;
    return words * Long.BYTES <= SMALL ? 0 : words * Long.BYTES * Math.sqrt(words);
  }

  /** What it takes to see where the first digits of all decimals are. */
  static double toPlace(Collection<?> values) {
    double sum = 0;
    for (Object value : values) {
      sum += value instanceof BigDecimal decimal ? cost(decimal) : 0;
    }
    return sum;
  }

  /** At most what it takes to put values into a sorted collection. */
  static double toSort(List<?> values) {
    Map<Object, Group> groups = new HashMap<>();
    for (Object value : values) {
      if (value instanceof BigDecimal decimal) {
        long place = (long) decimal.precision() - decimal.scale();
        groups.computeIfAbsent(place, at -> new Group()).add(decimal);
      }
    }
    return sum(groups);
  }

  /** At most what it takes to put values into a hash map. */
  static double toHash(List<?> values) {
    Map<Object, Group> groups = new HashMap<>();
    for (Object value : values) {
      if (value instanceof BigDecimal decimal) {
        groups.computeIfAbsent(decimal.hashCode(), hash -> new Group()).add(decimal);
      }
    }
    return sum(groups);
  }

  private static double sum(Map<Object, Group> groups) {
    return groups.values().stream().mapToDouble(Group::cost).sum();
  }

  /** Decimals that are compared with each other. */
  private static final class Group {
    private int count;
    private double sum;
    private double most;

    void add(BigDecimal decimal) {
      double cost = DecimalOrder.cost(decimal);
      count++;
      sum += cost;
      most = Math.max(most, cost);
    }

    /** Each meets some on its way through a tree, and none of them twice. */
    double cost() {
      int levels = 2 * (Integer.SIZE - Integer.numberOfLeadingZeros(count));
      return count == 1 ? 0 : count * Math.min(sum, levels * most);
    }
  }
}
