package io.github.zerotouchclone;

import io.github.zerotouchclone.internal.Native;
import io.github.zerotouchclone.internal.NativeFailure;
import io.github.zerotouchclone.internal.Opening;
import io.github.zerotouchclone.internal.Origin;
import io.github.zerotouchclone.internal.RecordKeys;
import io.github.zerotouchclone.internal.RegionAccess;
import io.github.zerotouchclone.internal.Schema;
import io.github.zerotouchclone.internal.Slab;
import io.github.zerotouchclone.internal.SystemPaths;
import io.github.zerotouchclone.internal.Windows;
import java.lang.ref.Reference;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Spliterator;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * An open region: N records that any number of threads, and any number of processes, copy from.
 *
 * <p>The file is mapped shared and read-only; nothing in this library writes to it. Opening touches
 * a few pages, whatever the size. {@link ZeroTouchClone} has the methods that copy.
 *
 * <p>Any thread may use a region, also while another one closes it: a copy then either succeeds or
 * throws {@link RegionClosedException}. A process that a native program forked may go on with
 * regions that the parent opened; a JVM itself cannot fork.
 */
public final class Region implements AutoCloseable {
  static {
    RegionAccess.install(region -> region.handle);
  }

  private final long handle;
  private final String path;
  private final long count;
  private final long size;
  private final long keyCount;
  private final Origin origin;
  private final Windows windows; // null: only the C library may copy

  /** A region whose handle is opened when there is an object that can own it. */
  private Region(LongSupplier opening, String path) {
    this.path = path;
    long opened;
    try {
      opened = opening.getAsLong();
    } catch (NativeFailure e) {
      throw e.at(path);
    }
    this.handle = opened;
    // The range is released when nobody can be inside any more, not at close.
    try {
      Slab.cleaner().register(this, () -> Native.free(opened));
    } catch (Throwable e) { // a lack of memory
      Native.free(opened);
      throw e;
    }
    // Of an immutable file: loops ask for them with every record.
    this.count = Native.count(handle);
    this.size = Native.size(handle);
    this.keyCount = Native.keyCount(handle);
    try {
      this.origin = new Origin(Schema.parse(Native.schemaImage(handle), path), path);
      this.windows = Windows.of(handle);
    } catch (NativeFailure e) {
      throw e.at(path);
    }
  }

  /**
   * Opens a region file. O(1) in the region's size, unless an option says otherwise.
   *
   * @param path the file
   * @param options at most one level of verification, and options; without any, {@link
   *     RegionOption#VERIFY_HEADER}
   * @throws RegionException if the file cannot be opened or is not a region; {@link
   *     RegionException#status} tells a missing, empty, cut, foreign, too new or damaged file
   * @throws NativeLibraryException if the native library cannot be loaded
   */
  public static Region open(Path path, RegionOption... options) {
    Native.initialize();
    String name = path.toString();
    byte[] file = SystemPaths.bytes(path);
    int flags = RegionOption.flags(options);
    return new Region(() -> Opening.handle(() -> Native.open(file, flags)), name);
  }

  /**
   * Opens a region through a descriptor of this process: of a region file, or of sealed memory that
   * a parent handed down. The descriptor stays open and is not needed any more.
   *
   * <p>{@link ProcessBuilder} gives its children descriptors 0 to 2 only; a child JVM gets the
   * region's path, {@code /proc/PID/fd/N} of a process that lives as long, or standard input, which
   * is descriptor 0.
   *
   * @param descriptor the number of an open descriptor
   * @param options as for {@link #open}
   * @throws RegionException as for {@link #open}
   */
  public static Region openDescriptor(int descriptor, RegionOption... options) {
    Native.initialize();
    String name = "descriptor " + descriptor;
    int flags = RegionOption.flags(options);
    return new Region(() -> Opening.handle(() -> Native.openDescriptor(descriptor, flags)), name);
  }

  /**
   * Opens a region that is in this process's memory already, for instance inherited over fork by a
   * JVM that native code started. Meant for that and for audits of this library.
   *
   * <p>The memory must stay readable until the process ends: an address that is not readable ends
   * the process, as nothing here can check it.
   *
   * @param address where the region begins, a multiple of 8
   * @param size its bytes
   * @param options as for {@link #open}
   * @throws RegionException as for {@link #open}
   */
  public static Region openMemory(long address, long size, RegionOption... options) {
    Native.initialize();
    String name = "memory at 0x" + Long.toHexString(address);
    int flags = RegionOption.flags(options);
    return new Region(() -> Native.openMemory(address, size, flags), name);
  }

  /** A region that is opened otherwise; owns its handle. */
  static Region of(LongSupplier opening, String path) {
    return new Region(opening, path);
  }

