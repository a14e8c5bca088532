package io.github.zerotouchclone.internal;

import io.github.zerotouchclone.CorruptRegionException;
import io.github.zerotouchclone.RegionException;
import io.github.zerotouchclone.Status;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Turns a value of a copy into fresh, mutable Java objects, with identity and cycles preserved.
 *
 * <p>Bytes may be hostile, so the work is bounded: owned children are followed to a depth of 512
 * and may not overlap, references are put off instead of followed, nodes that may be reached twice
 * are remembered, and all bytes looked at are charged to a budget of the copy's size; those that
 * are looked at to tell what an ext value is to a second one, as a valid copy may need them once
 * more. So every copy takes linear time and memory, or ends in an error.
 *
 * <p>Reused from value to value: what it needs for one is kept for the next, but nothing of the
 * values. No code of users runs inside, so that it is never entered twice. One thread.
 */
public final class Decoder {
  /** Containers inside each other; a typed array, which holds no values, does not count. */
  public static final int MAX_DEPTH = 512;

  private Image image; // null: there is no value under way
  private boolean compact; // lists and maps are not to be changed
  private long budget;
  private long looks; // bytes that may be looked at to tell what ext values are
  private int dataEnd; // where the variable data of the last value ends, from its node's start
  private Node[] nodes = new Node[4]; // one a level of owned containers
  private PositionMap<Object> objects; // made of shared nodes
  private ArrayDeque<Pending> pending; // referenced, made, not yet filled
  private ExtDecoder exts; // null: there was none so far

  private record Pending(int at, int end, Object object) {}

  /** A decoder that has no value yet. */
  public Decoder() {}

  /** Begins with the values of an image, of which {@code most} bytes may be looked at. */
  void begin(Image from, long most) {
    begin(from, most, false);
  }

  private void begin(Image from, long most, boolean unchangeable) {
    image = from;
    budget = most;
    looks = most;
    compact = unchangeable;
  }

  /** Forgets the values. */
  void end() {
    image = null;
    if (objects != null) {
      objects.clear();
    }
    pending = null;
    exts = null;
  }

  /** The value of a node: what a slot or reference that leads to it delivers. */
  public Object object(Node node) {
    return whole(node, false);
  }

  /** As {@link #object(Node)}, with lists and maps that cannot be changed and take less memory. */
  public Object compactObject(Node node) {
    return whole(node, true);
  }

  private Object whole(Node node, boolean unchangeable) {
    begin(node.image, node.image.size(), unchangeable);
    try {
      Object value = node(node, 1);
      finish();
      return value;
    } catch (StackOverflowError e) {
      throw outOfStack();
    } finally {
      end();
    }
  }

  /** Value {@code i} of a node. */
  public Object object(Node node, int i) {
    begin(node.image, node.image.size());
    try {
      Object value = value(node, i);
      finish();
      return value;
    } catch (StackOverflowError e) {
      throw outOfStack();
    } finally {
      end();
    }
  }

  /** What the end of the stack is told as; it may have come in the middle of any change. */
  private RegionException outOfStack() {
    nodes = new Node[4];
    objects = null;
    String message =
        "record "
            + image.record()
            + ": the thread's stack has no room for all the containers inside each other;"
            + " a thread with more of it has (-Xss)";
    return new RegionException(Status.TOO_DEEP, RegionException.NO_OFFSET, image.region(), message);
  }

  /** As {@link #object(Node)}, of a new decoder. */
  public static Object decode(Node node) {
    return new Decoder().object(node);
  }

  /** Value {@code i} of a node, whatever is around it; to be completed by {@link #finish}. */
  Object value(Node node, int i) {
    return value(node, i, DataExtents.start(node, i), 0);
  }

  /** The object for a node; to be completed by {@link #finish}. */
  Object root(Node node) {
    return node(node, 1);
  }

  /** The object for an empty list or map that has no node. */
  static Object empty(int type) {
    return type == Node.T_LIST ? new ArrayList<>() : new LinkedHashMap<>();
  }

  /** As {@link #empty}, for {@link #compactObject}. */
  public static Object emptyCompact(int type) {
    return type == Node.T_LIST ? Collections.emptyList() : Collections.emptyMap();
  }

  // ---------------------------------------------------------------------------------- containers

  /** The object for a node at a depth, which counts the node itself. */
  private Object node(Node node, int depth) {
    if (node.kind == Node.EXT && node.arg == ExtIds.WEAK_REFERENCE && !node.shared) {
      spend(node, node.head);
      return payload(node, depth);
    }
    if (node.shared) {
      Object known = known(node.identity());
      if (known != null) {
        return known == NULL ? null : known;
      }
    }
    Object object = make(node);
    if (node.shared) {
      remember(node.identity(), object);
    }
    return fill(node, object, depth);
  }

  /** The object for a node, without the values inside it if these may lead back to it. */
  private Object make(Node node) {
    if (!node.row) { // the slots of rows are charged where their list is made
      spend(node, node.head);
    }
    switch (node.kind) {
      case Node.MAP, Node.DICT -> {
        return map(node);
      }
      case Node.LIST, Node.ROWS -> {
        return compact ? new CompactList(node.count) : new ArrayList<>(node.count);
      }
      case Node.EXT -> {
        return exts().make(node);
      }
      case Node.ARRAY -> {
        return ElementArrays.toArray(node);
      }
      default -> {
        return box(node);
      }
    }
  }

