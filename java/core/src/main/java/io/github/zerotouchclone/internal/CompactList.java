package io.github.zerotouchclone.internal;

import java.util.AbstractList;
import java.util.Arrays;
import java.util.RandomAccess;

/** An unmodifiable list. Complete, and safe for any thread, when its decoder has ended. */
final class CompactList extends AbstractList<Object> implements RandomAccess {
  final Object[] values;

  CompactList(int count) {
    this.values = new Object[count];
  }

  @Override
  public int size() {
    return values.length;
  }

  @Override
  public Object get(int i) {
    return values[i];
  }

  @Override
  public void clear() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Object[] toArray() {
    return Arrays.copyOf(values, values.length);
  }
}
