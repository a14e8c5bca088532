package io.github.zerotouchclone.internal;

import java.util.Arrays;

/**
 * What shared nodes of a copy were made into, one object for each converter. Kept from copy to
 * copy, but nothing of the objects. One thread.
 */
final class MadeObjects {
  /** Instead of an object that does not exist before its content. */
  static final Object UNDER_WAY = new Object();

  private static final Made[] NONE = {};
  private static final int KEEP = 32;

  private PositionMap<Made> entries; // null: there was none so far
  private Made[] kept = NONE; // the first entries of a copy
  private int size;

  /** What a shared node was made into. */
  static final class Made {
    private Converter by;
    private Made next; // of the same node
    Object object;
    long weight; // bytes that its hash code looks at; -1: not known
  }

  /** What a converter made of a node, or null. */
  Made find(int identity, Converter by) {
    Made entry = size == 0 ? null : entries.get(identity);
    while (entry != null && entry.by != by) {
      entry = entry.next;
    }
    return entry;
  }

  /** Remembers what a converter makes of a node, of which it was not asked before. */
  Made add(int identity, Converter by, Object object) {
    if (entries == null) {
      entries = new PositionMap<>();
    }
    Made entry = unused();
    entry.by = by;
    entry.object = object;
    entry.weight = -1;
    entry.next = entries.get(identity);
    entries.put(identity, entry);
    return entry;
  }

  private Made unused() {
    int number = size++;
    if (number >= KEEP) {
      return new Made();
    }
    if (number == kept.length) {
      kept = Arrays.copyOf(kept, Math.max(2, 2 * number));
    }
    if (kept[number] == null) {
      kept[number] = new Made();
    }
    return kept[number];
  }

  /** Forgets all objects. O(1) if there are none. */
  void clear() {
    if (size > 0) {
      for (int i = 0; i < kept.length && i < size && kept[i] != null; i++) {
        kept[i].by = null;
        kept[i].next = null;
        kept[i].object = null;
      }
      entries.clear();
      size = 0;
    }
  }
}
