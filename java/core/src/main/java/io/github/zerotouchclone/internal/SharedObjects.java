package io.github.zerotouchclone.internal;

import io.github.zerotouchclone.SharedValue;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The numbers of values that records share, by the identity of what stands for them. Values are
 * added by one thread; any thread may look.
 */
final class SharedObjects {
  private final ConcurrentHashMap<Identity, Entry> entries = new ConcurrentHashMap<>();
  private volatile int count;

  private record Entry(int number, SharedValue handle) {}

  /** Number of values. */
  int count() {
    return count;
  }

  /** Gives the next number to a value. */
  void add(Object value, SharedValue handle) {
    Entry entry = new Entry(count, handle);
    entries.put(new Identity(handle), entry);
    entries.put(new Identity(value), entry);
    count++;
  }

  /** Forgets a value, but not that its number is taken. */
  void remove(Object value, SharedValue handle) {
    entries.remove(new Identity(handle));
    entries.remove(new Identity(value));
  }

  /** The number of a value or of its handle, or -1. */
  int find(Object object) {
    Entry entry = count == 0 ? null : entries.get(new Identity(object));
    return entry == null ? -1 : entry.number;
  }

  /** The handle of a value or of itself, or null. */
  SharedValue handle(Object object) {
    Entry entry = entries.get(new Identity(object));
    return entry == null ? null : entry.handle;
  }
}
