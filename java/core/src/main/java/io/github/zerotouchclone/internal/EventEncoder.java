package io.github.zerotouchclone.internal;

import io.github.zerotouchclone.Ext;
import io.github.zerotouchclone.SharedValue;
import io.github.zerotouchclone.Status;
import io.github.zerotouchclone.UnstorableValueException;
import java.lang.invoke.MethodHandle;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;

/**
 * Writes Java values as events of the region format into a growing buffer. A record that cannot be
 * stored leaves no trace in it. One thread.
 */
public final class EventEncoder {
  private final EventPath path;
  private final EventBuffer out;
  private final EventKeys keys;
  private final ExtEvents exts;
  private final IdentityTable containers = new IdentityTable();
  private final SharedObjects shared;
  // Whether all keys of a map are looked at before it begins.
  private boolean careful;

  /** Thrown when a map that began as one with plain keys turns out to have others. */
  private static final class OtherKeys extends RuntimeException {
    private static final long serialVersionUID = 1;
    static final OtherKeys INSTANCE = new OtherKeys();

    private OtherKeys() {
      super(null, null, false, false);
    }
  }

  /**
   * @param region the path for error messages
   */
  public EventEncoder(String region) {
    this(region, new EventKeys(), new SharedObjects());
  }

  /**
   * An encoder for another thread, whose events the same writer understands: it uses the keys that
   * another one has defined so far, and knows the same shared values.
   */
  EventEncoder(String region, EventEncoder other) {
    this(region, new EventKeys(other.keys), other.shared);
  }

  private EventEncoder(String region, EventKeys keys, SharedObjects shared) {
    this.path = new EventPath(region);
    this.out = new EventBuffer(path);
    this.exts = new ExtEvents(out, path);
    this.keys = keys;
    this.shared = shared;
  }

  EventKeys keys() {
    return keys;
  }

  /** The events; the first {@link #size} bytes are in use. */
  public byte[] events() {
    return out.bytes();
  }

  /** Bytes of events. */
  public int size() {
    return out.position();
  }

  /** Forgets all events, but not the keys that they defined. */
  public void clear() {
    out.clear();
  }

  /**
   * Appends the events of one record.
   *
   * @param key the event of {@link RecordKeys} for its key, or null
   * @throws UnstorableValueException if the value cannot be stored; then, as after any other
   *     exception, nothing was appended
   */
  public void add(Object value, byte[] key, long index) {
    append(value, key, index, EventBuffer.END_RECORD);
  }

  /**
   * Appends the definition of a value that records share, under the number {@link #sharedCount}.
   *
   * @throws UnstorableValueException as {@link #add}
   */
  public void define(Object value) {
    append(value, null, -1, EventBuffer.END_SHARED);
  }

  /** Makes an object and a handle stand for the shared value that was defined last. */
  public void share(Object value, SharedValue handle) {
    shared.add(value, handle);
  }

  /** Undoes {@link #share}, but the number stays taken. */
  public void unshare(Object value, SharedValue handle) {
    shared.remove(value, handle);
  }

  /** The handle of a value that is shared already, or of itself; else null. */
  public SharedValue handleOf(Object value) {
    return shared.handle(value);
  }

  /** Number of shared values. */
  public int sharedCount() {
    return shared.count();
  }

  private void append(Object value, byte[] key, long index, byte end) {
    int mark = out.position();
    if (key != null) {
      path.reset(index);
      out.append(key);
    }
    int begin = out.position();
    int keyMark = keys.count();
    int listMark = keys.listCount();
    boolean complete = false;
    try {
      try {
        whole(value, index, end);
      } catch (OtherKeys e) {
        out.rewind(begin);
        keys.forgetFrom(keyMark, listMark);
        containers.clear();
        careful = true;
        whole(value, index, end);
      }
      complete = true;
    } catch (OtherKeys e) {
      throw path.fail(Status.UNSTORABLE, "the map changes while it is stored");
    } finally {
      containers.clear();
      careful = false;
      if (!complete) {
        out.rewind(mark);
        keys.forgetFrom(keyMark, listMark);
      }
    }
  }

