package io.github.zerotouchclone.internal;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * An unmodifiable map whose keys, with the table to find them, are those of a shape. Look-up is
 * O(1). Complete, and safe for any thread, when its decoder has ended.
 */
final class CompactMap extends AbstractMap<String, Object> {
  final Object[] values;
  private final Shape shape;

  CompactMap(Shape shape) {
    this.shape = shape;
    this.values = new Object[shape.size];
  }

  private int find(Object key) {
    return key instanceof String string ? shape.find(string) : -1;
  }

  @Override
  public int size() {
    return values.length;
  }

  @Override
  public Object get(Object key) {
    int i = find(key);
    return i < 0 ? null : values[i];
  }

  @Override
  public Object getOrDefault(Object key, Object otherwise) {
    int i = find(key);
    return i < 0 ? otherwise : values[i];
  }

  @Override
  public boolean containsKey(Object key) {
    return find(key) >= 0;
  }

  @Override
  public Object remove(Object key) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void clear() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void forEach(BiConsumer<? super String, ? super Object> action) {
    Objects.requireNonNull(action);
    for (int i = 0; i < values.length; i++) {
      action.accept(shape.key(i), values[i]);
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof CompactMap that && that.shape == shape
        ? this == that || Arrays.equals(values, that.values)
        : super.equals(other);
  }

  @Override
  public int hashCode() {
    int sum = 0;
    for (int i = 0; i < values.length; i++) {
      sum += shape.key(i).hashCode() ^ Objects.hashCode(values[i]);
    }
    return sum;
  }

  @Override
  public Set<Map.Entry<String, Object>> entrySet() {
    return new Entries();
  }

  private final class Entries extends AbstractSet<Map.Entry<String, Object>> {
    @Override
    public int size() {
      return values.length;
    }

    @Override
    public boolean contains(Object object) {
      if (!(object instanceof Map.Entry<?, ?> entry)) {
        return false;
      }
      int i = find(entry.getKey());
      return i >= 0 && Objects.equals(values[i], entry.getValue());
    }

    @Override
    public boolean remove(Object entry) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void clear() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Iterator<Map.Entry<String, Object>> iterator() {
      return new Iterator<>() {
        private int next;

        @Override
        public boolean hasNext() {
          return next < values.length;
        }

        @Override
        public Map.Entry<String, Object> next() {
          if (next >= values.length) {
            throw new NoSuchElementException();
          }
          int i = next++;
          return new SimpleImmutableEntry<>(shape.key(i), values[i]);
        }
      };
    }
  }
}
