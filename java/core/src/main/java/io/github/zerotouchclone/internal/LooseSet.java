package io.github.zerotouchclone.internal;

import java.util.AbstractSet;
import java.util.Iterator;

/** A mutable set in insertion order whose elements may be containers; see {@link LooseMap}. */
final class LooseSet<E> extends AbstractSet<E> {
  final LooseMap<E, Boolean> map = new LooseMap<>();

  @Override
  public boolean add(E element) {
    return map.put(element, true) == null;
  }

  @Override
  public boolean contains(Object element) {
    return map.containsKey(element);
  }

  @Override
  public boolean remove(Object element) {
    return map.remove(element) != null;
  }

  @Override
  public Iterator<E> iterator() {
    return map.keySet().iterator();
  }

  @Override
  public int size() {
    return map.size();
  }
}