  private void whole(Object value, long index, byte end) {
    path.reset(index);
    if (end == EventBuffer.END_SHARED) {
      out.operand(EventBuffer.BEGIN_SHARED, shared.count());
    }
    int begin = out.position();
    value(value);
    if (end == EventBuffer.END_SHARED && out.bytes()[begin] == EventBuffer.SHARED) {
      throw refuse("this is shared already; use what share returned for it");
    }
    containers.insertLabels(out);
    out.opcode(end);
  }

  EventSink sink() {
    return new EventSink(this, out, path);
  }

  EventPath path() {
    return path;
  }

  EventBuffer out() {
    return out;
  }

  ExtEvents exts() {
    return exts;
  }

  // -------------------------------------------------------------------------------------- values

  /** Appends a value. Small enough to be inlined: what most values are, and nothing else. */
  void value(Object value) {
    if (value instanceof String string) {
      exts.string(string);
    } else if (value instanceof Integer number) {
      out.i32(number);
    } else if (value instanceof Long number) {
      out.i64(number);
    } else if (value instanceof Double number) {
      out.f64(number);
    } else if (value instanceof Boolean bool) {
      out.bool(bool);
    } else if (value instanceof HashMap<?, ?> map) { // LinkedHashMap as well
      map(map);
    } else {
      otherValue(value);
    }
  }

  private void otherValue(Object value) {
    if (value == null) {
      out.opcode(EventBuffer.NULL);
    } else if (value instanceof Collection<?> collection) {
      collection(collection);
    } else if (value instanceof Map<?, ?> map) {
      map(map);
    } else if (value instanceof Byte number) {
      out.i8(number);
    } else if (value instanceof Short number) {
      out.i16(number);
    } else if (value instanceof Float number) {
      out.f32(number);
    } else if (value instanceof byte[] bytes) {
      out.bytes(bytes);
    } else if (value instanceof Object[] array) {
      objects(array);
    } else if (value instanceof Ext ext) {
      ext(ext);
    } else {
      ValueWriters.of(value.getClass()).write(this, value);
    }
  }

  // ---------------------------------------------------------------------------------- containers

  /**
   * Whether a container stands for a shared value or has been met in this record; then a reference
   * is written.
   */
  boolean again(Object container) {
    int number = shared.find(container);
    if (number >= 0) {
      out.operand(EventBuffer.SHARED, number);
      return true;
    }
    int entry = containers.findOrAdd(container, out.position());
    if (entry >= 0) {
      out.operand(EventBuffer.REF, containers.label(entry));
      return true;
    }
    return false;
  }

  /** Appends what a handle stands for. */
  void handle(SharedValue handle) {
    int number = shared.find(handle);
    if (number < 0) {
      throw refuse("the shared value is one of another writer");
    }
    out.operand(EventBuffer.SHARED, number);
  }

  void begin(byte opcode) {
    path.enter();
    out.opcode(opcode);
  }

  private void beginExt(int id) {
    path.enter();
    out.operand(EventBuffer.BEGIN_EXT, id);
  }

  void end() {
    out.opcode(EventBuffer.END);
    path.leave();
  }

