package io.github.zerotouchclone;

import io.github.zerotouchclone.internal.FieldPath;
import io.github.zerotouchclone.internal.Image;
import io.github.zerotouchclone.internal.Slab;
import io.github.zerotouchclone.internal.Windows;
import java.lang.ref.Reference;

/**
 * Memory that is reused from copy to copy, for a worker that looks at one record after the other.
 *
 * <p>One per worker, one thread at a time; not synchronised. {@link ZeroTouchClone#copyInto} moves
 * the buffer's one cursor and returns it. Views taken from the cursor (nested records, the records
 * of a {@link BatchCopy}) are valid until the buffer's next copy and then throw {@link
 * StaleCopyException}; strings, arrays and collections that a getter returned are ordinary objects
 * and stay. {@link RecordCopy#detach} makes a copy that stays.
 *
 * <p>The memory is released with the garbage collection of the buffer; {@link #close} releases it
 * earlier.
 */
public final class CopyBuffer implements AutoCloseable {
  private static final int MAX_BYTES = 0x7fff_ffc0;
  private static final byte[] NONE = {};

  private Slab slab = new Slab();
  private Slab lines; // for the indices and offsets of batches
  private byte[] bytes = new byte[4096];
  private final Image image = new Image(NONE, 0, 0, null, null, -1);
  private final Windows.Target target = this::room; // once, so that a copy makes no garbage
  final FieldPath.Place place = new FieldPath.Place(); // of the handles that read the views
  private RecordCopy cursor;
  private long generation;

  private CopyBuffer() {}

  /** A new buffer. It grows as needed, and holds the largest record or batch that it has met. */
  public static CopyBuffer allocate() {
    return new CopyBuffer();
  }

  RecordCopy copy(Region region, long index) {
    begin();
    int size = ZeroTouchClone.copyTo(slab, region, index, target);
    image.set(bytes, 0, size, region.schema(), region.path(), index);
    if (cursor == null) {
      cursor = new RecordCopy(this);
    }
    return cursor.moveTo(image, generation);
  }

  BatchCopy copyAll(Region region, long[] indices) {
    begin();
    if (lines == null) {
      lines = new Slab();
    }
    int[] ends = new int[indices.length];
    long[] offsets = new long[Math.min(indices.length, BatchCopy.PIECE) + 1];
    int used = 0;
    for (int done = 0; done < indices.length; ) {
      int count = Math.min(indices.length - done, BatchCopy.PIECE);
      long copied =
          slab.copyBatch(region.handle(), indices, done, count, lines, offsets, region.path());
      if (copied <= 0) {
        throw region.failure(copied, indices[done]);
      }
      int size = (int) offsets[(int) copied];
      if (size > MAX_BYTES - used) {
        throw new RegionException(
            Status.TOO_LARGE,
            RegionException.NO_OFFSET,
            region.path(),
            "the first " + (done + copied) + " copies have more than " + MAX_BYTES + " bytes");
      }
      reserve(used + size, used);
      slab.get(0, bytes, used, size);
      for (int i = 0; i < copied; i++) {
        ends[done + i] = used + (int) offsets[i + 1];
      }
      used += size;
      done += (int) copied;
    }
    Reference.reachabilityFence(region);
    return new BatchCopy(this, generation, region, indices.clone(), bytes, ends);
  }

  /** Makes all views stale, which also holds if the copy that follows fails. */
  private void begin() {
    if (slab == null) {
      throw stale("the buffer is closed");
    }
    generation++;
  }

  private byte[] room(int size) {
    reserve(size, 0);
    return bytes;
  }

  private void reserve(int size, int keep) {
    if (size > bytes.length) {
      byte[] larger = new byte[(int) Math.min(Math.max(size, 2L * bytes.length), MAX_BYTES)];
      System.arraycopy(bytes, 0, larger, 0, keep);
      bytes = larger;
    }
  }

  void check(long viewGeneration) {
    if (viewGeneration != generation) {
      throw stale(
          slab == null ? "the buffer of this view is closed" : "the buffer holds a later copy now");
    }
  }

  private static StaleCopyException stale(String reason) {
    return new StaleCopyException(
        Status.WRONG_STATE,
        RegionException.NO_OFFSET,
        null,
        reason + "; detach() gives a copy that stays");
  }

  /** Releases the memory; all views are stale from now on. Idempotent. */
  @Override
  public void close() {
    generation++;
    slab = null;
    lines = null;
    bytes = NONE;
  }
}
