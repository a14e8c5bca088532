package io.github.zerotouchclone.internal;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;

/**
 * Some of the values that several threads encode: one thread turns them into events while others do
 * the same with those before and behind them.
 */
final class EncodedBatch implements Runnable {
  // A batch with more events ends early, so that memory is bounded whatever the values' sizes.
  private static final int MAX_BYTES = 4 << 20;

  private final String region;
  private final List<Object> values;
  private final Function<Object, ?> key; // or null
  private final long first;
  private final EventEncoder encoder;
  private final CountDownLatch done = new CountDownLatch(1);
  private int count;
  private int last; // where the events of the last record begin
  private Throwable failure;

  /**
   * @param key the keys of the values, or null for none
   * @param first the index of the first value
   * @param encoder for this batch alone until its events are taken
   */
  EncodedBatch(
      String region,
      List<Object> values,
      Function<Object, ?> key,
      long first,
      EventEncoder encoder) {
    this.region = region;
    this.values = values;
    this.key = key;
    this.first = first;
    this.encoder = encoder;
  }

  @Override
  public void run() {
    try {
      while (count < values.size() && encoder.size() <= MAX_BYTES) {
        Object value = values.get(count);
        int before = encoder.size();
        encoder.add(value, keyEvent(value, count), first + count);
        last = before;
        count++;
      }
    } catch (Throwable e) {
      failure = e;
    } finally {
      done.countDown();
    }
  }

  private byte[] keyEvent(Object value, int i) {
    Object own = key == null ? null : key.apply(value);
    return own == null ? null : RecordKeys.event(own, region, first + i);
  }

  /** Waits until the events are there; true if the thread was interrupted meanwhile. */
  boolean await() {
    boolean interrupted = false;
    while (true) {
      try {
        done.await();
        return interrupted;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
  }

  /** The encoder with the events of the first {@link #count} values. */
  EventEncoder encoder() {
    return encoder;
  }

  /** Number of values that are encoded. */
  int count() {
    return count;
  }

  /** Where the events of the last one begin. */
  int last() {
    return last;
  }

  /** The index of the last one. */
  long lastRecord() {
    return first + count - 1;
  }

  /** Why the next value could not be encoded, or null. */
  Throwable failure() {
    return failure;
  }

  /** The values that are left; empty unless the batch ended early. */
  EncodedBatch rest(EventEncoder next) {
    return new EncodedBatch(region, values.subList(count, values.size()), key, first + count, next);
  }

  /** Whether all values are encoded. */
  boolean isComplete() {
    return count == values.size();
  }
}