  private void map(Map<?, ?> map) {
    boolean empty = map.isEmpty();
    if ((!empty || Distinctness.hasIdentity(map)) && again(map)) {
      return;
    }
    if (!empty && careful && !Distinctness.hasPlainKeys(map)) {
      mapWithOtherKeys(map);
      return;
    }
    path.enter();
    OpenMap open = keys.begin();
    if (!empty) {
      HashSet<Object> seen = Distinctness.isDistinct(map) ? null : new HashSet<>();
      boolean first = true;
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        if (!(entry.getKey() instanceof String key)) {
          if (!first) {
            throw OtherKeys.INSTANCE;
          }
          path.leave();
          keys.drop();
          mapWithOtherKeys(map);
          return;
        }
        first = false;
        path.key(key);
        checkDistinct(seen, key);
        if (!keys.write(open, key, out)) {
          throw OtherKeys.INSTANCE;
        }
        value(entry.getValue());
      }
    }
    keys.end(open, out);
    end();
  }

  private void checkDistinct(HashSet<Object> seen, String key) {
    if (seen != null && !seen.add(key)) {
      throw path.fail(Status.DUPLICATE_KEY, "the map or set has this key twice");
    }
  }

  /**
   * Checks that an element of a set, or a key of a map with other keys, is none of those before it
   * in a copy.
   *
   * @param seen those before it; null as long as they cannot be equal
   * @param all the elements or keys
   * @param number of the one at hand
   * @return {@code seen} for the next one
   */
  private HashSet<Object> checkStored(
      HashSet<Object> seen, Collection<?> all, int number, Object key) {
    Object stored = Distinctness.stored(key);
    HashSet<Object> known = seen;
    if (known == null) {
      if (stored == key) {
        return null;
      }
      known = new HashSet<>();
      Iterator<?> before = all.iterator();
      for (int i = 0; i < number && before.hasNext(); i++) {
        known.add(Distinctness.inCopy(before.next()));
      }
    }
    if (!known.add(Distinctness.inCopy(stored))) {
      throw path.fail(Status.DUPLICATE_KEY, "the map or set has this key twice");
    }
    return known;
  }

  /** Keys are the even elements in paths, values the odd ones. */
  private void mapWithOtherKeys(Map<?, ?> map) {
    beginExt(ExtIds.MAP);
    begin(EventBuffer.BEGIN_LIST);
    HashSet<Object> seen = Distinctness.isDistinct(map) ? null : new HashSet<>();
    int number = 0;
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      path.index(2 * number);
      seen = checkStored(seen, map.keySet(), number, entry.getKey());
      value(entry.getKey());
      path.index(2 * number + 1);
      value(entry.getValue());
      number++;
    }
    end();
    end();
  }

  private void collection(Collection<?> collection) {
    boolean empty = collection.isEmpty();
    if ((!empty || Distinctness.hasIdentity(collection)) && again(collection)) {
      return;
    }
    boolean set = collection instanceof Set;
    HashSet<Object> seen =
        !set || empty || Distinctness.isDistinct(collection) ? null : new HashSet<>();
    if (set) {
      beginExt(ExtIds.SET);
    }
    begin(EventBuffer.BEGIN_LIST);
    if (!empty) {
      int i = 0;
      for (Object element : collection) {
        path.index(i);
        if (set) {
          seen = checkStored(seen, collection, i, element);
        }
        value(element);
        i++;
      }
    }
    end();
    if (set) {
      end();
    }
  }

  private void objects(Object[] array) {
    if (array.length > 0 && again(array)) {
      return;
    }
    begin(EventBuffer.BEGIN_LIST);
    for (int i = 0; i < array.length; i++) {
      path.index(i);
      value(array[i]);
    }
    end();
  }

  /** The payload is element 0 in paths. */
  private void ext(Ext ext) {
    if (again(ext)) {
      return;
    }
    beginExt(ext.id());
    path.index(0);
    value(ext.payload());
    end();
  }

  /** Appends a record or bean as a map. */
  void object(Object object, Properties properties) {
    if (again(object)) {
      return;
    }
    path.enter();
    OpenMap open = keys.begin();
    for (Properties.Property property : properties.all) {
      path.key(property.name);
      if (!keys.write(open, property.name, out)) {
        throw refuse("the name of a property has an unpaired surrogate");
      }
      property(object, property);
    }
    keys.end(open, out);
    end();
  }

  private void property(Object object, Properties.Property property) {
    MethodHandle getter = property.getter;
    Object value;
    try {
      if (property.type == int.class) {
        out.i32((int) getter.invokeExact(object));
        return;
      }
      if (property.type == long.class) {
        out.i64((long) getter.invokeExact(object));
        return;
      }
      if (property.type == boolean.class) {
        out.bool((boolean) getter.invokeExact(object));
        return;
      }
      if (property.type == double.class) {
        out.f64((double) getter.invokeExact(object));
        return;
      }
      value = getter.invokeExact(object);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      UnstorableValueException failure = refuse("the getter failed: " + e);
      failure.initCause(e);
      throw failure;
    }
    value(value);
  }

  // --------------------------------------------------------------------------------------- errors

  /** The error that the value at hand cannot be stored. */
  UnstorableValueException refuse(String reason) {
    return path.fail(Status.UNSTORABLE, reason);
  }
}
