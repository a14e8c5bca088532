package io.github.zerotouchclone;

import java.util.Objects;
import java.util.Spliterator;
import java.util.function.Consumer;

/** The records of a region from one index to another, each as an independent copy. */
final class RecordSpliterator implements Spliterator<RecordCopy> {
  private final Region region;
  private long next;
  private final long end;

  RecordSpliterator(Region region, long from, long to) {
    this.region = region;
    this.next = from;
    this.end = to;
  }

  @Override
  public boolean tryAdvance(Consumer<? super RecordCopy> action) {
    Objects.requireNonNull(action); // before a record is taken
    if (next >= end) {
      return false;
    }
    action.accept(ZeroTouchClone.copy(region, next++));
    return true;
  }

  @Override
  public Spliterator<RecordCopy> trySplit() {
    long middle = next + (end - next) / 2;
    if (middle == next) {
      return null;
    }
    Spliterator<RecordCopy> prefix = new RecordSpliterator(region, next, middle);
    next = middle;
    return prefix;
  }

  @Override
  public long estimateSize() {
    return end - next;
  }

  @Override
  public int characteristics() {
    return ORDERED | SIZED | SUBSIZED | NONNULL | IMMUTABLE;
  }
}
