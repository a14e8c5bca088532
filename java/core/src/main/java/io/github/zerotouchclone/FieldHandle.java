package io.github.zerotouchclone;

import io.github.zerotouchclone.internal.FieldPath;
import io.github.zerotouchclone.internal.Node;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads one field of many copies, however deep it lies. The path is parsed once; where the maps on
 * its way keep their keys is remembered from copy to copy.
 *
 * <pre>{@code
 * FieldHandle lang = region.field("prefs.lang");
 * region.forEachCopy(job -> count(lang.getString(job)));
 * }</pre>
 *
 * <p>The getters deliver what those of {@link RecordCopy} do, with the same errors, which name the
 * whole path. A path begins at the copy that is given, which may be a view of a container inside a
 * record. It leads through maps, lists and typed arrays; ext values end it.
 *
 * <p>Getters of primitives, {@link #type}, {@link #isNull} and {@link #isPresent} allocate nothing
 * for views of a {@link CopyBuffer}, unless the number is a big integer or decimal; for an
 * independent copy they need an object for the way. O(1) a step, O(log n) in a map whose keys do
 * not repeat from record to record.
 *
 * <p>Immutable to its users; any thread.
 */
public final class FieldHandle {
  private final String text;
  private final FieldPath path;

  FieldHandle(String text) {
    this.text = text;
    this.path = new FieldPath(text);
  }

  FieldPath path() {
    return path;
  }

  // Each getter finds the value first: number i of the node in the place.

  private int find(RecordCopy copy, FieldPath.Place place) {
    Node from = copy.node();
    int i = path.find(from, place);
    if (i < 0) {
      throw path.failure(from, copy.type().code(), copy.image(), Whereabouts.shown(copy));
    }
    return i;
  }

  /** Whether the path leads to a value, be it {@code null}. */
  public boolean isPresent(RecordCopy copy) {
    return path.find(copy.node(), copy.place()) >= 0;
  }

  /** Whether the field is there, and {@code null}. */
  public boolean isNull(RecordCopy copy) {
    return type(copy) == ValueType.NULL;
  }

  /** The type of the field. */
  public ValueType type(RecordCopy copy) {
    FieldPath.Place place = copy.place();
    int i = find(copy, place);
    return Values.type(place.node(), i);
  }

  /** The string, or the text of an ext, or {@code null}; see {@link RecordCopy#getString}. */
  public @Nullable String getString(RecordCopy copy) {
    FieldPath.Place place = copy.place();
    int i = find(copy, place);
    return Values.string(copy, place.node(), i, this, 0);
  }

  /** The integer, if it fits. */
  public int getInt(RecordCopy copy) {
    FieldPath.Place place = copy.place();
    int i = find(copy, place);
    return Values.int32(copy, place.node(), i, this, 0);
  }

  /** The integer. */
  public long getLong(RecordCopy copy) {
    FieldPath.Place place = copy.place();
    int i = find(copy, place);
    return Values.int64(copy, place.node(), i, this, 0);
  }

  /** The number; an integer only if it can be represented exactly. */
  public double getDouble(RecordCopy copy) {
    FieldPath.Place place = copy.place();
    int i = find(copy, place);
    return Values.number(copy, place.node(), i, this, 0, false);
  }

  /** The number, if it can be represented exactly. */
  public float getFloat(RecordCopy copy) {
    FieldPath.Place place = copy.place();
    int i = find(copy, place);
    return (float) Values.number(copy, place.node(), i, this, 0, true);
  }

  /** The boolean. */
  public boolean getBoolean(RecordCopy copy) {
    FieldPath.Place place = copy.place();
    int i = find(copy, place);
    return Values.bool(copy, place.node(), i, this, 0);
  }

  /** The bytes in a fresh array, or {@code null} if that is stored. */
  public byte @Nullable [] getBytes(RecordCopy copy) {
    FieldPath.Place place = copy.place();
    int i = find(copy, place);
    return Values.bytes(copy, place.node(), i, this, 0);
  }

  /**
   * The {@code short} elements of the typed array; see {@link RecordCopy#getShortArray(String)}.
   */
  public short @Nullable [] getShortArray(RecordCopy copy) {
    FieldPath.Place place = copy.place();
    int i = find(copy, place);
    return Values.array(copy, place.node(), i, this, 0, short[].class);
  }

  /** The {@code int} elements of the typed array; see {@link RecordCopy#getIntArray(String)}. */
  public int @Nullable [] getIntArray(RecordCopy copy) {
    FieldPath.Place place = copy.place();
    int i = find(copy, place);
    return Values.array(copy, place.node(), i, this, 0, int[].class);
  }

  /** The {@code long} elements of the typed array; see {@link RecordCopy#getLongArray(String)}. */
  public long @Nullable [] getLongArray(RecordCopy copy) {
    FieldPath.Place place = copy.place();
    int i = find(copy, place);
    return Values.array(copy, place.node(), i, this, 0, long[].class);
  }

  /**
   * The {@code float} elements of the typed array; see {@link RecordCopy#getFloatArray(String)}.
   */
  public float @Nullable [] getFloatArray(RecordCopy copy) {
    FieldPath.Place place = copy.place();
    int i = find(copy, place);
    return Values.array(copy, place.node(), i, this, 0, float[].class);
  }

  /**
   * The {@code double} elements of the typed array; see {@link RecordCopy#getDoubleArray(String)}.
   */
  public double @Nullable [] getDoubleArray(RecordCopy copy) {
    FieldPath.Place place = copy.place();
    int i = find(copy, place);
    return Values.array(copy, place.node(), i, this, 0, double[].class);
  }

  /** The elements of the typed array; see {@link RecordCopy#getBuffer(String)}. */
  public @Nullable ByteBuffer getBuffer(RecordCopy copy) {
    FieldPath.Place place = copy.place();
    int i = find(copy, place);
    return Values.buffer(copy, place.node(), i, this, 0);
  }

  /** A view of the map, list, typed array or ext, or {@code null} if that is stored. */
  public @Nullable RecordCopy getRecord(RecordCopy copy) {
    FieldPath.Place place = copy.place();
    int i = find(copy, place);
    return Values.container(copy, place.node(), i, this, 0);
  }

  /** The list as {@link RecordCopy#toObject} makes it, or {@code null} if that is stored. */
  public @Nullable List<@Nullable Object> getList(RecordCopy copy) {
    FieldPath.Place place = copy.place();
    int i = find(copy, place);
    return Values.list(copy, place.node(), i, this, 0);
  }

  /** The map as {@link RecordCopy#toMap} makes it, or {@code null} if that is stored. */
  public @Nullable Map<String, @Nullable Object> getMap(RecordCopy copy) {
    FieldPath.Place place = copy.place();
    int i = find(copy, place);
    return Values.map(copy, place.node(), i, this, 0);
  }

  /** The value, whatever its type, as {@link RecordCopy#toObject} makes it. */
  public @Nullable Object get(RecordCopy copy) {
    FieldPath.Place place = copy.place();
    int i = find(copy, place);
    return Values.object(copy, place.node(), i);
  }

  /** The path, as it was given. */
  @Override
  public String toString() {
    return text;
  }
}
