package io.github.zerotouchclone.internal;

import io.github.zerotouchclone.Ext;
import io.github.zerotouchclone.Status;
import io.github.zerotouchclone.UnstorableValueException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Writes Java values as events of the region format into a growing buffer. A record that cannot be
 * stored leaves no trace in it. One thread.
 */
public final class EventEncoder {
  private static final byte NULL = 0x00;
  private static final byte FALSE = 0x01;
  private static final byte TRUE = 0x02;
  private static final byte I8 = 0x03;
  private static final byte I16 = 0x04;
  private static final byte I32 = 0x05;
  private static final byte I64 = 0x06;
  private static final byte F32 = 0x07;
  private static final byte F64 = 0x08;
  private static final byte STRING = 0x10; // and the encoding
  private static final byte BYTES = 0x14;
  private static final byte ARRAY = 0x15;
  private static final byte BEGIN_LIST = 0x20;
  private static final byte BEGIN_MAP = 0x21;
  private static final byte BEGIN_EXT = 0x22;
  private static final byte END = 0x23;
  private static final byte KEY = 0x28; // and the encoding
  private static final byte DEFINE_KEY = 0x2c;
  private static final byte USE_KEY = 0x2d;
  private static final byte LABEL = 0x30;
  private static final byte REF = 0x31;
  private static final byte END_RECORD = 0x3f;

  private static final int LATIN1 = 1;
  private static final int UTF16 = 3;

  private static final int MAX_STRING = 0x3fff_ffff;
  private static final int MAX_BUFFER = Integer.MAX_VALUE - 8;
  private static final int KEEP = 1 << 20;
  private static final int LABEL_SIZE = 5;

  // Keys beyond these are written out each time, so that memory stays bounded.
  private static final int MAX_KEYS = 1 << 14;
  private static final int MAX_KEY_CHARS = 64;

  // Empty collections that everybody shares have no identity worth keeping.
  private static final List<Object> NO_IDENTITY =
      List.of(
          List.of(),
          Set.of(),
          Map.of(),
          Collections.EMPTY_LIST,
          Collections.EMPTY_SET,
          Collections.EMPTY_MAP);

  private final String region;
  private byte[] buffer = new byte[128 << 10];
  private int position;
  private long record;

  private final HashMap<String, Integer> keys = new HashMap<>();
  private final ArrayList<String> keysInOrder = new ArrayList<>();
  private final IdentityTable containers = new IdentityTable();

  // The path of the value at hand: by depth, a key or an index.
  private String[] pathKeys = new String[8];
  private int[] pathIndices = new int[8];

  /**
   * @param region the path for error messages
   */
  public EventEncoder(String region) {
    this.region = region;
  }

  /** The events; the first {@link #size} bytes are in use. */
  public byte[] events() {
    return buffer;
  }

  /** Bytes of events. */
  public int size() {
    return position;
  }

  /** Forgets all events, but not the keys that they defined. */
  public void clear() {
    position = 0;
    if (buffer.length > KEEP) {
      buffer = new byte[128 << 10];
    }
  }

  /** Appends the key, an event of {@link RecordKeys}, of the record that is added next. */
  public void key(byte[] event) {
    need(event.length);
    System.arraycopy(event, 0, buffer, position, event.length);
    position += event.length;
  }

  /** Drops a key behind the first {@code size} bytes, whose record could not be added. */
  public void dropKey(int size) {
    position = size;
  }

  /**
   * Appends the events of one record.
   *
   * @throws UnstorableValueException if the value cannot be stored; then, as after any other
   *     exception, nothing was appended
   */
  public void add(Object value, long index) {
    int mark = position;
    int keyMark = keysInOrder.size();
    record = index;
    boolean complete = false;
    try {
      value(value, 0);
      insertLabels(mark);
      opcode(END_RECORD);
      complete = true;
    } finally {
      containers.clear();
      if (!complete) {
        position = mark;
        forgetKeys(keyMark);
      }
    }
  }

  private void forgetKeys(int mark) {
    for (int i = keysInOrder.size() - 1; i >= mark; i--) {
      keys.remove(keysInOrder.remove(i));
    }
  }

  // -------------------------------------------------------------------------------------- values

