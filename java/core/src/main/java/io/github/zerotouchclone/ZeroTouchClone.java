package io.github.zerotouchclone;

import io.github.zerotouchclone.internal.Decoder;
import io.github.zerotouchclone.internal.Image;
import io.github.zerotouchclone.internal.Native;
import io.github.zerotouchclone.internal.NativeFailure;
import io.github.zerotouchclone.internal.NativeLoader;
import io.github.zerotouchclone.internal.Node;
import io.github.zerotouchclone.internal.Paths;
import io.github.zerotouchclone.internal.RecordKeys;
import io.github.zerotouchclone.internal.Slab;
import io.github.zerotouchclone.internal.SlabPool;
import io.github.zerotouchclone.internal.Windows;
import io.github.zerotouchclone.internal.Workbench;
import java.lang.ref.Reference;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Private deep copies of records. No method here writes to the region, and none locks.
 *
 * <p>Any thread; virtual threads as well. A {@link CopyBuffer} belongs to one thread at a time.
 *
 * <p>All methods throw a {@link RegionException} with {@link Status#OUT_OF_RANGE} for an index that
 * the region does not have, {@link RegionClosedException} if the region is closed or its file was
 * lost, and {@link CorruptRegionException} if the bytes of the record cannot be found or, with
 * {@link RegionOption#VERIFY_RECORD}, are not those that were written. Without that, a copy is the
 * bytes as they are: damage inside them is met, and then thrown as {@link CorruptRegionException},
 * by the getter or conversion that reads the damaged place. Methods that return objects are such
 * conversions.
 */
public final class ZeroTouchClone {
  private ZeroTouchClone() {}

  /**
   * A copy of a record that stays valid whatever happens to the region. O(bytes of the record),
   * none of which is looked at before the first access to the copy.
   *
   * @param region an open region
   * @param index 0 to {@code region.count() - 1}
   */
  public static RecordCopy copy(Region region, long index) {
    return RecordCopy.of(copyToArray(region, index), region.origin(), index);
  }

  private static byte[] copyToArray(Region region, long index) {
    Windows windows = region.windows();
    byte[] direct = windows == null ? null : windows.copy(index);
    Reference.reachabilityFence(region);
    return direct != null ? direct : copyNatively(region, index);
  }

  private static byte[] copyNatively(Region region, long index) {
    Slab slab = SlabPool.acquire();
    try {
      int size = copyTo(slab, region, index);
      byte[] bytes = new byte[size];
      slab.get(0, bytes, 0, size);
      return bytes;
    } finally {
      SlabPool.release(slab);
    }
  }

  /**
   * A record as a new object of a class: a record, a bean, or what else {@link Binding} lists. The
   * fields are read straight from the copied bytes; no other objects are made of them. O(bytes of
   * the record).
   *
   * @param region an open region
   * @param index 0 to {@code region.count() - 1}
   * @param type the class; see {@link Binding} for the rules
   * @return the object; {@code null} if that is what is stored
   * @throws RegionException also if the record does not fit the class; the message names the path
   */
  public static <T> @Nullable T copy(Region region, long index, Class<T> type) {
    return copy(region, index, Binding.of(type));
  }

  /** As {@link #copy(Region, long, Class)}, for generic types and strict reading. */
  @SuppressWarnings("unchecked")
  public static <T> @Nullable T copy(Region region, long index, Binding<T> binding) {
    Slab slab = SlabPool.acquire();
    try {
      Workbench bench = slab.workbench();
      int size = copyTo(slab, region, index, bench);
      return (T) bench.read(binding.reader(), 0, size, region.origin(), index);
    } finally {
      SlabPool.release(slab);
    }
  }

  /**
   * Copies a record into a buffer and moves the buffer's cursor, which is returned, to it. Views
   * that were taken from earlier copies in the buffer are stale from now on. Makes no garbage once
   * the buffer has grown to the size of the records. O(bytes of the record), none of which is
   * looked at before the first access to the cursor.
   *
   * <p>If the copy fails, the cursor is stale until the next one.
   *
   * @param region an open region
   * @param index 0 to {@code region.count() - 1}
   * @param buffer a buffer of this thread
   */
  public static RecordCopy copyInto(Region region, long index, CopyBuffer buffer) {
    return buffer.copy(region, index);
  }

  /**
   * A record as a new object of a class, by way of a buffer: as {@link #copyInto(Region, long,
   * CopyBuffer)} and {@link RecordCopy#as(Class)} in one. The working memory is that of the buffer,
   * so that nothing but the object is allocated.
   *
   * @param region an open region
   * @param index 0 to {@code region.count() - 1}
   * @param buffer a buffer of this thread
   * @param type the class; see {@link Binding} for the rules
   * @return the object; {@code null} if that is what is stored
   * @throws RegionException also if the record does not fit the class; the message names the path
   */
  public static <T> @Nullable T copyInto(
      Region region, long index, CopyBuffer buffer, Class<T> type) {
    return copyInto(region, index, buffer, Binding.of(type));
  }

  /**
   * As {@link #copyInto(Region, long, CopyBuffer, Class)}, for generic types and strict reading.
   */
  public static <T> @Nullable T copyInto(
      Region region, long index, CopyBuffer buffer, Binding<T> binding) {
    return buffer.copy(region, index).as(binding);
  }

  /**
   * Copies many records with one native call, or a few if they are large. Records of some hundred
   * bytes that are not in the processor's caches arrive in about 0.4 of the time of single copies;
   * copies that take more than a MiB or two together leave those caches again, so that large
   * records are better copied one by one. Views that were taken from earlier copies in the buffer
   * are stale from now on.
   *
   * @param region an open region
   * @param indices each 0 to {@code region.count() - 1}, in any order, also repeated
   * @param buffer a buffer of this thread
   * @throws RegionException also if the copies have more than 2³¹ − 64 bytes together
   */
  public static BatchCopy copyAll(Region region, long[] indices, CopyBuffer buffer) {
    return buffer.copyAll(region, indices);
  }

  /**
   * Many records as new objects of a class, in the order of the indices; see {@link
   * #copyAll(Region, long[], CopyBuffer)} for why that is faster than one by one.
   *
   * @param region an open region
   * @param indices each 0 to {@code region.count() - 1}, in any order, also repeated
   * @param buffer a buffer of this thread
   * @param type the class; see {@link Binding} for the rules
   * @return a new list that the caller may change
   */
  public static <T> List<@Nullable T> copyAll(
      Region region, long[] indices, CopyBuffer buffer, Class<T> type) {
    return copyAll(region, indices, buffer, Binding.of(type));
  }

  /**
   * As {@link #copyAll(Region, long[], CopyBuffer, Class)}, for generic types and strict reading.
   */
  public static <T> List<@Nullable T> copyAll(
      Region region, long[] indices, CopyBuffer buffer, Binding<T> binding) {
    return buffer.copyAll(region, indices).as(binding);
  }

  /**
   * The value at a path of a record as fresh Java objects, as {@link RecordCopy#toObject} makes
   * them, without a copy of the rest of the record.
   *
   * @param region an open region
   * @param index 0 to {@code region.count() - 1}
   * @param path for instance {@code prefs.lang}, {@code $.items[3].sku} or {@code ["any key"][0]}
   * @return the value; {@code null} if that is what is stored
   * @throws RegionException with {@link Status#BAD_PATH}, {@link Status#NO_SUCH_KEY}, {@link
   *     Status#OUT_OF_RANGE} or {@link Status#TYPE_MISMATCH} if there is no value at the path
   */
  public static @Nullable Object copyPath(Region region, long index, String path) {
    return Decoder.decode(Node.root(imageAt(region, index, path)));
  }

  /**
   * The value at a path of a record as a new object of a class, without a copy of the rest of the
   * record.
   *
   * @param region an open region
   * @param index 0 to {@code region.count() - 1}
   * @param path as for {@link #copyPath(Region, long, String)}
   * @param type the class; see {@link Binding} for the rules
   * @return the object; {@code null} if that is what is stored
   * @throws RegionException as {@link #copyPath(Region, long, String)}, and if the value does not
   *     fit the class
   */
  public static <T> @Nullable T copyPath(Region region, long index, String path, Class<T> type) {
    return copyPath(region, index, path, Binding.of(type));
  }

  /** As {@link #copyPath(Region, long, String, Class)}, for generic types and strict reading. */
  @SuppressWarnings("unchecked")
  public static <T> @Nullable T copyPath(
      Region region, long index, String path, Binding<T> binding) {
    Image image = imageAt(region, index, path);
    return (T) binding.reader().read(image, () -> Paths.rooted(path));
  }

  private static Image imageAt(Region region, long index, String path) {
    byte[] pathBytes = Paths.encode(path, region.path());
    Slab slab = SlabPool.acquire();
    try {
      long size = slab.copyPath(region.handle(), index, pathBytes, region.path());
      if (size < 0) {
        throw region.failure(size, index);
      }
      byte[] bytes = new byte[(int) size];
      slab.get(0, bytes, 0, bytes.length);
      return new Image(bytes, 0, bytes.length, region.origin(), index);
    } catch (NativeFailure e) {
      if (e.status() == Status.OUT_OF_RANGE && (index < 0 || index >= region.count())) {
        throw region.failure(-e.status().code(), index);
      }
      throw e.in(region.path(), "record " + index + ": ");
    } finally {
      Reference.reachabilityFence(region);
      SlabPool.release(slab);
    }
  }

  /**
   * A copy of the record that has a key, as {@link #copy(Region, long)} makes it. {@link
   * Region#indexOf(String)} tells whether there is one.
   *
   * @param region an open region whose records were given keys
   * @param key as it was given to {@link RegionWriter#key(String)}
   * @throws RegionException with {@link Status#NO_SUCH_KEY} if no record has the key
   */
  public static RecordCopy copyByKey(Region region, String key) {
    return copy(region, region.require(key));
  }

  /** As {@link #copyByKey(Region, String)}. */
  public static RecordCopy copyByKey(Region region, long key) {
    return copy(region, region.require(key));
  }

  /** As {@link #copyByKey(Region, String)}. */
  public static RecordCopy copyByKey(Region region, byte[] key) {
    return copy(region, region.require(key));
  }

  /**
   * The record that has a key as a new object of a class, as {@link #copy(Region, long, Class)}
   * makes it.
   *
   * @param region an open region whose records were given keys
   * @param key as it was given to {@link RegionWriter#key(String)}
   * @param type the class; see {@link Binding} for the rules
   * @return the object; {@code null} if that is what is stored
   * @throws RegionException with {@link Status#NO_SUCH_KEY} if no record has the key; also if the
   *     record does not fit the class
   */
  public static <T> @Nullable T copyByKey(Region region, String key, Class<T> type) {
    return copy(region, region.require(key), type);
  }

  /** As {@link #copyByKey(Region, String, Class)}. */
  public static <T> @Nullable T copyByKey(Region region, long key, Class<T> type) {
    return copy(region, region.require(key), type);
  }

  /** As {@link #copyByKey(Region, String, Class)}. */
  public static <T> @Nullable T copyByKey(Region region, byte[] key, Class<T> type) {
    return copy(region, region.require(key), type);
  }

  /**
   * Copies the record that has a key into a buffer, as {@link #copyInto(Region, long, CopyBuffer)}
   * does.
   *
   * @param region an open region whose records were given keys
   * @param key as it was given to {@link RegionWriter#key(String)}
   * @param buffer a buffer of this thread
   * @throws RegionException with {@link Status#NO_SUCH_KEY} if no record has the key; the buffer's
   *     cursor stays where it was
   */
  public static RecordCopy copyByKey(Region region, String key, CopyBuffer buffer) {
    return buffer.copy(region, region.require(key));
  }

  /** As {@link #copyByKey(Region, String, CopyBuffer)}. */
  public static RecordCopy copyByKey(Region region, long key, CopyBuffer buffer) {
    return buffer.copy(region, region.require(key));
  }

  /** As {@link #copyByKey(Region, String, CopyBuffer)}. */
  public static RecordCopy copyByKey(Region region, byte[] key, CopyBuffer buffer) {
    return buffer.copy(region, region.require(key));
  }

  /**
   * Refuses a character, which would else be taken for a number.
   *
   * @deprecated for {@link #copyByKey(Region, String)}
   * @throws IllegalArgumentException always
   */
  @Deprecated
  public static RecordCopy copyByKey(Region region, char key) {
    throw RecordKeys.refuse(key);
  }

  /**
   * Refuses a character, which would else be taken for a number.
   *
   * @deprecated for {@link #copyByKey(Region, String, Class)}
   * @throws IllegalArgumentException always
   */
  @Deprecated
  public static <T> @Nullable T copyByKey(Region region, char key, Class<T> type) {
    throw RecordKeys.refuse(key);
  }

  /**
   * Refuses a character, which would else be taken for a number.
   *
   * @deprecated for {@link #copyByKey(Region, String, CopyBuffer)}
   * @throws IllegalArgumentException always
   */
  @Deprecated
  public static RecordCopy copyByKey(Region region, char key, CopyBuffer buffer) {
    throw RecordKeys.refuse(key);
  }

  /** The version of the native library, and where it was loaded from. */
  public static String nativeLibrary() {
    Native.initialize();
    return Native.version() + " from " + NativeLoader.origin();
  }

  /** Copies to a target, by way of a slab if need be; returns the size. */
  static int copyTo(Slab slab, Region region, long index, Windows.Target target) {
    Windows windows = region.windows();
    int direct = windows == null ? -1 : windows.copy(index, target);
    Reference.reachabilityFence(region);
    if (direct >= 0) {
      return direct;
    }
    int size = copyTo(slab, region, index);
    slab.get(0, target.reserve(size), 0, size);
    return size;
  }

  /** Copies into a slab; returns the size. */
  static int copyTo(Slab slab, Region region, long index) {
    long size = slab.copy(region.handle(), index, region.path());
    if (size < 0) {
      throw region.failure(size, index);
    }
    Reference.reachabilityFence(region);
    return (int) size;
  }
}
