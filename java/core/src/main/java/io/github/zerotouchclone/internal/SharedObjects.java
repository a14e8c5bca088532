package io.github.zerotouchclone.internal;

import io.github.zerotouchclone.SharedValue;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The numbers of values that records share, by the identity of what stands for them. Values are
 * added by one thread; any thread may look.
 */
final class SharedObjects {
  private final ConcurrentHashMap<Key, Entry> entries = new ConcurrentHashMap<>();
  private volatile int count;

  private record Entry(int number, SharedValue handle) {}

  private static final class Key {
    private final Object object;

    Key(Object object) {
      this.object = object;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Key key && key.object == object;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(object);
    }
  }

  /** Number of values. */
  int count() {
    return count;
  }

  /** Gives the next number to a value. */
  void add(Object value, SharedValue handle) {
    Entry entry = new Entry(count, handle);
    entries.put(new Key(handle), entry);
    entries.put(new Key(value), entry);
    count++;
  }

  /** Forgets a value, but not that its number is taken. */
  void remove(Object value, SharedValue handle) {
    entries.remove(new Key(handle));
    entries.remove(new Key(value));
  }

  /** The number of a value or of its handle, or -1. */
  int find(Object object) {
    Entry entry = count == 0 ? null : entries.get(new Key(object));
    return entry == null ? -1 : entry.number;
  }

  /** The handle of a value or of itself, or null. */
  SharedValue handle(Object object) {
    Entry entry = entries.get(new Key(object));
    return entry == null ? null : entry.handle;
  }
}