  /** Number of records; also after close. O(1). */
  public long count() {
    return count;
  }

  /** Bytes of the whole region; also after close. O(1). */
  public long size() {
    return size;
  }

  /** Number of records that have a key; also after close. O(1). */
  public long keyCount() {
    return keyCount;
  }

  /**
   * The index of the record that has this key, or -1 if no record has it; see {@link
   * RegionWriter#key(String)}. O(length of the key): two or three cache lines of the region,
   * whatever the number of records.
   *
   * @throws RegionClosedException if the region is or gets closed
   * @throws CorruptRegionException if the key index leads astray
   */
  public long indexOf(String key) {
    return find(Objects.requireNonNull(key, "key"));
  }

  /** As {@link #indexOf(String)}. */
  public long indexOf(long key) {
    return find(key);
  }

  /** As {@link #indexOf(String)}. */
  public long indexOf(byte[] key) {
    return find(Objects.requireNonNull(key, "key"));
  }

  /**
   * Refuses a character, which would else be taken for a number.
   *
   * @deprecated for {@link #indexOf(String)}
   * @throws IllegalArgumentException always
   */
  @Deprecated
  public long indexOf(char key) {
    throw RecordKeys.refuse(key);
  }

  private long find(Object key) {
    long index = RecordKeys.find(handle, key);
    Reference.reachabilityFence(this);
    if (index >= 0) {
      return index;
    }
    Status status = Status.ofCode((int) -index);
    if (status == Status.NO_SUCH_KEY) {
      return -1;
    }
    throw NativeFailure.exception(
        status,
        RegionException.NO_OFFSET,
        path,
        "key " + RecordKeys.show(key) + ": " + status.text());
  }

  /** The record that has a key, which is a String, a Long or a {@code byte[]}. */
  long require(Object key) {
    long index = find(Objects.requireNonNull(key, "key"));
    if (index >= 0) {
      return index;
    }
    throw new RegionException(
        Status.NO_SUCH_KEY,
        RegionException.NO_OFFSET,
        path,
        "no record has the key "
            + RecordKeys.show(key)
            + (keyCount() == 0
                ? "; no record of this region has one, they are given by RegionWriter.key"
                : ""));
  }

  /**
   * The distinct lists of keys that maps of this region have, each in the order of its maps; also
   * after close. Maps whose keys do not repeat from record to record are not among them. Fresh and
   * mutable. O(keys).
   */
  public List<List<String>> shapes() {
    return origin.schema().shapes();
  }

  /** Fails if the region is closed or lost; cheap enough for every record of a scan. */
  void requireOpen(long index) {
    if (windows != null ? windows.isOpen() : isOpen()) {
      return;
    }
    throw failure(-Native.state(handle), index);
  }

  /** The path that the region was opened with, as it was given. */
  public String path() {
    return path;
  }

  /** Whether records can be copied: neither {@link #close} was called, nor was the file lost. */
  public boolean isOpen() {
    int state = Native.state(handle);
    Reference.reachabilityFence(this);
    return state == 0;
  }

