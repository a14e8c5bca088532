package io.github.zerotouchclone;

import io.github.zerotouchclone.internal.EventEncoder;
import io.github.zerotouchclone.internal.EventFeed;
import io.github.zerotouchclone.internal.Native;
import io.github.zerotouchclone.internal.ParallelEncoder;
import io.github.zerotouchclone.internal.RecordKeys;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Iterator;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

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
  private static final int KEEP = -1;
  private static final long MAX_ID = 0xfffffffeL;

  private final EventFeed feed;
  private final EventEncoder encoder;
  private long count;
  private byte[] nextKey; // the event of the key for the next record, or null
  private boolean adding;
  private int mode = KEEP;
  private int owner = KEEP;
  private int group = KEEP;

  private RegionWriter(EventFeed feed) {
    this.feed = feed;
    this.encoder = new EventEncoder(feed.path());
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
    return new RegionWriter(new EventFeed(path));
  }

  /**
   * Sets who may use the published file. Without this it has the permissions of the file that it
   * replaces, or those that this process gives new files; never may everybody write. They hold for
   * the temporary file at once. O(1).
   *
   * @param permissions all of them
   * @return this
   * @throws IllegalArgumentException if everybody may write
   * @throws RegionException if they cannot be set; publishing tries again
   */
  public RegionWriter permissions(Set<PosixFilePermission> permissions) {
    if (permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
      throw new IllegalArgumentException("a region must not be writable for everybody");
    }
    int bits = 0;
    for (PosixFilePermission permission : permissions) {
      bits |= 0400 >> permission.ordinal();
    }
    checkUsable("permissions");
    mode = bits;
    feed.setAccess(mode, owner, group);
    return this;
  }

  /**
   * Sets whom the published file belongs to. Without this it belongs to the user of the file that
   * it replaces, if this process may give files away, else to the process's own. O(1).
   *
   * @param user its number
   * @return this
   * @throws IllegalArgumentException if the number is not between 0 and 2³² − 2
   * @throws RegionException if the file cannot be given to that user, which takes a privilege;
   *     publishing tries again
   */
  public RegionWriter owner(long user) {
    int id = id(user);
    checkUsable("owner");
    owner = id;
    feed.setAccess(mode, owner, group);
    return this;
  }

  /**
   * Sets the group of the published file. Without this it has the group of the file that it
   * replaces, if this process is in it or may give files away; else a group of the process's own,
   * which gets no more permissions than everybody. O(1).
   *
   * @param number of the group
   * @return this
   * @throws IllegalArgumentException if the number is not between 0 and 2³² − 2
   * @throws RegionException if the file cannot be given to that group; publishing tries again
   */
  public RegionWriter group(long number) {
    int id = id(number);
    checkUsable("group");
    group = id;
    feed.setAccess(mode, owner, group);
    return this;
  }

  private static int id(long number) {
    if (number < 0 || number > MAX_ID) {
      throw new IllegalArgumentException(number + " is no number of a user or group");
    }
    return (int) number;
  }

  private void checkUsable(String method) {
    feed.checkUsable();
    checkNotAdding(method);
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
   *       java.time.LocalTime}, {@link java.time.LocalDateTime}, {@link java.time.OffsetDateTime},
   *       {@link java.time.OffsetTime}, {@link java.time.ZonedDateTime}, {@link java.time.Year},
   *       {@link java.time.YearMonth}, {@link java.time.MonthDay} or {@link java.time.ZoneId};
   *   <li>an {@link Enum} constant, stored as the names of its class and itself;
   *   <li>an {@link java.util.Optional} and the like: what is in it, or {@code null};
   *   <li>a {@link java.util.Map}, {@link java.util.Set} or other {@link java.util.Collection} of
   *       values, in the order of its iterator; maps with {@link String} keys are the fastest;
   *   <li>an array of values, stored as a list; {@code short[]}, {@code int[]}, {@code long[]},
   *       {@code float[]} and {@code double[]} are stored as they are, {@code boolean[]} as a list
   *       and {@code char[]} as a string;
   *   <li>a record, stored as the map of its components, or an object of any other class that is
   *       not part of the JDK, stored as the map of its properties (see below). A class in a named
   *       module must be public and exported, or its package open to this module;
   *   <li>what {@link #share} returned, or an {@link Ext} with a value as its payload.
   * </ul>
   *
   * <p>Properties of a class are its and its superclasses' fields that are public or have a public
   * getter, and are not {@code transient}; and getters without a field that have a setter. What is
   * stored is what the getter returns, of whatever type. A getter is {@code getName}, of any type;
   * {@code isName}, of a {@code boolean} or {@code Boolean}; or {@code name} with the type of the
   * field, boxed or not, one above it, or {@code Optional}. It may be a default method of an
   * interface. {@link Field} renames properties, and makes one of any field or getter; {@code
   * transient} takes one out. {@link Binding} says which of them are read.
   *
   * <p>At most 512 containers may be inside each other; a set, or a map with other keys than
   * strings, counts twice. A string must be below 1 GiB. What is stored alike, as an {@code
   * Optional} and what is in it or two {@code char[]} with the same characters, cannot be in one
   * set or be keys of one map: that is refused with {@link Status#DUPLICATE_KEY}.
   *
   * <p>A container, record or bean that is met more than once in a record, also inside itself, is
   * stored once, and a copy has it as one object again. That does not hold for values without
   * elements, {@code byte[]}, {@code char[]}, empty arrays and the empty collections of {@code
   * List.of()} and the like, which have no identity of their own.
   *
   * <p>The value is encoded before the method returns; it may change afterwards. What its getters
   * and iterators throw reaches the caller as it is, or if it is a checked exception as the cause
   * of an {@link UnstorableValueException}: the record is not written, and the writer can be used
   * on. They may not call this writer, which is refused with {@link Status#WRONG_STATE}.
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
  public long add(@Nullable Object value) {
    feed.checkUsable();
    checkNotAdding("add");
    adding = true;
    try {
      int before = encoder.size();
      byte[] key = nextKey;
      nextKey = null;
      encoder.add(value, key, count);
      feed.offer(encoder, before, count);
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

  /**
   * Refuses a character, which would else be taken for a number.
   *
   * @deprecated for {@link #key(String)}
   * @throws IllegalArgumentException always
   */
  @Deprecated
  public RegionWriter key(char key) {
    throw RecordKeys.refuse(key);
  }

  private RegionWriter nextKey(Object key) {
    checkUsable("key");
    if (nextKey != null) {
      throw feed.wrongState("record " + count + " has a key already; add the record first");
    }
    nextKey = RecordKeys.event(key, feed.path(), count);
    return this;
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
  public SharedValue share(@Nullable Object value) {
    feed.checkUsable();
    checkNotAdding("share");
    SharedValue known = encoder.handleOf(value);
    if (known != null) {
      return known;
    }
    adding = true;
    try {
      int before = encoder.size();
      encoder.define(value);
      SharedValue shared = new SharedValue(feed.reserveShared());
      encoder.share(value, shared);
      try {
        feed.offer(encoder, before, -1);
      } catch (UnstorableValueException e) {
        encoder.unshare(value, shared);
        throw e;
      }
      return shared;
    } finally {
      adding = false;
    }
  }

  /**
   * Appends a record for each value, as {@link #add} would one after the other, but encodes them on
   * several threads. The file has the same bytes for any number of threads.
   *
   * <p>The calling thread asks the iterator for values and writes; memory does not grow with their
   * number, since the iterator waits for the writer. Values are encoded after they were handed out,
   * so each must be an object of its own that does not change until this method returns. No thread
   * touches them afterwards.
   *
   * @param values the records; may contain {@code null}
   * @param threads how many threads encode, 1 or more; they exist during this call. More than 1024
   *     are taken as 1024
   * @return the number of records appended
   * @throws UnstorableValueException if a value cannot be stored: those before it are appended,
   *     those behind it are not
   * @throws RegionException as {@link #add}
   */
  public long addAll(Iterator<? extends @Nullable Object> values, int threads) {
    return addAll(Objects.requireNonNull(values, "values"), null, threads, "addAll");
  }

  /**
   * As {@link #addAll}, with keys.
   *
   * @param key the key of a value, as {@link #key} takes it: a {@link String}, {@link Long} or
   *     {@code byte[]}, or {@code null} for none; called by any of the threads. An {@link Integer}
   *     is the {@code Long} of that number; all else is an {@link UnstorableValueException}
   */
  public <T extends @Nullable Object> long addAllKeyed(
      Iterator<? extends T> values,
      Function<? super T, ? extends @Nullable Object> key,
      int threads) {
    Objects.requireNonNull(key, "key");
    @SuppressWarnings("unchecked") // all it gets are values of the iterator
    Function<Object, ?> unchecked = (Function<Object, ?>) key;
    return addAll(Objects.requireNonNull(values, "values"), unchecked, threads, "addAllKeyed");
  }

  private long addAll(Iterator<?> values, Function<Object, ?> key, int threads, String method) {
    feed.checkUsable();
    checkNotAdding(method);
    if (threads < 1) {
      throw new IllegalArgumentException("threads: " + threads + " is less than 1");
    }
    if (nextKey != null) {
      throw feed.wrongState("there is a key, but no record for it");
    }
    feed.hand(encoder);
    ParallelEncoder parallel = new ParallelEncoder(feed, encoder, values, key, threads, count);
    adding = true;
    try {
      parallel.run();
    } finally {
      adding = false;
      count += parallel.written();
    }
    return parallel.written();
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
    feed.checkUsable();
    checkNotAdding("publish");
    if (nextKey != null) {
      throw feed.wrongState("there is a key, but no record for it");
    }
    try {
      feed.hand(encoder);
      feed.publish();
    } finally {
      close();
    }
  }

  /**
   * Gives up: removes what was written; the old file, if there is one, stays as it is. Does nothing
   * after {@link #publish}. Idempotent.
   *
   * @throws RegionException with {@link Status#WRONG_STATE} if a value that is being added calls it
   */
  public void abort() {
    checkNotAdding("abort");
    feed.close();
  }

  /** As {@link #abort}, so that a writer that an exception leaves unpublished leaves nothing. */
  @Override
  public void close() {
    checkNotAdding("close");
    feed.close();
  }

  private void checkNotAdding(String method) {
    if (adding) {
      throw feed.wrongState(method + " was called by a value that is being added");
    }
  }
}