  /** Appends a value inside {@code depth} containers. */
  private void value(Object value, int depth) {
    if (value == null) {
      opcode(NULL);
    } else if (value instanceof String string) {
      string(STRING, string, depth);
    } else if (value instanceof Map<?, ?> map) {
      map(map, depth);
    } else if (value instanceof Integer number) {
      need(5);
      buffer[position] = I32;
      LittleEndian.putInt(buffer, position + 1, number);
      position += 5;
    } else if (value instanceof Long number) {
      number(I64, number);
    } else if (value instanceof Double number) {
      number(F64, Double.doubleToRawLongBits(number));
    } else if (value instanceof Boolean bool) {
      opcode(bool ? TRUE : FALSE);
    } else if (value instanceof Collection<?> collection) {
      list(collection, depth);
    } else if (value instanceof Byte number) {
      need(2);
      buffer[position] = I8;
      buffer[position + 1] = number;
      position += 2;
    } else if (value instanceof Short number) {
      need(3);
      buffer[position] = I16;
      LittleEndian.putShort(buffer, position + 1, number);
      position += 3;
    } else if (value instanceof Float number) {
      need(5);
      buffer[position] = F32;
      LittleEndian.putInt(buffer, position + 1, Float.floatToRawIntBits(number));
      position += 5;
    } else if (value instanceof byte[] bytes) {
      bytes(bytes, depth);
    } else if (value instanceof Object[] array) {
      objects(array, depth);
    } else if (value instanceof Ext ext) {
      ext(ext, depth);
    } else if (value.getClass().isArray()) {
      primitives(value, depth);
    } else {
      throw unsupported(depth, "a value of type " + value.getClass().getTypeName());
    }
  }

  private void number(byte opcode, long bits) {
    need(9);
    buffer[position] = opcode;
    LittleEndian.putLong(buffer, position + 1, bits);
    position += 9;
  }

  private void bytes(byte[] bytes, int depth) {
    if (bytes.length > MAX_STRING) {
      throw fail(Status.TOO_LARGE, depth, bytes.length + " bytes are more than a value can have");
    }
    need(5L + bytes.length);
    buffer[position] = BYTES;
    LittleEndian.putInt(buffer, position + 1, bytes.length);
    System.arraycopy(bytes, 0, buffer, position + 5, bytes.length);
    position += 5 + bytes.length;
  }

  // ---------------------------------------------------------------------------------- containers

  /** Whether a container has been met in this record; then a reference is written. */
  private boolean again(Object container, int depth) {
    int entry = containers.findOrAdd(container, position);
    if (entry >= 0) {
      need(5);
      buffer[position] = REF;
      LittleEndian.putInt(buffer, position + 1, containers.label(entry));
      position += 5;
      return true;
    }
    return false;
  }

  /** Checks that one more container may begin inside {@code depth} others. */
  private void begin(byte opcode, int depth) {
    checkDepth(depth);
    opcode(opcode);
    if (depth >= pathKeys.length) {
      pathKeys = Arrays.copyOf(pathKeys, 2 * depth);
      pathIndices = Arrays.copyOf(pathIndices, 2 * depth);
    }
    pathKeys[depth] = null;
  }

  private void checkDepth(int depth) {
    if (depth >= Decoder.MAX_DEPTH) {
      throw fail(
          Status.TOO_DEEP,
          depth,
          "more than " + Decoder.MAX_DEPTH + " containers inside each other");
    }
  }

  private static boolean hasIdentity(Object container) {
    for (Object shared : NO_IDENTITY) {
      if (shared == container) {
        return false;
      }
    }
    return true;
  }

