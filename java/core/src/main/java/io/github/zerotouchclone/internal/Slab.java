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
 * raw address is several times cheaper than any JNI call that enters the VM. One thread at a time;
 * if two use it nevertheless, what they read is arbitrary, but no access leaves the memory: an
 * address never goes without its size, nor without what keeps it allocated.
 */
public final class Slab {
  private static final int INITIAL = 64 << 10;

  /** Slabs up to this size are worth keeping. */
  static final int KEEP = 1 << 20;

  private static final Cleaner CLEANER = Cleaner.create();

  /** Some native memory, which lives as long as this. */
  private static final class Memory {
    static final Memory NONE = new Memory(0); // which a lack of memory leaves

    final ByteBuffer bytes;
    final LongBuffer longs; // the same memory
    final long address;
    final int capacity;

    Memory(int capacity) {
      bytes = ByteBuffer.allocateDirect(capacity).order(ByteOrder.nativeOrder());
      longs = bytes.asLongBuffer();
      address = Native.bufferAddress(bytes);
      this.capacity = capacity;
    }
  }

  private Memory memory;
  private long workspace;
  private Workbench workbench;

  /** A slab that grows when it needs to. */
  public Slab() {
    Native.initialize();
    memory = new Memory(INITIAL);
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
    return memory.capacity;
  }

  /** Makes room for at least {@code bytes}; the content is lost. */
  private Memory grow(long bytes, String region) {
    if (bytes > Integer.MAX_VALUE - 8) {
      throw new RegionException(
          Status.TOO_LARGE, RegionException.NO_OFFSET, region, bytes + " bytes do not fit a copy");
    }
    long doubled = Math.min(Math.max(2L * memory.capacity, INITIAL), Integer.MAX_VALUE - 8);
    // So that the old memory can go first; and if there is no new one, nothing leads to it.
    memory = Memory.NONE;
    Memory grown = new Memory((int) Math.max(bytes, doubled));
    memory = grown;
    return grown;
  }

  private boolean handled(long result, String region) {
    if (result >= 0) {
      if (result <= memory.capacity) {
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
      result = copy(region, index, memory);
    } while (handled(result, path));
    return result;
  }

  private long copy(long region, long index, Memory to) {
    long result = Native.copy(region, index, to.address, to.capacity, workspace);
    keep(to);
    return result;
  }

  /** Copies the value at a path of a record; returns its size. */
  public long copyPath(long region, long index, byte[] valuePath, String path) {
    long result;
    do {
      result = copyPath(region, index, valuePath, memory);
    } while (handled(result, path));
    return result;
  }

  private long copyPath(long region, long index, byte[] valuePath, Memory to) {
    long result = Native.copyPath(region, index, valuePath, to.address, to.capacity, workspace);
    keep(to);
    return result;
  }

  /** Neither the memory nor the workspace goes before the native call is over. */
  private void keep(Memory used) {
    Reference.reachabilityFence(used);
    Reference.reachabilityFence(this);
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
    Memory words = lines.reserve(16L * count + 8, path); // first the indices, then the offsets
    words.longs.put(0, indices, from, count);
    long done;
    do {
      done = batch(region, words, count, memory);
      // An outcome of 0 says what the first record needs.
    } while ((done == 0
            && handled(Math.max(words.longs.get(count + 1), memory.capacity + 1L), path))
        || (done < 0 && handled(done, path)));
    if (done > 0) {
      words.longs.get(count, offsets, 0, (int) done + 1);
    }
    return done;
  }

  private long batch(long region, Memory words, int count, Memory to) {
    long places = words.address + 8L * count;
    long done =
        Native.copyBatch(region, words.address, count, to.address, to.capacity, places, workspace);
    Reference.reachabilityFence(words);
    keep(to);
    return done;
  }

  private Memory reserve(long bytes, String region) {
    Memory present = memory;
    return bytes <= present.capacity ? present : grow(bytes, region);
  }

  /** The record with a key of {@link RecordKeys}, or minus a status. */
  long indexOf(long region, int type, int encoding, byte[] key) {
    Memory present = reserve(key.length, null);
    present.bytes.put(0, key);
    long result = Native.indexOf(region, type, encoding, present.address, key.length, 0);
    keep(present);
    return result;
  }

  /** Moves bytes to the heap. */
  public void get(int at, byte[] to, int start, int size) {
    memory.bytes.get(at, to, start, size);
  }

  /** Feeds a writer with {@code size} bytes of an array. */
  public void feed(long writer, byte[] events, int start, int size, String region) {
    Memory present = reserve(size, region);
    present.bytes.put(0, events, start, size);
    try {
      Native.writerFeed(writer, present.address, size);
    } finally {
      keep(present);
      if (present.capacity > KEEP) {
        memory = new Memory(KEEP);
      }
    }
  }
}
