package io.github.zerotouchclone.internal;

import io.github.zerotouchclone.RegionException;
import io.github.zerotouchclone.Status;
import io.github.zerotouchclone.UnstorableValueException;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The native writer of one region, which takes events, and what became of it. A writer that nobody
 * holds any more is aborted. One thread at a time; the native writer is locked nevertheless, so
 * that another thread's close waits for the present call, and none follows it.
 */
public final class EventFeed {
  // Events are handed over in pieces of about this size.
  private static final int PIECE = 64 << 10;
  // A record with more events than this is handed over alone.
  private static final int LARGE = 16 << 20;

  private static final String ENDED = "the writer is published or closed";

  private final String path;
  private final AtomicLong handle; // 0 once the writer is published or aborted
  private final Cleaner.Cleanable abort;
  private final Slab slab = new Slab();
  private NativeFailure failure; // of the whole writer

  /** Starts a region at a path. */
  public EventFeed(Path path) {
    this.path = path.toString();
    try {
      this.handle = new AtomicLong(Native.writerCreate(SystemPaths.bytes(path)));
    } catch (NativeFailure e) {
      throw e.at(this.path);
    }
    AtomicLong owned = this.handle;
    this.abort = Slab.cleaner().register(this, () -> abort(owned));
  }

  private static void abort(AtomicLong handle) {
    long owned = handle.getAndSet(0);
    if (owned != 0) {
      Native.writerAbort(owned);
    }
  }

  /** The path of the region, for messages. */
  public String path() {
    return path;
  }

  /** Throws what made the writer unusable, if it is. */
  public void checkUsable() {
    if (failure != null) {
      throw failure.at(path);
    }
  }

  /** The error that something is done in the wrong order. */
  public RegionException wrongState(String reason) {
    return stateFailure(reason).at(path);
  }

  private static NativeFailure stateFailure(String reason) {
    return new NativeFailure(Status.WRONG_STATE, RegionException.NO_OFFSET, reason);
  }

  /** The native writer, which only a thread that holds this lock may use. */
  private long writer() {
    long writer = handle.get();
    if (writer == 0) {
      throw stateFailure(ENDED);
    }
    return writer;
  }

  /** Sets mode, owner and group of the published file; -1 keeps what the replaced file has. */
  public synchronized void setAccess(int mode, int owner, int group) {
    try {
      Native.writerAccess(writer(), mode, owner, group);
      Reference.reachabilityFence(this);
    } catch (NativeFailure e) {
      throw e.at(path);
    }
  }

  /** Reserves the next number for a value that records share. */
  public synchronized int reserveShared() {
    try {
      int number = Native.writerReserveShared(writer());
      Reference.reachabilityFence(this);
      return number;
    } catch (NativeFailure e) {
      failure = e;
      throw e.at(path);
    }
  }

  /**
   * Hands an encoder's events over, and clears it, if there are enough of them.
   *
   * @param before where the events of the last value begin
   * @param record its index, or -1
   */
  public void offer(EventEncoder encoder, int before, long record) {
    if (encoder.size() >= PIECE) {
      hand(encoder, before, record);
    }
  }

  /**
   * Hands an encoder's events over, and clears it.
   *
   * @param before where the events of the last value begin
   * @param record its index, or -1
   */
  void hand(EventEncoder encoder, int before, long record) {
    if (encoder.size() - before > LARGE) {
      handLarge(encoder, before, record);
    } else {
      hand(encoder);
    }
  }

  /** Hands an encoder's events over, and clears it. */
  public void hand(EventEncoder encoder) {
    try {
      feed(encoder, 0, encoder.size());
    } catch (NativeFailure e) {
      // Records that were accepted before are affected, so nothing can be saved.
      failure = e;
      throw e.at(path);
    }
    encoder.clear();
  }

  private synchronized void feed(EventEncoder encoder, int from, int size) {
    try {
      if (size > 0) {
        slab.feed(writer(), encoder.events(), from, size, path);
        Reference.reachabilityFence(this);
      }
    } catch (OutOfMemoryError e) {
      // The events would be handed over a second time.
      String reason = "out of memory while records were handed over";
      failure = new NativeFailure(Status.NO_MEMORY, RegionException.NO_OFFSET, reason);
      throw e;
    }
  }

  /**
   * Hands over a large record alone: it may exceed a limit only in its encoded form, and then is
   * dropped without harm to the others.
   */
  private synchronized void handLarge(EventEncoder encoder, int before, long record) {
    int size = encoder.size() - before;
    try {
      feed(encoder, 0, before);
      feed(encoder, before, size);
    } catch (NativeFailure e) {
      // Only the end of the record failed, so that all keys before it are known on both sides.
      boolean dropped = e.status() == Status.TOO_LARGE && e.offset() == size - 1;
      if (!dropped) {
        failure = e;
        throw e.at(path);
      }
      Native.writerDiscard(writer());
      encoder.clear();
      throw new UnstorableValueException(e.status(), path, record, "$", e.getMessage());
    }
    Reference.reachabilityFence(this);
    encoder.clear();
  }

  /**
   * Publishes what was handed over; the writer is closed afterwards, whatever the outcome. The file
   * is checked as a region, which needs a place for one.
   */
  public synchronized void publish() {
    long owned = handle.getAndSet(0);
    if (owned == 0) {
      throw wrongState(ENDED);
    }
    boolean published = false;
    try {
      Opening.handle(
          () -> {
            Native.writerPublish(owned);
            return owned;
          });
      published = true;
    } catch (NativeFailure e) {
      throw e.at(path);
    } finally {
      if (!published) { // also for lack of the memory to say why
        Native.writerAbort(owned);
      }
    }
  }

  /** Removes what was written if nothing was published. Idempotent. */
  public synchronized void close() {
    abort.clean();
    if (failure == null) {
      failure = stateFailure(ENDED);
    }
  }
}