  private Map<String, Object> map(Node node) {
    if (!compact) {
      return new LinkedHashMap<>(FixedMap.tableFor(node.count));
    }
    // Not one shape for each map without one: hostile keys would make its table slow.
    return node.kind == Node.MAP ? new CompactMap(node.shape) : new FixedMap(node.count);
  }

  private Object box(Node node) {
    int type = node.type(0);
    if (type == Node.T_REF || type >= Node.T_LIST) {
      throw image.corrupt(node.at, "a box holds a container");
    }
    Object value = payload(node, 0);
    return value == null ? NULL : value;
  }

  private static final Object NULL = new Object(); // in the memory of shared nodes

  @SuppressWarnings("unchecked")
  private Object fill(Node node, Object object, int depth) {
    if (node.kind == Node.ARRAY || node.kind == Node.BOX) {
      return object == NULL ? null : object;
    }
    switch (node.kind) {
      case Node.EXT -> exts().fill(node, object, depth);
      case Node.LIST, Node.ROWS -> fillElements(node, (List<Object>) object, depth);
      default -> {
        // The data in front of a row's belongs to other rows.
        int minimum = node.row ? DataExtents.start(node) : node.head;
        fillMap(node, (Map<String, Object>) object, depth, minimum);
      }
    }
    return object;
  }

  void fillElements(Node node, List<Object> list, int depth) {
    if (node.kind == Node.ROWS) {
      fillRows(node, list, depth);
    } else {
      fillList(node, list, depth);
    }
  }

  /** The one value of an EXT or BOX. */
  Object payload(Node node, int depth) {
    return value(node, 0, node.head, depth);
  }

  /** Returns where the map's variable data ends. */
  int fillMap(Node node, Map<String, Object> map, int depth, int minimum) {
    int count = node.count;
    if (map instanceof CompactMap compactMap) {
      Object[] values = compactMap.values;
      for (int i = 0; i < count; i++) {
        values[i] = value(node, i, minimum, depth);
        minimum = dataEnd;
      }
      return minimum;
    }
    Map<String, Object> entries = map instanceof FixedMap fixed ? fixed.entries : map;
    if (node.kind == Node.MAP && !node.hasTypes()) {
      return fillPlainMap(node, entries, depth, minimum);
    }
    for (int i = 0; i < count; i++) {
      if (node.kind == Node.DICT) {
        minimum = spend(node, minimum, DictKeys.end(node, i, minimum));
      }
      String key = node.key(i);
      entries.put(key, value(node, i, minimum, depth));
      minimum = dataEnd;
    }
    if (entries.size() != count) {
      throw image.corrupt(node.at, "a map has the same key twice");
    }
    return minimum;
  }

  /**
   * As {@link #fillMap}, of a map whose keys and types are those of its shape. Its strings lie
   * behind each other inside the node, so they are charged together, at the end.
   */
  private int fillPlainMap(Node node, Map<String, Object> map, int depth, int minimum) {
    Shape shape = node.shape;
    byte[] bytes = image.bytes;
    int slotAt = node.slotAt(0);
    int count = node.count;
    int strings = 0;
    for (int i = 0; i < count; i++, slotAt += 8) {
      int type = shape.type(i);
      long slot = LittleEndian.getLong(bytes, slotAt);
      Object value;
      if (type != Node.T_STRING) {
        value = value(node, i, type, slot, minimum, depth);
        minimum = dataEnd;
      } else if (Node.isInline(slot)) {
        value = node.stringIn(slotAt, slot);
      } else {
        int end = node.stringEnd(slot, minimum);
        strings += end - minimum;
        value = node.stringBefore(slot, end);
        minimum = end;
      }
      map.put(shape.key(i), value);
    }
    spend(node, strings);
    if (map.size() != count) {
      throw image.corrupt(node.at, "a map has the same key twice");
    }
    return minimum;
  }

  /** Rows are maps one level below their list; the data of all lies in the list's node. */
  private void fillRows(Node rows, List<Object> list, int depth) {
    checkDepth(rows, depth);
    Object[] values = list instanceof CompactList elements ? elements.values : null;
    int minimum = rows.head;
    for (int i = 0; i < rows.count; i++) {
      Node row = rows.row(level(depth), i);
      Object known = rows.shared ? known(row.identity()) : null;
      Object element = known;
      if (known != null) {
        minimum = DataExtents.endOfRow(row, minimum);
      } else {
        Map<String, Object> map = map(row);
        if (rows.shared) {
          remember(row.identity(), map);
        }
        element = map;
        minimum = fillMap(row, map, depth + 1, minimum);
      }
      if (values != null) {
        values[i] = element;
      } else {
        list.add(element);
      }
    }
  }

