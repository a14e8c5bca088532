package io.github.zerotouchclone;

import io.github.zerotouchclone.internal.Decoder;
import io.github.zerotouchclone.internal.FieldPath;
import io.github.zerotouchclone.internal.Image;
import io.github.zerotouchclone.internal.Node;
import io.github.zerotouchclone.internal.Origin;
import io.github.zerotouchclone.internal.TypedReader;
import io.github.zerotouchclone.internal.TypedText;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A private copy of a record, or a view of a container inside one. Only what a getter asks for is
 * decoded.
 *
 * <p>Getters come in two forms: by key, for maps, and by index, for lists and typed arrays. What
 * they return belongs to the caller: arrays and collections are fresh and mutable. A getter throws
 * a {@link RegionException} that names the path of the value, with
 *
 * <ul>
 *   <li>{@link Status#NO_SUCH_KEY} if the map has no such entry,
 *   <li>{@link Status#OUT_OF_RANGE} if the list has no such element,
 *   <li>{@link Status#TYPE_MISMATCH} if the value has another type, or this is not a map or list,
 *   <li>{@link Status#LOSSY} if a number does not fit the requested type exactly; a decimal number
 *       fits a {@code double} that has its value, or whose shortest text says it,
 *   <li>{@link Status#CORRUPT} (a {@link CorruptRegionException}) if the bytes are damaged.
 * </ul>
 *
 * <p>Getters of numbers take what is stored as an integer of any width, as an unsigned or big
 * integer or as a decimal, whose {@link #type} is {@code EXT}: {@code getInt} and {@code getLong}
 * if it is whole, as 5.0 is. They do not take what is stored as a {@code float} or {@code double},
 * which {@code getFloat} and {@code getDouble} do. {@code getFloat} takes only what a {@code float}
 * says exactly, so not the decimal 0.1.
 *
 * <p>A stored {@code null} is returned as {@code null} by getters of objects, and is a mismatch for
 * getters of primitives.
 *
 * <p>A copy made by {@link ZeroTouchClone#copy} outlives its region, and is immutable and safe for
 * any number of threads. A view of a {@link CopyBuffer} is for the buffer's thread and gets stale;
 * see there.
 *
 * <p>Access by key is O(1), or O(log n) in a map whose keys do not repeat from record to record;
 * access by index is O(1).
 */
public final class RecordCopy {
  private static final VarHandle ROOT = rootHandle();

  private final CopyBuffer buffer; // null: independent
  final RecordCopy parent; // null: the root
  final Object step; // in the parent: a key or a FieldHandle, or null; of a batch's root: the batch
  final int index; // in the parent, if step is null; in the batch
  private final long number; // of an independent root its record, of a buffer's view a generation
  private final byte[] bytes; // of an independent root; null: a view of another copy
  private final Origin origin; // of an independent root
  private final Node node; // of a view but the cursor; null: empty, has no node; or a batch's root
  private final ValueType emptyType;

  // Made when somebody looks at it; of an independent root by way of ROOT only. What that one is
  // made of is final, so that a copy may get to other threads in any way, also without
  // synchronisation.
  private Node root;

  private static VarHandle rootHandle() {
    try {
      return MethodHandles.lookup().findVarHandle(RecordCopy.class, "root", Node.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** An independent root. */
  private RecordCopy(byte[] bytes, Origin origin, long record) {
    this.buffer = null;
    this.parent = null;
    this.step = null;
    this.index = 0;
    this.number = record;
    this.bytes = bytes;
    this.origin = origin;
    this.node = null;
    this.emptyType = null;
  }

  /** A view. */
  private RecordCopy(
      CopyBuffer buffer,
      long generation,
      RecordCopy parent,
      Object step,
      int index,
      Node node,
      ValueType emptyType) {
    this.buffer = buffer;
    this.parent = parent;
    this.step = step;
    this.index = index;
    this.number = generation;
    this.bytes = null;
    this.origin = null;
    this.node = node;
    this.emptyType = emptyType;
  }

  /** A copy that owns its bytes, which nobody changes any more. */
  static RecordCopy of(byte[] bytes, Origin origin, long record) {
    return new RecordCopy(bytes, origin, record);
  }

  /** A view of the root of the copy that a buffer's cursor shows. */
  static RecordCopy cursor(CopyBuffer buffer) {
    return new RecordCopy(buffer, CopyBuffer.CURSOR, null, null, 0, null, null);
  }

  /** A view of the root of copy {@code k} of a batch. */
  static RecordCopy in(CopyBuffer buffer, long generation, BatchCopy batch, int k) {
    return new RecordCopy(buffer, generation, null, batch, k, null, null);
  }

  // -------------------------------------------------------------------------------- about the
  // value

  /** The type of this value; of a copy of a record, the record's type. */
  public ValueType type() {
    Node at = node();
    return at == null ? emptyType : ValueType.ofCode(at.isBox() ? at.valueType(0) : at.valueType());
  }

  /**
   * Entries of a map, or elements of a list or typed array.
   *
   * @throws RegionException with {@link Status#TYPE_MISMATCH} if this is none of these
   */
  public int size() {
    Node at = node();
    if (at == null) {
      return 0;
    }
    ValueType type = type();
    if (type != ValueType.MAP && type != ValueType.LIST && type != ValueType.ARRAY) {
      throw Whereabouts.mismatch(this, type, "a map, list or array");
    }
    return at.count();
  }

  /** The keys of this map in the order they were written; unmodifiable. O(n) at most. */
  public List<String> keys() {
    Node map = node();
    requireMap();
    return map == null ? List.of() : map.keys();
  }

  /** Whether this map has an entry with this key, whatever its value. */
  public boolean has(String name) {
    requireMap();
    Node map = node();
    return map != null && map.find(name) >= 0;
  }

  /** Whether the value of this key is {@code null}. */
  public boolean isNull(String name) {
    return type(name) == ValueType.NULL;
  }

  /** Whether this element is {@code null}. */
  public boolean isNull(int element) {
    return type(element) == ValueType.NULL;
  }

  /** The type of the value of this key. */
  public ValueType type(String name) {
    return Values.type(node(), entry(name));
  }

  /** The type of this element. */
  public ValueType type(int element) {
    return Values.type(node(), element(element));
  }

  /** The index of the record in its region. */
  public long recordIndex() {
    return bytes != null ? number : image().record();
  }

  /** The path of this value inside its record: {@code $} for a copy of a record. */
  public String path() {
    return Whereabouts.path(this);
  }

  /** Bytes of the copy that this is a view of. */
  public int byteSize() {
    return bytes != null ? bytes.length : image().size();
  }

  // --------------------------------------------------------------------------------- getters by
  // key

  /**
   * The string of this key, or {@code null} if that is stored. Characters, enum constants, UUIDs,
   * URIs and symbols are strings, too.
   */
  public @Nullable String getString(String name) {
    return Values.string(this, node(), entry(name), name, 0);
  }

  /** The integer of this key, if it fits; see the numbers {@link RecordCopy above}. */
  public int getInt(String name) {
    return Values.int32(this, node(), entry(name), name, 0);
  }

  /** The integer of this key. */
  public long getLong(String name) {
    return Values.int64(this, node(), entry(name), name, 0);
  }

  /** The number of this key; an integer only if it can be represented exactly. */
  public double getDouble(String name) {
    return Values.number(this, node(), entry(name), name, 0, false);
  }

  /** The number of this key, if it can be represented exactly. */
  public float getFloat(String name) {
    return (float) Values.number(this, node(), entry(name), name, 0, true);
  }

  /** The boolean of this key. */
  public boolean getBoolean(String name) {
    return Values.bool(this, node(), entry(name), name, 0);
  }

  /** The bytes of this key in a fresh array, or {@code null} if that is stored. */
  public byte @Nullable [] getBytes(String name) {
    return Values.bytes(this, node(), entry(name), name, 0);
  }

  /** A view of the map, list, typed array or ext of this key, or {@code null} if that is stored. */
  public @Nullable RecordCopy getRecord(String name) {
    return Values.container(this, node(), entry(name), name, 0);
  }

  /** The list of this key as {@link #toObject} makes it, or {@code null} if that is stored. */
  public @Nullable List<@Nullable Object> getList(String name) {
    return Values.list(this, node(), entry(name), name, 0);
  }

  /** The map of this key as {@link #toMap} makes it, or {@code null} if that is stored. */
  public @Nullable Map<String, @Nullable Object> getMap(String name) {
    return Values.map(this, node(), entry(name), name, 0);
  }

  /** The value of this key, whatever its type, as {@link #toObject} makes it. */
  public @Nullable Object get(String name) {
    return Values.object(this, node(), entry(name));
  }

  // ------------------------------------------------------------------------------- getters by
  // index

  /**
   * This string, or {@code null} if that is stored. Characters, enum constants, UUIDs, URIs and
   * symbols are strings, too.
   */
  public @Nullable String getString(int element) {
    return Values.string(this, node(), element(element), null, element);
  }

  /** This integer, if it fits; see the numbers {@link RecordCopy above}. */
  public int getInt(int element) {
    return Values.int32(this, node(), element(element), null, element);
  }

  /** This integer. */
  public long getLong(int element) {
    return Values.int64(this, node(), element(element), null, element);
  }

  /** This number; an integer only if it can be represented exactly. */
  public double getDouble(int element) {
    return Values.number(this, node(), element(element), null, element, false);
  }

  /** This number, if it can be represented exactly. */
  public float getFloat(int element) {
    return (float) Values.number(this, node(), element(element), null, element, true);
  }

  /** This boolean. */
  public boolean getBoolean(int element) {
    return Values.bool(this, node(), element(element), null, element);
  }

  /** These bytes in a fresh array, or {@code null} if that is stored. */
  public byte @Nullable [] getBytes(int element) {
    return Values.bytes(this, node(), element(element), null, element);
  }

  /** A view of this map, list, typed array or ext, or {@code null} if that is stored. */
  public @Nullable RecordCopy getRecord(int element) {
    return Values.container(this, node(), element(element), null, element);
  }

  /** This list as {@link #toObject} makes it, or {@code null} if that is stored. */
  public @Nullable List<@Nullable Object> getList(int element) {
    return Values.list(this, node(), element(element), null, element);
  }

  /** This map as {@link #toMap} makes it, or {@code null} if that is stored. */
  public @Nullable Map<String, @Nullable Object> getMap(int element) {
    return Values.map(this, node(), element(element), null, element);
  }

  /** This element, whatever its type, as {@link #toObject} makes it. */
  public @Nullable Object get(int element) {
    return Values.object(this, node(), element(element));
  }

  // ----------------------------------------------------------------------------- typed arrays
  // In bulk: no element is looked at. The elements must be of the very type that is asked for.

  /**
   * The {@code short} elements of the typed array of this key, or {@code null} if that is stored.
   */
  public short @Nullable [] getShortArray(String name) {
    return Values.array(this, node(), entry(name), name, 0, short[].class);
  }

  /** The {@code int} elements of the typed array of this key, or {@code null} if that is stored. */
  public int @Nullable [] getIntArray(String name) {
    return Values.array(this, node(), entry(name), name, 0, int[].class);
  }

  /**
   * The {@code long} elements of the typed array of this key, or {@code null} if that is stored.
   */
  public long @Nullable [] getLongArray(String name) {
    return Values.array(this, node(), entry(name), name, 0, long[].class);
  }

  /**
   * The {@code float} elements of the typed array of this key, or {@code null} if that is stored.
   */
  public float @Nullable [] getFloatArray(String name) {
    return Values.array(this, node(), entry(name), name, 0, float[].class);
  }

  /**
   * The {@code double} elements of the typed array of this key, or {@code null} if that is stored.
   */
  public double @Nullable [] getDoubleArray(String name) {
    return Values.array(this, node(), entry(name), name, 0, double[].class);
  }

  /** The {@code short} elements of this typed array, or {@code null} if that is stored. */
  public short @Nullable [] getShortArray(int element) {
    return Values.array(this, node(), element(element), null, element, short[].class);
  }

  /** The {@code int} elements of this typed array, or {@code null} if that is stored. */
  public int @Nullable [] getIntArray(int element) {
    return Values.array(this, node(), element(element), null, element, int[].class);
  }

  /** The {@code long} elements of this typed array, or {@code null} if that is stored. */
  public long @Nullable [] getLongArray(int element) {
    return Values.array(this, node(), element(element), null, element, long[].class);
  }

  /** The {@code float} elements of this typed array, or {@code null} if that is stored. */
  public float @Nullable [] getFloatArray(int element) {
    return Values.array(this, node(), element(element), null, element, float[].class);
  }

  /** The {@code double} elements of this typed array, or {@code null} if that is stored. */
  public double @Nullable [] getDoubleArray(int element) {
    return Values.array(this, node(), element(element), null, element, double[].class);
  }

  /**
   * The elements of the typed array of this key as they are stored: little-endian, one after the
   * other; read-only. For {@code asIntBuffer()} and the like. Of an independent copy it is a view,
   * made in O(1), which keeps the copy in memory; of a view of a {@link CopyBuffer}, whose memory
   * the next copy overwrites, it is a copy, which stays.
   */
  public @Nullable ByteBuffer getBuffer(String name) {
    return Values.buffer(this, node(), entry(name), name, 0);
  }

  /** As {@link #getBuffer(String)}, of this element. */
  public @Nullable ByteBuffer getBuffer(int element) {
    return Values.buffer(this, node(), element(element), null, element);
  }

  // ---------------------------------------------------------------------------------- whole values

  /**
   * This value as fresh Java objects that the caller may change: {@link LinkedHashMap}, {@link
   * ArrayList}, primitive arrays, {@link String}, boxed numbers of the width they were written
   * with, or {@code null}. An object that the value reaches in several ways, or that contains
   * itself, is one object again. O(size of the copy), for any bytes.
   *
   * <p>Ext values of registered types are delivered as {@link java.math.BigInteger}, {@link
   * java.math.BigDecimal}, {@link Character}, {@link java.util.Set}, {@link java.util.UUID}, {@link
   * java.net.URI} and the types of {@code java.time}. An enum constant is its name, since its class
   * may not exist here; an object of another language is the map of its fields; a map whose keys
   * are not all strings is a {@code Map<Object, Object>}; a weak reference is what it leads to. All
   * else, also a payload that is not of the registered form, is an {@link Ext}.
   *
   * <p>Sets and maps keep their order. One whose elements (or keys) are containers tells them by
   * identity instead of equality if they cannot be told otherwise: because they lead back to
   * themselves, because references make them larger than the copy by far, or because objects that
   * were different where they were written became equal maps or lists.
   *
   * @throws RegionException {@link Status#TOO_DEEP} if the thread's stack ends before the value is
   *     whole: the deepest one, of 512 containers inside each other, may need 1 MiB of it
   */
  public @Nullable Object toObject() {
    Node at = node();
    if (at == null) {
      return emptyType == ValueType.LIST ? new ArrayList<>() : new LinkedHashMap<>();
    }
    return decoder().object(at);
  }

  /** This map as {@link #toObject} makes it. */
  @SuppressWarnings("unchecked")
  public Map<String, @Nullable Object> toMap() {
    requireMap();
    return (Map<String, Object>) toObject();
  }

  /**
   * This map as an unmodifiable one that is made faster and takes less memory than {@link #toMap}:
   * one object and one array of values, for its keys are those that all maps of its shape share.
   * Maps inside it are of the same kind, lists unmodifiable; typed arrays and what stands for ext
   * values are as {@link #toObject} makes them. Look-up is O(1), the order that of {@link #keys}.
   *
   * <p>It outlives copy and buffer, and keeps the keys of its shapes in memory, not the region. Any
   * thread may read it once it was handed over safely.
   */
  @SuppressWarnings("unchecked")
  public Map<String, @Nullable Object> toCompactMap() {
    requireMap();
    Node at = node();
    Object map = at == null ? Decoder.emptyCompact(emptyType.code()) : decoder().compactObject(at);
    return (Map<String, Object>) map;
  }

  /**
   * This value as a new object of a class: a record, a bean, or what else {@link Binding} lists.
   * O(size of what is read).
   *
   * @return the object; {@code null} if that is what is stored
   * @throws RegionException if the value does not fit the class; the message names the path. {@link
   *     Status#TOO_DEEP} if references nest objects too deeply, {@link Status#TOO_LARGE} if
   *     elements of a set, or keys of a map, would take too long to be told apart: {@link
   *     #toObject} has neither limit. As there, {@link Status#TOO_DEEP} also if the thread's stack
   *     ends before the value is whole
   */
  public <T> @Nullable T as(Class<T> type) {
    return as(Binding.of(type));
  }

  /** As {@link #as(Class)}, for generic types and strict reading. */
  @SuppressWarnings("unchecked")
  public <T> @Nullable T as(Binding<T> binding) {
    Image image = image();
    long before = generation();
    T object;
    try {
      object =
          (T) (parent == null ? session().read(binding.reader(), image) : nestedAs(binding, image));
    } catch (RegionException e) {
      checkUnmoved(before); // nothing is wrong with the record then
      throw e;
    }
    checkUnmoved(before);
    return object;
  }

  private Object nestedAs(Binding<?> binding, Image image) {
    Node at = node();
    int empty = at == null ? emptyType.code() : 0;
    return session().read(binding.reader(), image, at, empty, () -> Whereabouts.shown(this));
  }

  /** A constructor or setter may have copied into the buffer meanwhile. */
  private void checkUnmoved(long generation) {
    if (buffer != null) {
      buffer.check(generation);
    }
  }

  /**
   * The canonical typed text of this value, as the format document defines it; the same in every
   * language. For tests and people. O(size of the text).
   *
   * @throws RegionException with {@link Status#TOO_LARGE} if strings that many references lead to,
   *     or keys of more than 250 characters that many maps have, make the text larger than the copy
   *     by far
   */
  public String typedText() {
    Node at = node();
    if (at == null) {
      return emptyType == ValueType.LIST ? "[]" : "{}";
    }
    return TypedText.of(at);
  }

  /**
   * A copy of this value that is independent of any buffer. It holds the whole copy that this is a
   * view of. O(1) if this is independent already, else O(size of the copy).
   */
  public RecordCopy detach() {
    if (buffer == null) {
      return this;
    }
    return detachTo(image().detach());
  }

  /** References may make a view any number of steps deep. */
  private RecordCopy detachTo(Image own) {
    ArrayDeque<RecordCopy> views = new ArrayDeque<>();
    for (RecordCopy at = this; at.parent != null; at = at.parent) {
      views.push(at);
    }
    RecordCopy above = of(own.bytes(), own.origin(), own.record());
    for (RecordCopy view : views) {
      Node same = view.node == null ? null : view.node.in(own);
      above = new RecordCopy(null, 0, above, view.step, view.index, same, view.emptyType);
    }
    return above;
  }

  /** The place of this value and its type, or that this is stale; for people. */
  @Override
  public String toString() {
    if (buffer != null && !buffer.holds(number)) {
      return "a stale view: " + Whereabouts.shown(this);
    }
    return "record " + recordIndex() + ": " + Whereabouts.shown(this) + " (" + type() + ")";
  }

  // ----------------------------------------------------------------------------------------
  // finding

  boolean isIndependent() {
    return buffer == null;
  }

  Node node() {
    if (buffer != null) {
      buffer.check(number);
      return number == CopyBuffer.CURSOR ? buffer.root() : parent == null ? batchRoot() : node;
    }
    return bytes != null ? root() : node;
  }

  // The bytes have just been copied, so to look at them later spares the copy a wait for them.

  private Node batchRoot() {
    if (root == null) {
      root = Node.root(((BatchCopy) step).image(index));
    }
    return root;
  }

  private Node root() {
    Node made = (Node) ROOT.getAcquire(this);
    if (made == null) {
      made = Node.root(new Image(bytes, 0, bytes.length, origin, number));
      ROOT.setRelease(this, made); // any thread may do this: all nodes that they make are alike
    }
    return made;
  }

  Image image() {
    if (buffer != null && parent == null) {
      buffer.check(number);
      return number == CopyBuffer.CURSOR ? buffer.image() : ((BatchCopy) step).image(index);
    }
    Node at = node();
    return at == null ? parent.image() : at.image();
  }

  private long generation() {
    return buffer == null ? 0 : buffer.generationOf(number);
  }

  /** The bytes of the copy, for tests that compare them with another road's. */
  byte[] copyBytes() {
    return bytes != null ? bytes.clone() : image().toArray();
  }

  private void requireMap() {
    ValueType type = type();
    if (type != ValueType.MAP) {
      throw Whereabouts.mismatch(this, type, "a map");
    }
  }

  private int entry(String name) {
    Node map = node();
    if (map == null || !map.isMap()) {
      requireMap();
    }
    int i = map == null ? -1 : map.find(name);
    if (i < 0) {
      throw Whereabouts.error(this, Status.NO_SUCH_KEY, name, 0, "the map has no such key");
    }
    return i;
  }

  private int element(int i) {
    Node list = node();
    int count = list == null ? 0 : list.count();
    ValueType type = list == null ? emptyType : list.isList() ? ValueType.LIST : type();
    if (type != ValueType.LIST && type != ValueType.ARRAY) {
      // Java takes a character for an index, too.
      String keys = type == ValueType.MAP ? "; the keys of a map are strings" : "";
      throw Whereabouts.mismatch(this, type, "a list or array" + keys);
    }
    if (i < 0 || i >= count) {
      throw Whereabouts.error(
          this,
          Status.OUT_OF_RANGE,
          null,
          i,
          count == 0 ? "there are no elements" : "valid indices are 0 to " + (count - 1));
    }
    return i;
  }

  /** A view of value {@code i} of a node, which is a container, for getters. */
  RecordCopy nested(Node holder, int i, ValueType type, Object at, int element) {
    Node inside = holder.isEmptyContainer(i) ? null : holder.container(i);
    return new RecordCopy(buffer, generation(), this, at, element, inside, type);
  }

  /** What makes objects of this; of this thread. */
  Decoder decoder() {
    return buffer == null ? new Decoder() : buffer.decoder;
  }

  private TypedReader.Session session() {
    return buffer == null ? new TypedReader.Session() : buffer.typed;
  }

  /** Where handles that read this keep what they find; of this thread. */
  FieldPath.Place place() {
    return buffer == null ? new FieldPath.Place() : buffer.place;
  }
}
