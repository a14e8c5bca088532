package io.github.zerotouchclone.internal;

import io.github.zerotouchclone.RegionException;
import io.github.zerotouchclone.Status;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;

/**
 * Native memory that copies are made into, and from which they are moved to the heap: a store to a
 * raw address is several times cheaper than any JNI call that enters the VM. One thread at a time.
 */
public final class Slab {
  private static final int INITIAL = 64 << 10;

  /** Slabs up to this size are worth keeping. */
  static final int KEEP = 1 << 20;

  private static final Cleaner CLEANER = Cleaner.create();

  private ByteBuffer memory;
  private LongBuffer longs; // the same memory; made when it is needed
  private long address;
  private int capacity;
  private long workspace;
  private Workbench workbench;

  /** A slab that grows when it needs to. */
  public Slab() {
    Native.initialize();
    allocate(INITIAL);
  }

  /** The cleaner of everything that owns native memory. */
  public static Cleaner cleaner() {
    return CLEANER;
  }

  /** Where copies out of this slab are turned into objects. */
  public Workbench workbench() {
    if (workbench == null) {
      workbench = new Workbench();
    }
    return workbench;
  }

  int capacity() {
    return capacity;
  }

  private void allocate(int bytes) {
    memory = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    longs = null;
    address = Native.bufferAddress(memory);
    capacity = bytes;
  }

  private LongBuffer longs() {
    if (longs == null) {
      longs = memory.asLongBuffer();
    }
    return longs;
  }

  /** Makes room for at least {@code bytes}; the content is lost. */
  private void grow(long bytes, String region) {
    if (bytes > Integer.MAX_VALUE - 8) {
      throw new RegionException(
          Status.TOO_LARGE, RegionException.NO_OFFSET, region, bytes + " bytes do not fit a copy");
    }
    long doubled = Math.min(Math.max(2L * capacity, INITIAL), Integer.MAX_VALUE - 8);
    // So that the old memory can go first; and if there is no new one, nothing leads to it.
    memory = null;
    longs = null;
    address = 0;
    capacity = 0;
    allocate((int) Math.max(bytes, doubled));
  }

  private boolean handled(long result, String region) {
    if (result >= 0) {
      if (result <= capacity) {
        return false;
      }
      grow(result, region);
      return true;
    }
    return result == -Status.NEED_WORKSPACE.code() && addWorkspace();
  }

  private boolean addWorkspace() {
    if (workspace != 0) {
      return false;
    }
    long created = Native.workspaceCreate();
    CLEANER.register(this, () -> Native.workspaceFree(created));
    workspace = created;
    return true;
  }

  /** Copies a record; returns its size, or minus a status. */
  public long copy(long region, long index, String path) {
    long result;
    do {
      result = Native.copy(region, index, address, capacity, workspace);
    } while (handled(result, path));
    Reference.reachabilityFence(this);
    return result;
  }

  /** Copies the value at a path of a record; returns its size. */
  public long copyPath(long region, long index, byte[] valuePath, String path) {
    long result;
    do {
      result = Native.copyPath(region, index, valuePath, address, capacity, workspace);
    } while (handled(result, path));
    Reference.reachabilityFence(this);
    return result;
  }

  /**
   * Copies as many records as fit, at least one; returns how many, or minus the status of the
   * first.
   *
   * @param lines a slab for the indices and offsets
   * @param offsets takes the places of the copies, one more than there are
   */
  public long copyBatch(
      long region, long[] indices, int from, int count, Slab lines, long[] offsets, String path) {
    lines.reserve(16L * count + 8, path);
    LongBuffer words = lines.longs(); // first the indices, then the offsets
    words.put(0, indices, from, count);
    long done;
    do {
      done = batch(region, lines, count);
      // An outcome of 0 says what the first record needs.
    } while ((done == 0 && handled(Math.max(words.get(count + 1), capacity + 1L), path))
        || (done < 0 && handled(done, path)));
    if (done > 0) {
      words.get(count, offsets, 0, (int) done + 1);
    }
    return done;
  }

  private long batch(long region, Slab lines, int count) {
    long places = lines.address + 8L * count;
    long done =
        Native.copyBatch(region, lines.address, count, address, capacity, places, workspace);
    Reference.reachabilityFence(lines);
    Reference.reachabilityFence(this);
    return done;
  }

  private void reserve(long bytes, String region) {
    if (bytes > capacity || memory == null) { // which a lack of memory has left
      grow(bytes, region);
    }
  }

  /** The record with a key of {@link RecordKeys}, or minus a status. */
  long indexOf(long region, int type, int encoding, byte[] key) {
    reserve(key.length, null);
    memory.put(0, key);
    long result = Native.indexOf(region, type, encoding, address, key.length, 0);
    Reference.reachabilityFence(this);
    return result;
  }

  /** Moves bytes to the heap. */
  public void get(int at, byte[] to, int start, int size) {
    memory.get(at, to, start, size);
  }

  /** Feeds a writer with {@code size} bytes of an array. */
  public void feed(long writer, byte[] events, int start, int size, String region) {
    reserve(size, region);
    memory.put(0, events, start, size);
    try {
      Native.writerFeed(writer, address, size);
    } finally {
      Reference.reachabilityFence(this);
      if (capacity > KEEP) {
        allocate(KEEP);
      }
    }
  }
}
