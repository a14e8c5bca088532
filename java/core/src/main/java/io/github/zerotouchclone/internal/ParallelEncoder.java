package io.github.zerotouchclone.internal;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Encodes the values of an iterator on several threads and hands them to the writer in order. The
 * calling thread asks the iterator for values and the writer to take events; at most two batches a
 * thread are under way, so memory does not grow with the number of values.
 *
 * <p>Events refer to keys of maps by numbers that only the writer's own encoder gives. The other
 * encoders know those that were given before they began; whenever they meet new ones, the calling
 * thread encodes a batch itself, and the encoders begin anew.
 */
public final class ParallelEncoder {
  private static final int BATCH_BYTES = 128 << 10; // of events, about
  private static final int MAX_BATCH = 256; // values, since nobody knows how large the next is
  private static final int BATCHES_A_THREAD = 2;
  private static final int MAX_THREADS = 1024;
  private static final int LEARN_EVERY = 16; // batches, at most

  private final EventFeed feed;
  private final EventEncoder main;
  private final Iterator<?> values;
  private final Function<Object, ?> key;
  private final int threads;
  private final long first;

  private final ArrayDeque<EncodedBatch> underWay = new ArrayDeque<>();
  private final ArrayDeque<EventEncoder> idle = new ArrayDeque<>();
  private long taken; // from the iterator
  private long written;
  private long bytes;
  private int sinceLearning;
  private boolean learn = true;
  private boolean interrupted;

  /**
   * @param main the writer's own encoder, whose events have been handed over
   * @param key the keys of the values, or null for none
   * @param first the index of the first value
   */
  public ParallelEncoder(
      EventFeed feed,
      EventEncoder main,
      Iterator<?> values,
      Function<Object, ?> key,
      int threads,
      long first) {
    this.feed = feed;
    this.main = main;
    this.values = values;
    this.key = key;
    this.threads = Math.min(threads, MAX_THREADS);
    this.first = first;
  }

  /** Number of values that were written, also after an exception: those before the culprit. */
  public long written() {
    return written;
  }

  /** Encodes and hands over all values. No thread touches one of them after the return. */
  public void run() {
    ExecutorService executor = Executors.newFixedThreadPool(threads, ParallelEncoder::thread);
    try {
      Throwable failure = null;
      boolean more = true;
      while (more || !underWay.isEmpty()) {
        if (more && underWay.size() < BATCHES_A_THREAD * threads) {
          List<Object> next = new ArrayList<>();
          try {
            more = take(next);
          } catch (Throwable e) {
            failure = e; // of the iterator: the values before are written
            more = false;
          }
          begin(next, executor);
        } else {
          finish(underWay.remove());
        }
      }
      if (failure != null) {
        throw unchecked(failure);
      }
    } finally {
      stop(executor);
      main.clear();
    }
  }

  private static Thread thread(Runnable task) {
    Thread thread = new Thread(task, "ztc-encoder");
    thread.setDaemon(true);
    return thread;
  }

  private void stop(ExecutorService executor) {
    executor.shutdownNow();
    boolean stopped = false;
    while (!stopped) {
      try {
        stopped = executor.awaitTermination(1, TimeUnit.MINUTES);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Takes values for a batch; false if there are no more. */
  private boolean take(List<Object> to) {
    long size = written == 0 ? 1 : Math.max(1, bytes / written);
    int limit = written == 0 ? 16 : (int) Math.max(1, Math.min(MAX_BATCH, BATCH_BYTES / size));
    while (to.size() < limit) {
      if (!values.hasNext()) {
        return false;
      }
      to.add(values.next());
      taken++;
    }
    return true;
  }

  private void begin(List<Object> next, ExecutorService executor) {
    if (next.isEmpty()) {
      return;
    }
    long index = first + taken - next.size();
    if (learn) {
      // In order: all before must be written, since this one may define keys.
      while (!underWay.isEmpty()) {
        finish(underWay.remove());
      }
      EncodedBatch own = new EncodedBatch(feed.path(), next, key, index, main);
      own.run();
      finish(own);
      learn = false;
      sinceLearning = 0;
      idle.clear();
      return;
    }
    EventEncoder encoder = idle.isEmpty() ? new EventEncoder(feed.path(), main) : idle.remove();
    EncodedBatch batch = new EncodedBatch(feed.path(), next, key, index, encoder);
    underWay.add(batch);
    executor.execute(batch);
    sinceLearning++;
  }

  /** Hands a batch over when it is encoded, or throws what went wrong with its next value. */
  private void finish(EncodedBatch batch) {
    interrupted |= batch.await();
    EventEncoder encoder = batch.encoder();
    if (encoder != main) {
      learn |= encoder.keys().misses() > 0 && sinceLearning >= LEARN_EVERY;
    }
    hand(batch, encoder);
    Throwable failure = batch.failure();
    if (failure != null) {
      throw unchecked(failure);
    }
    EncodedBatch rest = batch;
    while (!rest.isComplete()) {
      rest = rest.rest(encoder);
      rest.run();
      hand(rest, encoder);
      if (rest.failure() != null) {
        throw unchecked(rest.failure());
      }
    }
    if (encoder != main && !learn) {
      idle.add(encoder);
    }
  }

  private void hand(EncodedBatch batch, EventEncoder encoder) {
    if (batch.count() == 0) {
      return;
    }
    int size = encoder.size();
    written += batch.count() - 1;
    feed.hand(encoder, batch.last(), batch.lastRecord());
    written++;
    bytes += size;
  }

  /** What a value, an iterator or a key's function throws goes to the caller as it is. */
  @SuppressWarnings("unchecked")
  private static <E extends Throwable> RuntimeException unchecked(Throwable failure) throws E {
    throw (E) failure;
  }
}
