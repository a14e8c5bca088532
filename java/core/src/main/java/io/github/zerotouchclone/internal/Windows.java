package io.github.zerotouchclone.internal;

import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;

/**
 * Copies closed records without a native call: the index line, its bounds, one bulk move from the
 * mapping to the heap. What this cannot do, or finds wrong, it leaves to the C library, which then
 * also says what is wrong; so every method may refuse.
 *
 * <p>The rules are those of the C library. The index line is loaded once and checked before it is
 * used. The state of the region is looked at before and after: a copy that overlapped a close or a
 * truncation is refused. The mapping's address range stays reserved as long as the region is
 * reachable, which callers see to; so no access here can leave it. Any thread.
 */
public final class Windows {
  private static final int STEP_SHIFT = 30;

  /** Windows begin at multiples of this, and are nearly twice as long, for records at the seam. */
  private static final int STEP = 1 << STEP_SHIFT;

  private static final int ENTRY = 16;
  private static final int PIECE = 32 << 10; // of a range: the nearest cache has room for it
  private static final long CLOSED = 1L << 48; // the only flag
  private static final long OFFSET = CLOSED - 1;

  /** What a copy is moved to. */
  public interface Target {
    /** An array of at least {@code size} bytes. */
    byte[] reserve(int size);
  }

  // Of this class, of which the JVM knows but one implementation: no call is looked up.
  private final MappedByteBuffer[] windows;
  private final MappedByteBuffer state;
  private final long count;
  private final long index;
  private final long records;
  private final long recordsEnd;

  private Windows(long region, long[] layout) {
    long base = Native.base(region);
    long size = Native.size(region);
    windows = new MappedByteBuffer[(int) ((size + STEP - 1) / STEP)];
    for (int i = 0; i < windows.length; i++) {
      long from = (long) i * STEP;
      long length = Math.min(size - from, Integer.MAX_VALUE);
      windows[i] = (MappedByteBuffer) Native.memory(base + from, length);
      windows[i].order(ByteOrder.LITTLE_ENDIAN);
    }
    count = Native.count(region);
    index = layout[0];
    records = layout[1];
    recordsEnd = layout[2];
    state = (MappedByteBuffer) Native.memory(layout[3], Integer.BYTES);
    state.order(ByteOrder.nativeOrder());
  }

  /** The windows of a region, or null if only the C library may copy from it. */
  public static Windows of(long region) {
    long[] layout = Native.layout(region);
    return layout == null ? null : new Windows(region, layout);
  }

  /** Whether the region is neither closed nor lost, after all that was read before. */
  public boolean isOpen() {
    VarHandle.acquireFence(); // nor is an earlier answer taken for this one
    return state.getInt(0) == 0;
  }

  /** A fresh array with a copy of a record, or null if the C library is to copy it. */
  public byte[] copy(long record) {
    if (isRefused(record)) {
      return null;
    }
    long at = index + ENTRY * record;
    MappedByteBuffer line = windows[window(at)];
    int start = inWindow(at);
    long place = line.getLong(start);
    long size = line.getInt(start + 8) & 0xffff_ffffL;
    if (!fits(place, size)) {
      return null;
    }
    byte[] bytes = new byte[(int) size];
    return move(place & OFFSET, bytes, bytes.length) ? bytes : null;
  }

  /** Copies a record to a target; returns its size, or -1 if the C library is to copy it. */
  public int copy(long record, Target target) {
    if (isRefused(record)) {
      return -1;
    }
    long at = index + ENTRY * record;
    MappedByteBuffer line = windows[window(at)];
    int start = inWindow(at);
    long place = line.getLong(start);
    long size = line.getInt(start + 8) & 0xffff_ffffL;
    if (!fits(place, size)) {
      return -1;
    }
    return move(place & OFFSET, target.reserve((int) size), (int) size) ? (int) size : -1;
  }

  /**
   * Copies records to a target by one move: the first ones of a range that lie one behind the other
   * and have a piece's bytes together, or the first one alone.
   *
   * @param first the first record
   * @param most how many at most; offsets has room for one more
   * @param offsets takes where each copy begins in the target, and where the last one ends
   * @return how many; 0 if the C library is to copy the first one
   */
  public int copyRange(long first, int most, long[] offsets, Target target) {
    if (isRefused(first)) {
      return 0;
    }
    long at = index + ENTRY * first;
    MappedByteBuffer lines = windows[window(at)];
    int line = inWindow(at);
    int wanted = (int) Math.min(most, count - first);
    long start = 0;
    long end = 0;
    int found = 0;
    for (; found < wanted; found++, line += ENTRY) {
      long place = lines.getLong(line);
      long size = lines.getInt(line + 8) & 0xffff_ffffL;
      long offset = place & OFFSET;
      if (found == 0) {
        start = offset;
        end = offset;
      }
      boolean follows = offset == end && (found == 0 || end + size - start <= PIECE);
      if (!follows || !fits(place, size)) {
        break;
      }
      offsets[found] = offset - start;
      end += size;
    }
    int total = (int) (end - start);
    offsets[found] = total;
    return found > 0 && move(start, target.reserve(total), total) ? found : 0;
  }

  private static int window(long offset) {
    return (int) (offset >>> STEP_SHIFT);
  }

  private static int inWindow(long offset) {
    return (int) offset & STEP - 1;
  }

  private boolean isRefused(long record) {
    boolean open = isOpen();
    VarHandle.acquireFence(); // nothing of the region is read before that
    return !open || record < 0 || record >= count;
  }

  /** Whether a line leads to a closed extent that lies inside the records, and in one window. */
  private boolean fits(long place, long size) {
    long offset = place & OFFSET;
    return (place & ~OFFSET) == CLOSED
        && ((offset | size) & 7) == 0
        && size >= 8
        && size < STEP
        && offset >= records
        && offset + size <= recordsEnd;
  }

  /** Moves bytes to the heap; false if the region was closed or lost meanwhile. */
  private boolean move(long offset, byte[] to, int size) {
    windows[window(offset)].get(inWindow(offset), to, 0, size);
    return isOpen();
  }
}
