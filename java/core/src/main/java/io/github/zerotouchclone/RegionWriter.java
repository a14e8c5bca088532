package io.github.zerotouchclone;

import io.github.zerotouchclone.internal.EventEncoder;
import io.github.zerotouchclone.internal.Native;
import io.github.zerotouchclone.internal.NativeFailure;
import io.github.zerotouchclone.internal.RecordKeys;
import io.github.zerotouchclone.internal.Slab;
import io.github.zerotouchclone.internal.SystemPaths;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Writes a region: any number of records, then {@link #publish}.
 *
 * <pre>{@code
 * try (RegionWriter writer = RegionWriter.create(Path.of("jobs.ztc"))) {
 *   for (Map<String, Object> job : jobs) {
 *     writer.add(job);
 *   }
 *   writer.publish();
 * }
 * }</pre>
 *
 * <p>Records go to temporary files beside the target while they are added, so memory does not grow
 * with their number. The target appears, or is replaced, in one step by {@code publish}; until
 * then, and if anything fails, it stays as it was. A writer that is closed without {@code publish}
 * leaves nothing behind.
 *
 * <p>One thread at a time; not synchronised.
 */
public final class RegionWriter implements AutoCloseable {
  // Events are handed over in pieces of about this size.
  private static final int FEED = 64 << 10;
  // A record with more events than this is handed over alone.
  private static final int LARGE = 16 << 20;

  private final String path;
  private final AtomicLong handle; // 0 once the writer is published or aborted
  private final Cleaner.Cleanable abort;
  private final EventEncoder encoder;
  private final Slab slab = new Slab();
  private long count;
  private boolean adding;
  private byte[] nextKey; // the event of the key that the next record gets
  private NativeFailure failure; // of the whole writer

  private RegionWriter(long handle, String path) {
    this.path = path;
    this.handle = new AtomicLong(handle);
    this.encoder = new EventEncoder(path);
    AtomicLong owned = this.handle;
    this.abort = Slab.cleaner().register(this, () -> abort(owned));
  }

  private static void abort(AtomicLong handle) {
    long owned = handle.getAndSet(0);
    if (owned != 0) {
      Native.writerAbort(owned);
    }
  }

  /**
   * Starts a region.
   *
   * @param path where {@link #publish} puts it; its folder must exist and be writable
   * @throws RegionException if the temporary files cannot be created
   * @throws NativeLibraryException if the native library cannot be loaded
   */
  public static RegionWriter create(Path path) {
    Native.initialize();
    String name = path.toString();
    try {
      return new RegionWriter(Native.writerCreate(SystemPaths.bytes(path)), name);
    } catch (NativeFailure e) {
      throw e.at(name);
    }
  }

  /**
   * Appends a record. O(size of the value).
   *
   * <p>A value is {@code null}, a {@link String}, {@link Boolean}, {@link Byte}, {@link Short},
   * {@link Integer}, {@link Long}, {@link Float} or {@link Double}, a {@code byte[]}, or a
   * container of values: a {@link java.util.Map} with {@link String} keys, a {@link
   * java.util.Collection} (stored as a list, sets as well), an array of objects (stored as a list),
   * a {@code short[]}, {@code int[]}, {@code long[]}, {@code float[]} or {@code double[]}, or an
   * {@link Ext} with a value as its payload. At most 512 containers may be inside each other. A
   * string may have any content but unpaired surrogates, and below 1 GiB.
   *
   * <p>A container that is met more than once in a record, also inside itself, is stored once, and
   * a copy has it as one object again. That does not hold for strings, {@code byte[]}, empty arrays
   * and the empty collections of {@code List.of()} and the like, which have no identity of their
   * own.
   *
   * <p>The value is encoded before the method returns; it may change afterwards.
   *
   * @param value the record; may be {@code null}
   * @return the record's index: 0, 1, 2 …
   * @throws UnstorableValueException if the value cannot be stored; it names the place inside the
   *     record. The record is not written, its index goes to the next one, and the writer can be
   *     used on
   * @throws RegionException if writing fails, for instance because the disk is full, or if the
   *     record turns out to take more than 2³¹ − 64 bytes before its end; the writer can only be
   *     closed then
   */
  public long add(Object value) {
    checkUsable();
    if (adding) {
      throw wrongState("add was called by a value that is being added").at(path);
    }
    adding = true;
    try {
      int before = encoder.size();
      encode(value, before);
      if (encoder.size() - before > LARGE) {
        feedLarge(before);
      } else if (encoder.size() >= FEED) {
        feed(encoder.size());
      }
    } finally {
      adding = false;
    }
    return count++;
  }

  /**
   * Gives the record that the next {@link #add} appends a key, by which {@link Region#indexOf} and
   * {@link ZeroTouchClone#copyByKey(Region, String)} find it:
   *
   * <pre>{@code
   * writer.key("user:42").add(user);
   * }</pre>
   *
   * <p>No two records of a region can have the same key; {@link #publish} fails if two do. A
   * string, a number and bytes are never the same key. If {@code add} throws, the key is dropped as
   * well.
   *
   * @param key at most 65,535 bytes as UTF-8, without unpaired surrogates
   * @return this writer
   * @throws UnstorableValueException if a record cannot have this key
   * @throws RegionException with {@link Status#WRONG_STATE} if the next record has a key already
   */
  public RegionWriter key(String key) {
    return nextKey(Objects.requireNonNull(key, "key"));
  }

  /** As {@link #key(String)}. */
  public RegionWriter key(long key) {
    return nextKey(key);
  }

  /**
   * As {@link #key(String)}.
   *
   * @param key at most 65,535 bytes; they are copied
   */
  public RegionWriter key(byte[] key) {
    return nextKey(Objects.requireNonNull(key, "key"));
  }

  private RegionWriter nextKey(Object key) {
    checkUsable();
    if (nextKey != null) {
      throw wrongState("record " + count + " has a key already; add the record first").at(path);
    }
    nextKey = RecordKeys.event(key, path, count);
    return this;
  }

  private void encode(Object value, int before) {
    byte[] key = nextKey;
    nextKey = null;
    if (key == null) {
      encoder.add(value, count);
      return;
    }
    encoder.key(key);
    boolean complete = false;
    try {
      encoder.add(value, count);
      complete = true;
    } finally {
      if (!complete) {
        encoder.dropKey(before);
      }
    }
  }

  /** Number of records added. */
  public long count() {
    return count;
  }

  /**
   * Finishes the file, flushes it to disk, reads it back and checks it, and puts it at its path in
   * one step. The writer is closed afterwards, whatever the outcome.
   *
   * @throws RegionException if anything fails; the old file, if there was one, is as it was, and no
   *     temporary file stays. {@link Status#DUPLICATE_KEY} if two records have the same key: the
   *     message names the key and both
   */
  public void publish() {
    checkUsable();
    if (adding) {
      throw wrongState("publish was called by a value that is being added").at(path);
    }
    if (nextKey != null) {
      throw wrongState("there is a key, but no record for it").at(path);
    }
    try {
      feed(encoder.size());
      Native.writerPublish(handle.getAndSet(0));
    } catch (NativeFailure e) {
      throw e.at(path);
    } finally {
      close();
    }
  }

  /** Gives up if nothing was published: removes what was written. Idempotent. */
  @Override
  public void close() {
    abort.clean();
    if (failure == null) {
      failure = wrongState("the writer is published or closed");
    }
  }

  private void feed(int size) {
    try {
      feedEvents(0, size);
    } catch (NativeFailure e) {
      // Records that were accepted before are affected, so nothing can be saved.
      failure = e;
      throw e.at(path);
    }
    encoder.clear();
  }

  private void feedEvents(int from, int size) {
    try {
      if (size > 0) {
        slab.feed(handle.get(), encoder.events(), from, size, path);
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
  private void feedLarge(int before) {
    int size = encoder.size() - before;
    try {
      feedEvents(0, before);
      feedEvents(before, size);
    } catch (NativeFailure e) {
      // Only the end of the record failed, so that all keys before it are known on both sides.
      boolean dropped = e.status() == Status.TOO_LARGE && e.offset() == size - 1;
      if (!dropped) {
        failure = e;
        throw e.at(path);
      }
      Native.writerDiscard(handle.get());
      encoder.clear();
      throw new UnstorableValueException(e.status(), path, count, "$", e.getMessage());
    }
    Reference.reachabilityFence(this);
    encoder.clear();
  }

  private void checkUsable() {
    if (failure != null) {
      throw failure.at(path);
    }
  }

  private static NativeFailure wrongState(String reason) {
    return new NativeFailure(Status.WRONG_STATE, RegionException.NO_OFFSET, reason);
  }
}
