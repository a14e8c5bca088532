package io.github.zerotouchclone.internal;

import java.util.Arrays;

/**
 * The containers of one record: where each begins in the events, and the label of those that are
 * met again. Cleared in time linear in what it holds.
 *
 * <p>The first few are looked for one by one: most records have no more, and an object's identity
 * hash is expensive the first time, since the JVM draws it and writes it to the object's header.
 */
final class IdentityTable {
  private static final int KEEP = 1 << 16;
  private static final int LABEL_SIZE = 5; // bytes of events
  private static final int FEW = 8;

  private final Object[] few = new Object[FEW]; // the first entries
  private Object[] objects = new Object[64]; // all entries, if there are more, by hash
  private int[] numbers = new int[64]; // by slot: number of the entry
  private int[] slots = new int[32]; // by entry
  private int[] begins = new int[32]; // by entry
  private int[] labels = new int[32]; // by entry: label + 1, or 0
  private int size;
  private int labelCount;

  /** The number of the entry of an object, or -1 after adding it. */
  int findOrAdd(Object object, int begin) {
    if (size > FEW) {
      return findOrAddHashed(object, begin);
    }
    for (int i = 0; i < size; i++) {
      if (few[i] == object) {
        return i;
      }
    }
    if (size == FEW) {
      for (int i = 0; i < FEW; i++) {
        hash(few[i], i);
      }
      return findOrAddHashed(object, begin);
    }
    few[size] = object;
    append(begin);
    return -1;
  }

  private int findOrAddHashed(Object object, int begin) {
    int mask = objects.length - 1;
    int slot = System.identityHashCode(object) & mask;
    while (objects[slot] != null) {
      if (objects[slot] == object) {
        return numbers[slot];
      }
      slot = (slot + 1) & mask;
    }
    if (size == begins.length) {
      grow();
      return findOrAddHashed(object, begin);
    }
    objects[slot] = object;
    numbers[slot] = size;
    slots[size] = slot;
    append(begin);
    return -1;
  }

  private void append(int begin) {
    begins[size] = begin;
    labels[size] = 0;
    size++;
  }

  /** The label of an entry, which gets one if it has none. */
  int label(int entry) {
    if (labels[entry] == 0) {
      labels[entry] = ++labelCount;
    }
    return labels[entry] - 1;
  }

  /** Puts a label in front of every container that was met again. */
  void insertLabels(EventBuffer out) {
    int count = labelCount;
    if (count == 0) {
      return;
    }
    int from = out.position();
    out.extend(LABEL_SIZE * count);
    int to = out.position();
    // Containers are numbered as they begin, so from the last to the first.
    for (int entry = size - 1; entry >= 0 && to != from; entry--) {
      int label = labels[entry] - 1;
      if (label >= 0) {
        int begin = begins[entry];
        int size = from - begin;
        to -= size;
        out.move(begin, to, size);
        to -= LABEL_SIZE;
        out.set(to, EventBuffer.LABEL, label);
        from = begin;
      }
    }
  }

  /** Forgets all containers. */
  void clear() {
    for (int i = 0; i < FEW && i < size; i++) {
      few[i] = null;
    }
    if (size > KEEP) {
      objects = new Object[64];
      numbers = new int[64];
      slots = new int[32];
      begins = new int[32];
      labels = new int[32];
    } else if (size > FEW) {
      for (int i = 0; i < size; i++) {
        objects[slots[i]] = null;
      }
    }
    size = 0;
    labelCount = 0;
  }

  private void grow() {
    int capacity = 2 * begins.length;
    begins = Arrays.copyOf(begins, capacity);
    labels = Arrays.copyOf(labels, capacity);
    slots = Arrays.copyOf(slots, capacity);
    Object[] old = objects;
    int[] oldNumbers = numbers;
    objects = new Object[2 * capacity];
    numbers = new int[2 * capacity];
    for (int i = 0; i < old.length; i++) {
      if (old[i] != null) {
        hash(old[i], oldNumbers[i]);
      }
    }
  }

  /** Puts an entry at the first free slot from where its hash leads. */
  private void hash(Object object, int number) {
    int slot = System.identityHashCode(object) & (objects.length - 1);
    while (objects[slot] != null) {
      slot = (slot + 1) & (objects.length - 1);
    }
    objects[slot] = object;
    numbers[slot] = number;
    slots[number] = slot;
  }
}
