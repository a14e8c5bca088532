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
   * <p>A value is {@code null}, or
   *
   * <ul>
   *   <li>a {@link String} of any content, {@link Boolean}, {@link Character}, {@link Byte}, {@link
   *       Short}, {@link Integer}, {@link Long}, {@link Float}, {@link Double}, {@link
   *       java.math.BigInteger} or {@link java.math.BigDecimal};
   *   <li>a {@code byte[]} or the remaining bytes of a {@link java.nio.ByteBuffer};
   *   <li>a {@link java.util.UUID}, {@link java.net.URI}, {@link java.time.Instant}, {@link
   *       java.time.Duration}, {@link java.time.Period}, {@link java.time.LocalDate}, {@link
   *       java.time.LocalTime}, {@link java.time.LocalDateTime}, {@link java.time.OffsetDateTime}
   *       or {@link java.time.ZonedDateTime};
   *   <li>an {@link Enum} constant, stored as the names of its class and itself;
   *   <li>an {@link java.util.Optional} and the like: what is in it, or {@code null};
   *   <li>a {@link java.util.Map}, {@link java.util.Set} or other {@link java.util.Collection} of
   *       values, in the order of its iterator; maps with {@link String} keys are the fastest;
   *   <li>an array of values, stored as a list; {@code short[]}, {@code int[]}, {@code long[]},
   *       {@code float[]} and {@code double[]} are stored as they are, {@code boolean[]} as a list
   *       and {@code char[]} as a string;
   *   <li>a record, stored as the map of its components, or an object of any other class that is
   *       not part of the JDK, stored as the map of its properties: fields that are public or have
   *       a getter ({@code getName}, {@code isName} or {@code name}) and are not transient, and
   *       getters that have a setter. {@link Field} renames properties, and makes one of any field
   *       or getter. A class in a named module must be public and exported, or its package open to
   *       this module;
   *   <li>what {@link #share} returned, or an {@link Ext} with a value as its payload.
   * </ul>
   *
   * <p>At most 512 containers may be inside each other; a set, or a map with other keys than
   * strings, counts twice. A string must be below 1 GiB.
   *
   * <p>A container, record or bean that is met more than once in a record, also inside itself, is
   * stored once, and a copy has it as one object again. That does not hold for values without
   * elements, {@code byte[]}, {@code char[]}, empty arrays and the empty collections of {@code
   * List.of()} and the like, which have no identity of their own.
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
    checkNotAdding("add");
    adding = true;
    try {
      int before = encoder.size();
      encode(value, before);
      handOver(before, count);
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

  /**
   * Stores a value once that any number of later records may point to. Each copy of such a record
   * gets its own copy of it, as if the record had contained it. O(size of the value).
   *
   * <p>The result stands for the value inside records and inside other values that are shared. A
   * container, record or bean need not be replaced by it: wherever that very object is met from now
   * on, it stands for what was stored here, even if it changes later. What it contains is not
   * shared itself. The writer keeps the object reachable.
   *
   * @param value a value as {@link #add} takes it; if it is shared already, that is returned
   * @throws UnstorableValueException as {@link #add}; the writer can be used on
   * @throws RegionException as {@link #add}
   */
  public SharedValue share(Object value) {
    checkUsable();
    checkNotAdding("share");
    SharedValue known = encoder.handleOf(value);
    if (known != null) {
      return known;
    }
    adding = true;
    try {
      int before = encoder.size();
      encoder.define(value);
      SharedValue shared = new SharedValue(reserve());
      encoder.share(value, shared);
      try {
        handOver(before, -1);
      } catch (UnstorableValueException e) {
        encoder.unshare(value, shared);
        throw e;
      }
      return shared;
    } finally {
      adding = false;
    }
  }

  private int reserve() {
    try {
      int number = Native.writerReserveShared(handle.get());
      Reference.reachabilityFence(this);
      return number;
    } catch (NativeFailure e) {
      failure = e;
      throw e.at(path);
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
    checkNotAdding("publish");
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

  /**
   * Hands events over if there are enough of them.
   *
   * @param before where the events of the last value begin
   * @param record its index, or -1
   */
  private void handOver(int before, long record) {
    if (encoder.size() - before > LARGE) {
      feedLarge(before, record);
    } else if (encoder.size() >= FEED) {
      feed(encoder.size());
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
  private void feedLarge(int before, long record) {
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
      throw new UnstorableValueException(e.status(), path, record, "$", e.getMessage());
    }
    Reference.reachabilityFence(this);
    encoder.clear();
  }

  private void checkUsable() {
    if (failure != null) {
      throw failure.at(path);
    }
  }

  private void checkNotAdding(String method) {
    if (adding) {
      throw wrongState(method + " was called by a value that is being added").at(path);
    }
  }

  private static NativeFailure wrongState(String reason) {
    return new NativeFailure(Status.WRONG_STATE, RegionException.NO_OFFSET, reason);
  }
}
