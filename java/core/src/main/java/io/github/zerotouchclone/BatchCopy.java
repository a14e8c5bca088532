package io.github.zerotouchclone;

import io.github.zerotouchclone.internal.Image;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The copies that {@link ZeroTouchClone#copyAll} made, in the order of the indices. Valid until the
 * next copy into the same buffer; for the buffer's thread.
 */
public final class BatchCopy implements Iterable<RecordCopy> {
  /** Records a native call. */
  static final int PIECE = 4096;

  private final CopyBuffer buffer;
  private long generation; // moves on while the copies are shown
  private final Region region;
  private final long[] indices;
  private final byte[] bytes;
  private final int[] ends; // as bytes the buffer's: to be looked at after a check only

  BatchCopy(
      CopyBuffer buffer, long generation, Region region, long[] indices, byte[] bytes, int[] ends) {
    this.buffer = buffer;
    this.generation = generation;
    this.region = region;
    this.indices = indices;
    this.bytes = bytes;
    this.ends = ends;
  }

  /** Number of copies. */
  public int size() {
    return indices.length;
  }

  /** The index in the region of copy {@code k}. */
  public long index(int k) {
    return indices[check(k)];
  }

  /**
   * A view of copy {@code k}, of which nothing is looked at before the first access to it. O(1).
   *
   * @param k 0 to {@code size() - 1}
   * @throws StaleCopyException after the next copy into the buffer
   * @throws RegionException with {@link Status#OUT_OF_RANGE} if there is no such copy
   */
  public RecordCopy get(int k) {
    buffer.check(generation);
    return RecordCopy.in(buffer, generation, this, check(k));
  }

  /** The image of copy {@code k}, for its view, which has checked that the batch is not stale. */
  Image image(int k) {
    return new Image(bytes, k == 0 ? 0 : ends[k - 1], ends[k], region.origin(), indices[k]);
  }

  /**
   * All copies as new objects of a type, in order.
   *
   * @return a new list that the caller may change
   * @throws StaleCopyException after the next copy into the buffer
   * @throws RegionException if a record does not fit the type
   */
  public <T> List<@Nullable T> as(Binding<T> binding) {
    List<T> objects = new ArrayList<>(indices.length);
    Image image = new Image(bytes, 0, 0, region.origin(), -1);
    int start = 0;
    buffer.check(generation);
    for (int k = 0; k < indices.length; k++) {
      image.set(bytes, start, ends[k], region.origin(), indices[k]);
      objects.add(read(binding, image));
      start = ends[k];
    }
    return objects;
  }

  @SuppressWarnings("unchecked")
  private <T> T read(Binding<T> binding, Image image) {
    T object;
    try {
      object = (T) buffer.typed.read(binding.reader(), image);
    } catch (RegionException e) {
      buffer.check(generation); // nothing is wrong with the record then
      throw e;
    }
    buffer.check(generation); // a constructor or setter may have copied into the buffer
    return object;
  }

  /**
   * Shows all copies in order through the buffer's cursor, which moves from copy to copy. Makes no
   * garbage, where {@link #iterator} makes a view of each. All views that were taken before are
   * stale with the next copy; the batch itself is not. O(copies).
   *
   * @param action what it throws ends this and reaches the caller
   * @throws StaleCopyException after the next copy into the buffer, be it by the action
   */
  public void forEachCopy(Consumer<? super RecordCopy> action) {
    int start = 0;
    for (int k = 0; k < indices.length; k++) {
      buffer.check(generation);
      generation = buffer.begin();
      action.accept(buffer.show(region, start, ends[k], indices[k]));
      start = ends[k];
    }
  }

  private int check(int k) {
    if (k < 0 || k >= indices.length) {
      throw new RegionException(
          Status.OUT_OF_RANGE,
          RegionException.NO_OFFSET,
          region.path(),
          "there is no copy " + k + " in a batch of " + indices.length);
    }
    return k;
  }

  /** The copies in order; each is a view of its own. */
  @Override
  public Iterator<RecordCopy> iterator() {
    return new Iterator<>() {
      private int next;

      @Override
      public boolean hasNext() {
        return next < indices.length;
      }

      @Override
      public RecordCopy next() {
        if (next >= indices.length) {
          throw new NoSuchElementException();
        }
        return get(next++);
      }
    };
  }
}