  private void fillList(Node node, List<Object> list, int depth) {
    Object[] values = list instanceof CompactList elements ? elements.values : null;
    int count = node.count;
    int minimum = node.head;
    for (int i = 0; i < count; i++) {
      Object element = value(node, i, minimum, depth);
      minimum = dataEnd;
      if (values != null) {
        values[i] = element;
      } else {
        list.add(element);
      }
    }
  }

  private ExtDecoder exts() {
    if (exts == null) {
      exts = new ExtDecoder(this);
    }
    return exts;
  }

  // -------------------------------------------------------------------------------------- values

  /**
   * Value {@code i} of a node that is at a depth. Charges what is no node of its own, and leaves in
   * {@link #dataEnd} where the value's data ends.
   */
  private Object value(Node node, int i, int minimum, int depth) {
    if (node.kind == Node.ROWS) {
      return node(node.row(level(depth), i), depth + 1);
    }
    return value(node, i, node.type(i), node.slot(i), minimum, depth);
  }

  // Small enough to be inlined: the types that most values have, and nothing else.
  private Object value(Node node, int i, int type, long slot, int minimum, int depth) {
    dataEnd = minimum;
    switch (type) {
      case Node.T_STRING -> {
        if (Node.isInline(slot)) {
          return node.string(i, slot);
        }
        dataEnd = spend(node, minimum, node.stringEnd(slot, minimum));
        return node.stringBefore(slot, dataEnd);
      }
      case Node.T_I64 -> {
        return slot;
      }
      case Node.T_F64 -> {
        return Double.longBitsToDouble(slot);
      }
      case Node.T_BOOL -> {
        return node.bool(slot);
      }
      case Node.T_NULL -> {
        return null;
      }
      default -> {
        return otherValue(node, i, type, slot, minimum, depth);
      }
    }
  }

  private Object otherValue(Node node, int i, int type, long slot, int minimum, int depth) {
    switch (type) {
      case Node.T_I32 -> {
        return (int) node.integer(type, slot);
      }
      case Node.T_LIST, Node.T_MAP, Node.T_ARRAY, Node.T_EXT -> {
        return container(node, type, slot, minimum, depth);
      }
      case Node.T_REF -> {
        return reference(node, slot);
      }
      case Node.T_I8 -> {
        return (byte) node.integer(type, slot);
      }
      case Node.T_I16 -> {
        return (short) node.integer(type, slot);
      }
      case Node.T_F32 -> {
        return Node.f32(slot);
      }
      case Node.T_BYTES -> {
        dataEnd = spend(node, minimum, node.bytesEnd(slot, minimum));
        return node.bytes(slot, minimum);
      }
      default -> throw image.corrupt(node.slotAt(i), "there is no type " + (type & 0xff));
    }
  }

  private Object container(Node node, int type, long slot, int minimum, int depth) {
    if (Node.isEmpty(type, slot)) {
      return compact ? emptyCompact(type) : empty(type);
    }
    if (type != Node.T_ARRAY) {
      checkDepth(node, depth);
    }
    Node child = node.child(level(depth), type, slot, minimum);
    int end = child.end - node.at;
    Object object = node(child, depth + 1);
    dataEnd = end;
    return object;
  }

  void checkDepth(Node node, int depth) {
    if (depth >= MAX_DEPTH) {
      throw image.corrupt(node.at, "more than " + MAX_DEPTH + " containers inside each other");
    }
  }

  private Object reference(Node node, long slot) {
    Node target = node.target(new Node(), slot);
    Object object = known(target.at);
    if (object == null) {
      object = make(target);
      remember(target.at, object);
      if (target.kind != Node.ARRAY && target.kind != Node.BOX) {
        if (pending == null) {
          pending = new ArrayDeque<>();
        }
        pending.add(new Pending(target.at, target.end, object));
      }
    }
    return object == NULL ? null : object;
  }

  /** Fills the objects that references lead to. */
  void finish() {
    while (pending != null && !pending.isEmpty()) {
      Pending next = pending.remove();
      fill(new Node().open(image, next.at, next.end), next.object, 1);
    }
    if (exts != null) {
      exts.finish();
    }
  }

  // ------------------------------------------------------------------------------------- account

  private Object known(int position) {
    return objects == null ? null : objects.get(position);
  }

  private void remember(int position, Object object) {
    if (objects == null) {
      objects = new PositionMap<>();
    }
    objects.put(position, object);
  }

  Node level(int depth) {
    if (depth >= nodes.length) {
      nodes = Arrays.copyOf(nodes, 2 * depth);
    }
    if (nodes[depth] == null) {
      nodes[depth] = new Node();
    }
    return nodes[depth];
  }

  void spend(Node node, int bytes) {
    budget -= bytes;
    if (budget < 0) {
      throw overlap(node);
    }
  }

  private CorruptRegionException overlap(Node node) {
    return image.corrupt(node.at, "values of the copy overlap");
  }

  /** Charges what is looked at, but may be read once more. */
  void look(Node node, long bytes) {
    looks -= bytes;
    if (looks < 0) {
      throw overlap(node);
    }
  }

  int spend(Node node, int from, int to) {
    spend(node, to - from);
    return to;
  }
}