  /**
   * Checks every byte: checksums, structure, offsets, padding. O(size), one pass over the file.
   *
   * @throws CorruptRegionException if anything is wrong; it says what and at which byte of the file
   * @throws RegionClosedException if the region is or gets closed
   */
  public void validate() {
    try {
      Native.validate(handle);
    } catch (NativeFailure e) {
      throw e.at(path);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * All records in order, each as an independent copy. Splits into halves of known size, so a
   * parallel stream keeps all its threads busy with neighbouring records.
   */
  public Spliterator<RecordCopy> spliterator() {
    return new RecordSpliterator(this, 0, count());
  }

  /** A sequential stream of {@link #spliterator}; {@code parallel()} makes it a parallel one. */
  public Stream<RecordCopy> stream() {
    return StreamSupport.stream(spliterator(), false);
  }

  /**
   * Shows all records in order, in this thread, through one view that moves from record to record.
   * The view, and views that were taken from it, are valid during the call only; {@link
   * RecordCopy#detach} keeps a copy. O(size).
   *
   * <p>Records are fetched ahead of the call that shows them, up to 128 at a time: some 32 KiB, or
   * one that is larger, so that a scan goes at the speed of memory. It needs that memory, or that
   * of the largest record, whatever the size of the region, and makes no garbage.
   *
   * @param action what it throws ends the scan and reaches the caller
   * @throws RegionClosedException if the region is or gets closed, be it by the action
   * @throws CorruptRegionException if a record is damaged; those before it have been shown
   */
  public void forEachCopy(Consumer<? super RecordCopy> action) {
    try (CopyBuffer buffer = CopyBuffer.allocate()) {
      buffer.scan(this, action);
    }
  }

  /**
   * Shows all records in order, in this thread, each as a new object. O(size). Fetched ahead as by
   * {@link #forEachCopy(Consumer)}.
   *
   * @param binding what objects to make; {@link Binding#of} gives that of a class
   * @param action what it throws ends the scan and reaches the caller; is given {@code null} for a
   *     record that is one
   * @throws RegionException as {@link #forEachCopy(Consumer)}; also if a record does not fit the
   *     type
   */
  public <T> void forEachCopy(Binding<T> binding, Consumer<? super @Nullable T> action) {
    Objects.requireNonNull(binding, "binding");
    Objects.requireNonNull(action, "action");
    forEachCopy(view -> action.accept(view.as(binding)));
  }

  /**
   * A handle that reads one field of many copies; for hot loops. It is not bound to this region:
   * with copies of others it is as right, but may be slower.
   *
   * @param valuePath where the field is in a copy, as {@code prefs.lang} or {@code items[0].sku}
   * @throws RegionException with {@link Status#BAD_PATH} if the path is malformed or has no step;
   *     {@link RegionException#offset} is the place in it
   */
  public FieldHandle field(String valuePath) {
    return new FieldHandle(valuePath);
  }

  /**
   * Hints that a record will be copied soon, for loops that must go one by one: reads where the
   * record is and asks the processor for its first KiB, which is all of most records, so that a
   * copy some turns later finds it in the caches. Never fails, also not for an index out of range
   * or a closed region. O(1); any thread.
   */
  public void prefetch(long index) {
    Native.prefetch(handle, index);
    Reference.reachabilityFence(this);
  }

  /**
   * As {@link #prefetch(long)} for some records at once, with one call for all: asks for all places
   * in the index first and then for the first 256 bytes of each record, so that no wait comes after
   * another. Name some tens at a time, and copy them before the next ones: the caches nearest to
   * the processor hold no more. Where all are copied anyway, {@link ZeroTouchClone#copyAll} does
   * this itself. O(n); any thread.
   *
   * @param indices of records; those out of range are left out
   * @param from place of the first index in the array
   * @param n how many
   * @throws IndexOutOfBoundsException if from and n lead outside of the array
   */
  public void prefetch(long[] indices, int from, int n) {
    Objects.checkFromIndexSize(from, n, indices.length);
    Native.prefetchMany(handle, indices, from, n);
    Reference.reachabilityFence(this);
  }

  /** As {@link #preload(LongConsumer)}, silently. */
  public void preload() {
    preload(bytes -> {});
  }

  /**
   * Reads all pages of the region into memory, from its start to its end, so that copies neither
   * wait for a disk nor fault. Nothing is pinned: when memory gets scarce, the kernel may drop
   * pages again. Other threads may copy meanwhile. O(size).
   *
   * @param progress is told, every 16 MiB and at the end, how many of {@link #size} bytes are in
   *     memory; what it throws ends the preloading and reaches the caller
   * @throws RegionClosedException if the region is or gets closed
   */
  public void preload(LongConsumer progress) {
    try {
      Native.preload(handle, Objects.requireNonNull(progress, "progress"));
    } catch (NativeFailure e) {
      throw e.at(path);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Lets go of the file. Copies that run fail with {@link RegionClosedException} or have succeeded;
   * copies that were made stay valid. Idempotent, never blocks, never throws. The address range
   * stays reserved until this object is unreachable; opening collects garbage if ranges run out.
   */
  @Override
  public void close() {
    Native.close(handle);
    Reference.reachabilityFence(this);
  }

  /** The path and the number of records. */
  @Override
  public String toString() {
    return path + " (" + count() + " records" + (isOpen() ? ")" : ", closed)");
  }

  // The callers of these keep the region reachable.

  long handle() {
    return handle;
  }

  /** What all copies from this region share. */
  Origin origin() {
    return origin;
  }

  /** The road past the C library, or null. */
  Windows windows() {
    return windows;
  }

  /** The exception for a failed copy, whose negated status is {@code result}. */
  RegionException failure(long result, long index) {
    Status status = Status.ofCode((int) -result);
    if (status == Status.OUT_OF_RANGE) {
      String valid = count == 0 ? "it has no records" : "valid are 0 to " + (count - 1);
      return new RegionException(
          status,
          RegionException.NO_OFFSET,
          path,
          "record " + index + " is out of the range of this region: " + valid);
    }
    long offset = Native.recordOffset(handle, index);
    Reference.reachabilityFence(this);
    String place = offset < 0 ? "" : " (its bytes are at byte " + offset + " of the region)";
    return NativeFailure.exception(
        status,
        Math.max(offset, RegionException.NO_OFFSET),
        path,
        "record " + index + ": " + status.text() + place);
  }
}
