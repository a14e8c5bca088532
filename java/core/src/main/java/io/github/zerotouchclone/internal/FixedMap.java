package io.github.zerotouchclone.internal;

import java.util.AbstractMap;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** An unmodifiable map that has no shape, for keys that do not repeat from map to map. */
final class FixedMap extends AbstractMap<String, Object> {
  final Map<String, Object> entries;

  FixedMap(int count) {
    entries = new LinkedHashMap<>(tableFor(count));
  }

  /** The smallest capacity of a hash map that this many entries do not outgrow. */
  static int tableFor(int count) {
    return (int) Math.min((4L * count + 2) / 3, 1 << 30);
  }

  @Override
  public int size() {
    return entries.size();
  }

  @Override
  public Object get(Object key) {
    return entries.get(key);
  }

  @Override
  public boolean containsKey(Object key) {
    return entries.containsKey(key);
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
  public Set<Map.Entry<String, Object>> entrySet() {
    return Collections.unmodifiableMap(entries).entrySet();
  }
}