  private void map(Map<?, ?> map, int depth) {
    boolean empty = map.isEmpty();
    if ((!empty || hasIdentity(map)) && again(map, depth)) {
      return;
    }
    begin(BEGIN_MAP, depth);
    if (!empty) {
      HashSet<Object> seen = hasDistinctKeys(map) ? null : new HashSet<>();
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        if (!(entry.getKey() instanceof String key)) {
          throw badKey(entry.getKey(), depth);
        }
        pathKeys[depth] = key;
        if (seen != null && !seen.add(key)) {
          throw fail(Status.DUPLICATE_KEY, depth + 1, "the map has this key twice");
        }
        key(key, depth);
        value(entry.getValue(), depth + 1);
      }
    }
    opcode(END);
  }

  /** Maps of these classes cannot have two equal strings as keys; others are checked. */
  private static boolean hasDistinctKeys(Map<?, ?> map) {
    Class<?> type = map.getClass();
    return type == LinkedHashMap.class
        || type == HashMap.class
        || (map instanceof TreeMap<?, ?> sorted
            && type == TreeMap.class
            && sorted.comparator() == null);
  }

  private void list(Collection<?> list, int depth) {
    boolean empty = list.isEmpty();
    if ((!empty || hasIdentity(list)) && again(list, depth)) {
      return;
    }
    begin(BEGIN_LIST, depth);
    if (!empty) {
      int i = 0;
      for (Object element : list) {
        pathIndices[depth] = i++;
        value(element, depth + 1);
      }
    }
    opcode(END);
  }

  private void objects(Object[] array, int depth) {
    if (array.length > 0 && again(array, depth)) {
      return;
    }
    begin(BEGIN_LIST, depth);
    for (int i = 0; i < array.length; i++) {
      pathIndices[depth] = i;
      value(array[i], depth + 1);
    }
    opcode(END);
  }

  /** The payload is element 0 in paths. */
  private void ext(Ext ext, int depth) {
    if (again(ext, depth)) {
      return;
    }
    begin(BEGIN_EXT, depth);
    pathIndices[depth] = 0;
    need(4);
    LittleEndian.putInt(buffer, position, ext.id());
    position += 4;
    value(ext.payload(), depth + 1);
    opcode(END);
  }

  private void primitives(Object array, int depth) {
    if (array instanceof int[] ints) {
      if (beginArray(array, Node.T_I32, ints.length, 4, depth)) {
        elements(4 * ints.length).asIntBuffer().put(ints);
      }
    } else if (array instanceof long[] longs) {
      if (beginArray(array, Node.T_I64, longs.length, 8, depth)) {
        elements(8 * longs.length).asLongBuffer().put(longs);
      }
    } else if (array instanceof double[] doubles) {
      if (beginArray(array, Node.T_F64, doubles.length, 8, depth)) {
        elements(8 * doubles.length).asDoubleBuffer().put(doubles);
      }
    } else if (array instanceof float[] floats) {
      if (beginArray(array, Node.T_F32, floats.length, 4, depth)) {
        elements(4 * floats.length).asFloatBuffer().put(floats);
      }
    } else if (array instanceof short[] shorts) {
      if (beginArray(array, Node.T_I16, shorts.length, 2, depth)) {
        elements(2 * shorts.length).asShortBuffer().put(shorts);
      }
    } else {
      throw unsupported(depth, "an array of type " + array.getClass().getTypeName());
    }
  }

  private boolean beginArray(Object array, int element, int count, int width, int depth) {
    if (count > 0 && again(array, depth)) {
      return false;
    }
    checkDepth(depth);
    if ((long) count * width > MAX_BUFFER - 64) {
      throw fail(Status.TOO_LARGE, depth, "the array has " + (long) count * width + " bytes");
    }
    need(6L + (long) count * width);
    buffer[position] = ARRAY;
    buffer[position + 1] = (byte) element;
    LittleEndian.putInt(buffer, position + 2, count);
    position += 6;
    return true;
  }

  /** The buffer's next bytes, which become part of the events. */
  private ByteBuffer elements(int size) {
    ByteBuffer next = ByteBuffer.wrap(buffer, position, size).slice();
    position += size;
    return next.order(ByteOrder.LITTLE_ENDIAN);
  }

  // ------------------------------------------------------------------------------------- strings

  private void key(String key, int depth) {
    Integer number = keys.get(key);
    if (number != null) {
      need(5);
      buffer[position] = USE_KEY;
      LittleEndian.putInt(buffer, position + 1, number);
      position += 5;
    } else if (keysInOrder.size() < MAX_KEYS && key.length() <= MAX_KEY_CHARS) {
      int at = position;
      opcode(DEFINE_KEY);
      string((byte) 0, key, depth + 1);
      // What was written as an opcode plus the encoding is just the encoding here.
      keys.put(key, keysInOrder.size());
      keysInOrder.add(key);
      assert buffer[at] == DEFINE_KEY;
    } else {
      string(KEY, key, depth + 1);
    }
  }

  /** Appends {@code opcode + encoding}, the size, and the bytes. */
  private void string(byte opcode, String string, int depth) {
    int length = string.length();
    if (length > MAX_STRING / 3) {
      checkSize(string, depth);
    }
    need(5L + length);
    byte[] to = buffer;
    int at = position + 5;
    for (int i = 0; i < length; i++) {
      char c = string.charAt(i);
      if (c > 0xff) {
        wide(opcode, string, depth);
        return;
      }
      to[at + i] = (byte) c;
    }
    to[position] = (byte) (opcode + LATIN1);
    LittleEndian.putInt(to, position + 1, length);
    position = at + length;
  }

  private void checkSize(String string, int depth) {
    long size = 0;
    boolean latin1 = true;
    for (int i = 0; i < string.length(); i++) {
      char c = string.charAt(i);
      size += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
      latin1 &= c < 0x100;
    }
    if ((latin1 ? string.length() : size) > MAX_STRING) {
      throw fail(Status.TOO_LARGE, depth, "a string of " + string.length() + " characters");
    }
  }

  private void wide(byte opcode, String string, int depth) {
    int unpaired = Strings.unpairedSurrogate(string);
    if (unpaired >= 0) {
      throw fail(
          Status.UNSTORABLE,
          depth,
          "the string has an unpaired surrogate at character " + unpaired);
    }
    long size = 2L * string.length();
    need(5 + size);
    buffer[position] = (byte) (opcode + UTF16);
    LittleEndian.putInt(buffer, position + 1, (int) size);
    position += 5;
    for (int i = 0; i < string.length(); i++) {
      LittleEndian.putShort(buffer, position + 2 * i, (short) string.charAt(i));
    }
    position += (int) size;
  }

  // --------------------------------------------------------------------------------------- labels

  /** Puts a label in front of every container that was met again. */
  private void insertLabels(int mark) {
    int count = containers.labelCount();
    if (count == 0) {
      return;
    }
    need((long) LABEL_SIZE * count);
    int from = position;
    position += LABEL_SIZE * count;
    int to = position;
    // Containers are numbered as they begin, so from the last to the first.
    for (int entry = containers.size() - 1; entry >= 0 && to != from; entry--) {
      int label = containers.labelOrNone(entry);
      if (label >= 0) {
        int begin = containers.begin(entry);
        int size = from - begin;
        to -= size;
        System.arraycopy(buffer, begin, buffer, to, size);
        to -= LABEL_SIZE;
        buffer[to] = LABEL;
        LittleEndian.putInt(buffer, to + 1, label);
        from = begin;
      }
    }
    assert from >= mark;
  }

  // --------------------------------------------------------------------------------------- buffer

  private void opcode(byte opcode) {
    need(1);
    buffer[position++] = opcode;
  }

  private void need(long bytes) {
    if (bytes > buffer.length - position) {
      grow(position + bytes);
    }
  }

  private void grow(long size) {
    if (size > MAX_BUFFER) {
      throw new UnstorableValueException(
          Status.TOO_LARGE,
          region,
          record,
          "$",
          "the record has more than " + MAX_BUFFER + " bytes");
    }
    buffer = Arrays.copyOf(buffer, (int) Math.min(Math.max(size, 2L * buffer.length), MAX_BUFFER));
  }

  // --------------------------------------------------------------------------------------- errors

  private UnstorableValueException fail(Status status, int depth, String reason) {
    StringBuilder path = new StringBuilder("$");
    for (int i = 0; i < depth; i++) {
      if (pathKeys[i] != null) {
        Paths.appendKey(path, pathKeys[i]);
      } else {
        Paths.appendIndex(path, pathIndices[i]);
      }
    }
    return new UnstorableValueException(status, region, record, path.toString(), reason);
  }

  private UnstorableValueException unsupported(int depth, String what) {
    return fail(
        Status.UNSTORABLE,
        depth,
        what
            + " cannot be stored; a record is made of Map with String keys, Collection, arrays,"
            + " String, Byte, Short, Integer, Long, Float, Double, Boolean, byte[], Ext and null");
  }

  private UnstorableValueException badKey(Object key, int depth) {
    String found =
        key == null
            ? "null"
            : key instanceof Number || key instanceof Boolean || key instanceof Character
                ? key.getClass().getTypeName() + " " + key
                : "a " + key.getClass().getTypeName();
    return fail(Status.UNSTORABLE, depth, "the map has a key that is not a String: " + found);
  }
}
