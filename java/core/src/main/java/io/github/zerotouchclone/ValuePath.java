package io.github.zerotouchclone;

import io.github.zerotouchclone.internal.Paths;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A path that leads into values in memory as {@link ZeroTouchClone#copyPath} leads into records:
 * {@code prefs.lang}, {@code $.items[3].sku}, {@code ["any key"][0]}. Immutable; any thread.
 */
public final class ValuePath {
  private final String text;
  private final Object[] steps;

  private ValuePath(String text, Object[] steps) {
    this.text = text;
    this.steps = steps;
  }

  /**
   * A path from its text.
   *
   * @throws RegionException with {@link Status#BAD_PATH} if it is malformed; {@link
   *     RegionException#offset} is the place in it
   * @throws NativeLibraryException if the native library cannot be loaded
   */
  public static ValuePath of(String path) {
    return new ValuePath(path, Paths.steps(path));
  }

  /**
   * The value that the path leads to. Names lead into maps, indices into lists and arrays of
   * objects. O(steps).
   *
   * @param value where the path begins
   * @return the value; {@code null} if that is what is there
   * @throws RegionException with {@link Status#NO_SUCH_KEY}, {@link Status#OUT_OF_RANGE} or {@link
   *     Status#TYPE_MISMATCH} if the path leads nowhere
   */
  public @Nullable Object in(@Nullable Object value) {
    Object at = value;
    for (int i = 0; i < steps.length; i++) {
      at = steps[i] instanceof Long index ? element(at, index, i) : entry(at, (String) steps[i], i);
    }
    return at;
  }

  private Object entry(Object container, String key, int step) {
    if (!(container instanceof Map<?, ?> map)) {
      throw fail(Status.TYPE_MISMATCH, step, " needs a map there");
    }
    Object value = map.get(key);
    if (value == null && !map.containsKey(key)) {
      throw fail(Status.NO_SUCH_KEY, step, " is not there");
    }
    return value;
  }

  private Object element(Object container, long index, int step) {
    if (container instanceof List<?> list) {
      return list.get(inside(index, list.size(), step));
    }
    if (container instanceof Object[] array) {
      return array[inside(index, array.length, step)];
    }
    throw fail(Status.TYPE_MISMATCH, step, " needs a list there");
  }

  private int inside(long index, int size, int step) {
    if (Long.compareUnsigned(index, size) >= 0) {
      throw fail(Status.OUT_OF_RANGE, step, " is not there");
    }
    return (int) index;
  }

  private RegionException fail(Status status, int last, String reason) {
    StringBuilder out = new StringBuilder("$");
    for (int i = 0; i <= last; i++) {
      if (steps[i] instanceof Long index) {
        Paths.appendIndex(out, index);
      } else {
        Paths.appendKey(out, (String) steps[i]);
      }
    }
    return new RegionException(
        status, RegionException.NO_OFFSET, null, out.append(reason).toString());
  }

  /** The text that the path was made from. */
  @Override
  public String toString() {
    return text;
  }
}
