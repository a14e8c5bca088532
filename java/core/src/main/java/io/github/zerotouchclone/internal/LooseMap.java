package io.github.zerotouchclone.internal;

import java.math.BigDecimal;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * A mutable map in insertion order whose keys may be containers. It tells keys by equality, as
 * every map does, unless that cannot be: keys that lead back to themselves have no hash code, and
 * objects that were different where they were written may be equal as maps and lists. Then it tells
 * them by identity.
 */
final class LooseMap<K, V> extends AbstractMap<K, V> {
  // More keys than this with one hash code, and looking for one of them takes too long.
  static final int MAX_COLLISIONS = 64;

  private final Map<Object, Map.Entry<K, V>> entries = new LinkedHashMap<>();
  private boolean byIdentity;

  /** A key that hash maps do not compare but for equality, as its order takes too long. */
  private record Unordered(BigDecimal key) {}

  private Object wrap(Object key) {
    return byIdentity
        ? new Identity(key)
        : key instanceof BigDecimal decimal ? new Unordered(decimal) : key;
  }

  /**
   * Fills the map, which is empty.
   *
   * @param values as many as keys
   * @param hashable whether hash codes of all keys may be asked for
   */
  void fill(List<? extends K> keys, List<? extends V> values, boolean hashable) {
    byIdentity = !hashable || manyCollide(keys);
    if (!putAll(keys, values)) {
      entries.clear();
      byIdentity = true;
      putAll(keys, values);
    }
  }

  /** False if two keys are equal. */
  private boolean putAll(List<? extends K> keys, List<? extends V> values) {
    for (int i = 0; i < keys.size(); i++) {
      K key = keys.get(i);
      if (entries.put(wrap(key), new SimpleEntry<>(key, values.get(i))) != null && !byIdentity) {
        return false;
      }
    }
    return true;
  }

  private boolean manyCollide(Collection<?> keys) {
    return keys.size() > MAX_COLLISIONS && mostAlike(keys) > MAX_COLLISIONS;
  }

  /** How many keys have the hash code that most have. */
  static int mostAlike(Collection<?> keys) {
    int[] hashes = keys.stream().mapToInt(Objects::hashCode).sorted().toArray();
    int most = 0;
    int from = 0;
    for (int i = 0; i < hashes.length; i++) {
      if (hashes[i] != hashes[from]) {
        from = i;
      }
      most = Math.max(most, i - from + 1);
    }
    return most;
  }

  @Override
  public V get(Object key) {
    Map.Entry<K, V> entry = entries.get(wrap(key));
    return entry == null ? null : entry.getValue();
  }

  @Override
  public boolean containsKey(Object key) {
    return entries.containsKey(wrap(key));
  }

  @Override
  public V put(K key, V value) {
    Map.Entry<K, V> entry = entries.get(wrap(key));
    if (entry != null) {
      return entry.setValue(value);
    }
    entries.put(wrap(key), new SimpleEntry<>(key, value));
    return null;
  }

  @Override
  public V remove(Object key) {
    Map.Entry<K, V> entry = entries.remove(wrap(key));
    return entry == null ? null : entry.getValue();
  }

  @Override
  public Set<Map.Entry<K, V>> entrySet() {
    return new AbstractSet<>() {
      @Override
      public Iterator<Map.Entry<K, V>> iterator() {
        return entries.values().iterator();
      }

      @Override
      public int size() {
        return entries.size();
      }
    };
  }
}
