package io.github.zerotouchclone;

import io.github.zerotouchclone.internal.Decoder;
import io.github.zerotouchclone.internal.FieldPath;
import io.github.zerotouchclone.internal.Image;
import io.github.zerotouchclone.internal.Node;
import io.github.zerotouchclone.internal.Origin;
import io.github.zerotouchclone.internal.Slab;
import io.github.zerotouchclone.internal.TypedReader;
import io.github.zerotouchclone.internal.Windows;
import java.lang.ref.Reference;
import java.util.function.Consumer;

/**
 * Memory that is reused from copy to copy, for a worker that looks at one record after the other.
 *
 * <p>One per worker, one thread at a time; not synchronised. {@link ZeroTouchClone#copyInto(Region,
 * long, CopyBuffer)} moves the buffer's one cursor and returns it. Views taken from the cursor
 * (nested records, the records of a {@link BatchCopy}) are valid until the buffer's next copy and
 * then throw {@link StaleCopyException}; strings, arrays and collections that a getter returned are
 * ordinary objects and stay. {@link RecordCopy#detach} makes a copy that stays. A copy into a
 * closed buffer throws {@link StaleCopyException} as well.
 *
 * <p>The memory is released with the garbage collection of the buffer; {@link #close} releases it
 * earlier.
 */
public final class CopyBuffer implements AutoCloseable {
  /** Instead of the generation of a view: the cursor, which goes from one to the next. */
  static final long CURSOR = -1;

  private static final int MAX_BYTES = 0x7fff_ffc0;
  private static final int SCAN = 128; // records at a time, if they are that small
  private static final byte[] NONE = {};
  private static final int[] NO_ENDS = {};

  private Slab slab = new Slab();
  private Slab lines; // for the indices and offsets of batches
  private byte[] bytes = new byte[4096];
  private int[] ends = NO_ENDS; // of a batch's copies in bytes
  private long[] offsets; // of those that one call brings; as long as the longest batch needs
  private final Image image = new Image(NONE, 0, 0, Origin.NOWHERE, -1);
  private final Windows.Target target = this::room; // once, so that a copy makes no garbage
  final FieldPath.Place place = new FieldPath.Place(); // of the handles that read the views
  final Decoder decoder = new Decoder(); // of what the views are made into
  final TypedReader.Session typed = new TypedReader.Session();
  private final RecordCopy cursor = RecordCopy.cursor(this);
  private Node root; // of the copy that the cursor showed when it was asked last: one of these
  private final Node first = new Node();
  private final Node second = new Node(); // for a root that is a mere reference or a row
  private long parsed; // the generation of that
  private long shown; // the generation of the cursor's copy
  private long generation;

  private CopyBuffer() {}

  /** A new buffer. It grows as needed, and holds the largest record or batch that it has met. */
  public static CopyBuffer allocate() {
    return new CopyBuffer();
  }

  RecordCopy copy(Region region, long index) {
    begin();
    int size = ZeroTouchClone.copyTo(slab, region, index, target);
    return show(region, 0, size, index);
  }

  /**
   * Shows all records through the cursor. They are copied some at a time; each takes the cursor in
   * its turn, as if it had been copied then.
   */
  void scan(Region region, Consumer<? super RecordCopy> action) {
    long count = region.count();
    long[] indices = new long[SCAN];
    long[] offsets = new long[SCAN + 1];
    for (long next = 0; next < count; ) {
      int copied = fetchRange(region, next, indices, offsets);
      for (int i = 0; i < copied; i++) {
        begin();
        region.requireOpen(next + i);
        action.accept(show(region, (int) offsets[i], (int) offsets[i + 1], next + i));
      }
      next += copied;
    }
  }

  /** Copies some records from one on, at least that one, to {@link #bytes}. */
  private int fetchRange(Region region, long first, long[] indices, long[] offsets) {
    Windows windows = region.windows();
    int direct = windows == null ? 0 : windows.copyRange(first, SCAN, offsets, target);
    Reference.reachabilityFence(region);
    if (direct > 0) {
      return direct;
    }
    int wanted = (int) Math.min(SCAN, region.count() - first);
    for (int i = 0; i < wanted; i++) {
      indices[i] = first + i;
    }
    return fetch(region, indices, 0, wanted, offsets, 0);
  }

  /** The cursor, moved to a copy in {@link #bytes}. */
  RecordCopy show(Region region, int start, int end, long index) {
    image.set(bytes, start, end, region.origin(), index);
    shown = generation;
    return cursor;
  }

  /** The image of the copy that the cursor shows. */
  Image image() {
    return image;
  }

  /** The root of the copy that the cursor shows, which is looked at now and not when it came. */
  Node root() {
    if (parsed != generation) {
      root = Node.root(image, first, second);
      parsed = generation;
    }
    return root;
  }

  /** The generation of a view, which may be the cursor. */
  long generationOf(long viewGeneration) {
    return viewGeneration == CURSOR ? shown : viewGeneration;
  }

  /** Copies as many records as the slab has room for, at least one, to {@link #bytes}. */
  private int fetch(Region region, long[] indices, int from, int count, long[] offsets, int used) {
    if (lines == null) {
      lines = new Slab();
    }
    long copied =
        slab.copyBatch(region.handle(), indices, from, count, lines, offsets, region.path());
    Reference.reachabilityFence(region);
    if (copied <= 0) {
      throw region.failure(copied, indices[from]);
    }
    int size = (int) offsets[(int) copied];
    if (size > MAX_BYTES - used) {
      throw new RegionException(
          Status.TOO_LARGE,
          RegionException.NO_OFFSET,
          region.path(),
          "the first " + (from + copied) + " copies have more than " + MAX_BYTES + " bytes");
    }
    reserve(used + size, used);
    slab.get(0, bytes, used, size);
    return (int) copied;
  }

  BatchCopy copyAll(Region region, long[] indices) {
    begin();
    if (ends.length < indices.length) {
      offsets = new long[Math.min(indices.length, BatchCopy.PIECE) + 1];
      ends = new int[indices.length]; // last: if memory ends before, both count as too short
    }
    int used = 0;
    for (int done = 0; done < indices.length; ) {
      int count = Math.min(indices.length - done, BatchCopy.PIECE);
      int copied = fetch(region, indices, done, count, offsets, used);
      for (int i = 0; i < copied; i++) {
        ends[done + i] = used + (int) offsets[i + 1];
      }
      used += (int) offsets[copied];
      done += copied;
    }
    return new BatchCopy(this, generation, region, indices.clone(), bytes, ends);
  }

  /**
   * Makes all views stale, which also holds if the copy that follows fails.
   *
   * @return the generation of views from now on
   */
  long begin() {
    if (slab == null) {
      throw stale("the buffer is closed; copy into a new one, of CopyBuffer.allocate()");
    }
    return ++generation;
  }

  private byte[] room(int size) {
    reserve(size, 0);
    return bytes;
  }

  private void reserve(int size, int keep) {
    if (size > bytes.length) {
      move((int) Math.min(Math.max(size, 2L * bytes.length), MAX_BYTES), keep);
    } else if (typed.isReading()) {
      // Copied by a constructor or setter, of an object that is being made of these very bytes.
      move(bytes.length, keep);
    }
  }

  private void move(int length, int keep) {
    byte[] other = new byte[length];
    System.arraycopy(bytes, 0, other, 0, keep);
    bytes = other;
  }

  /** Whether the views of a generation can be read. */
  boolean holds(long viewGeneration) {
    return generationOf(viewGeneration) == generation;
  }

  void check(long viewGeneration) {
    if (!holds(viewGeneration)) {
      String reason =
          slab == null ? "the buffer of this view is closed" : "the buffer holds a later copy now";
      throw stale(reason + "; detach() gives a copy that stays");
    }
  }

  private static StaleCopyException stale(String reason) {
    return new StaleCopyException(Status.WRONG_STATE, RegionException.NO_OFFSET, null, reason);
  }

  /** Releases the memory; all views are stale from now on. Idempotent. */
  @Override
  public void close() {
    generation++;
    slab = null;
    lines = null;
    bytes = NONE;
    ends = NO_ENDS;
    offsets = null;
    image.set(NONE, 0, 0, Origin.NOWHERE, -1);
    typed.clear();
  }
}
