package io.github.zerotouchclone.internal;

import io.github.zerotouchclone.Status;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * The state of turning one copy into objects of given types: nodes to look through, what shared
 * nodes were made into, and a budget that bounds the work for any bytes. Reused from copy to copy.
 * One thread.
 *
 * <p>A valid copy is read at most once for each type that a value of it is wanted as, so the budget
 * is the copy's size times the number of types.
 *
 * <p>What references lead to is filled last, but not where it is told by its content: elements of
 * sets and keys of maps are complete when they are added. If such a one was made before and may not
 * be complete, the copy is read once more, each object with its content at once. A hash code looks
 * at a value as often as references lead to it, so what that costs is counted first.
 */
final class TypedDecoder {
  private static final long UNBOUNDED = 1L << 32; // bytes to hash: too many, or a cycle of them
  private static final long FREE_TO_HASH = 1L << 26;
  private static final int HASHED_PER_BYTE = 64;
  private static final int VISIT = 8; // bytes that stand for a value
  private static final String OUT_OF_STACK =
      "the thread's stack has no room for all the objects that would be made inside each other;"
          + " a thread with more of it has (-Xss)";
  private static final Supplier<String> ROOT = () -> "$";

  private Image image;
  private long most; // bytes to look at, by this and by the decoder of untyped values each
  private long budget; // of them, those that are left
  private Node[] nodes = new Node[8]; // one a level of owned containers
  private final Node root = new Node();
  private final Node otherRoot = new Node();
  private final MadeObjects made = new MadeObjects();
  final ReferencedNumbers numbers = new ReferencedNumbers();
  private ArrayDeque<Pending> pending; // referenced, created, not yet filled
  private Decoder untyped; // null: there was no need so far
  private boolean untypedBegun;
  private int immediate;
  private boolean alwaysImmediate;
  private long again; // bytes that a hash code looks at without their being read once more
  private long hashBudget; // bytes that hash codes may look at
  private LooseKeys hashes; // tells what hash codes of untyped values look at

  /** An object is needed whole that was made without its content. */
  private static final class NotWhole extends RuntimeException {
    private static final long serialVersionUID = 1;
    private static final NotWhole INSTANCE = new NotWhole();

    private NotWhole() {
      super(null, null, false, false);
    }
  }

  private record Pending(NodeConverter by, Node node, Object object) {}

  /**
   * Turns a value of a copy into an object.
   *
   * @param node a container or box; or null for an empty container of type {@code emptyType}
   * @param types how many converters may be involved
   * @param path says the path of the value, for errors
   */
  Object read(
      Image from, Node node, int emptyType, Converter converter, int types, Supplier<String> path) {
    image = from;
    most = (long) from.size() * types;
    try {
      return readOnceOrTwice(node, emptyType, converter);
    } catch (PathError e) {
      throw e.of(from, path.get());
    } catch (StackOverflowError e) {
      throw new PathError(Status.TOO_DEEP, OUT_OF_STACK).of(from, path.get());
    } finally {
      forget();
      image = null;
      alwaysImmediate = false;
    }
  }

  private Object readOnceOrTwice(Node node, int emptyType, Converter converter) {
    try {
      return attempt(node, emptyType, converter);
    } catch (NotWhole e) {
      forget();
      alwaysImmediate = true;
      return attempt(node, emptyType, converter);
    }
  }

  private Object attempt(Node node, int emptyType, Converter converter) {
    budget = most;
    numbers.begin(image);
    hashBudget = Math.min(FREE_TO_HASH + HASHED_PER_BYTE * most, UNBOUNDED / 2);
    immediate = alwaysImmediate ? 1 : 0;
    Object value;
    if (node == null) {
      value = converter.readEmpty(this, emptyType);
    } else if (node.isBox()) {
      value = converter.read(this, node, 0, boxed(node), 0);
    } else {
      spend(node, node.head);
      value = converter.readNode(this, node, 1);
    }
    finish();
    return value;
  }

  private void forget() {
    made.clear();
    numbers.clear();
    pending = null;
    if (untypedBegun) {
      untypedBegun = false;
      untyped.end();
    }
    hashes = null;
    immediate = 0;
    again = 0;
  }

  /** As {@link #read}, of the root of a copy. */
  Object readRoot(Image from, Converter converter, int types) {
    return read(from, Node.root(from, root, otherRoot), 0, converter, types, ROOT);
  }

  private int boxed(Node box) {
    int type = box.type(0);
    if (type >= Node.T_LIST) {
      throw image.corrupt(box.at, "a box holds a container");
    }
    return type;
  }

  /** The node to look at children of a node at a depth. */
  Node level(Node node, int depth) {
    if (depth >= nodes.length) {
      if (depth >= Decoder.MAX_DEPTH) {
        throw image.corrupt(
            node.at, "more than " + Decoder.MAX_DEPTH + " containers inside each other");
      }
      nodes = Arrays.copyOf(nodes, 2 * depth);
    }
    Node level = nodes[depth];
    return level != null ? level : (nodes[depth] = new Node());
  }

  /** Charges bytes that are looked at. */
  void spend(Node node, int bytes) {
    budget -= bytes;
    if (budget < 0) {
      throw image.corrupt(node.at, "values of the copy overlap");
    }
  }

  /** Charges what value {@code i}, of type EXT, claims to hold. */
  void spendExt(Node node, int i) {
    spend(node, (int) Math.min(node.slot(i) >>> 32, Integer.MAX_VALUE));
  }

  /** The string that value {@code i}, of type STRING, is. */
  String string(Node node, int i) {
    long slot = node.slot(i);
    if (slot >>> 62 != 3) {
      spend(node, (int) (slot >>> 32) & 0x3fff_ffff);
    }
    return node.string(i, slot);
  }

  /** The object for element {@code i} of a list at a depth. */
  Object element(Converter converter, Node list, int i, int depth) {
    return list.kind == Node.ROWS
        ? row(converter, list, i, depth)
        : converter.read(this, list, i, list.type(i), depth);
  }

  /** The object for row {@code i} of a list at a depth. */
  Object row(Converter converter, Node rows, int i, int depth) {
    try {
      return converter.readNode(this, rows.row(level(rows, depth), i), depth + 1);
    } catch (PathError e) {
      throw e.at(rows, i);
    }
  }

  /** The object of a value whose type is not fixed. */
  Object untyped(Node node, int i) {
    Object value = untyped().value(node, i);
    return immediate > 0 ? whole(value) : value;
  }

  /** The object of a container whose type is not fixed. */
  Object untyped(Node node) {
    Object value = untyped().root(node);
    return immediate > 0 ? whole(value) : value;
  }

  /** Completes an untyped value, and notes what its hash code costs. */
  private Object whole(Object value) {
    untyped.finish();
    if (hashes == null) {
      hashes = new LooseKeys(hashBudget / VISIT);
    }
    long visits = hashes.visits(value);
    again += visits < 0 ? UNBOUNDED : VISIT * visits;
    return value;
  }

  private Decoder untyped() {
    if (!untypedBegun) {
      if (untyped == null) {
        untyped = new Decoder();
      }
      untyped.begin(image, most);
      untypedBegun = true;
    }
    return untyped;
  }

  // ----------------------------------------------------------------------------------- references

  /** The object that value {@code i}, a reference, leads to. */
  Object reference(Converter converter, Node node, int i, int depth) {
    Node target = node.target(new Node(), node.slot(i));
    try {
      if (target.isBox()) {
        return fromBox(converter, target, depth);
      }
      return converter instanceof NodeConverter by
          ? target(by, target, depth)
          : fromNode(converter, target, depth);
    } catch (PathError e) {
      throw e.at(node, i);
    }
  }

  /** A long string that many references lead to is made once. */
  private Object fromBox(Converter converter, Node box, int depth) {
    int type = boxed(box);
    boolean remembered = type == Node.T_STRING || type == Node.T_BYTES;
    MadeObjects.Made before = remembered ? made.find(box.at, converter) : null;
    if (before != null) {
      return before.object;
    }
    Object fresh = converter.read(this, box, 0, type, depth);
    if (remembered && fresh != null) {
      remember(box.at, converter, fresh);
    }
    return fresh;
  }

  /** As {@link #fromBox}, of a string that is stored as an ext. */
  private Object fromNode(Converter converter, Node target, int depth) {
    MadeObjects.Made before = made.find(target.at, converter);
    if (before != null) {
      return before.object;
    }
    spend(target, target.head);
    Object fresh = converter.readNode(this, target, depth);
    remember(target.at, converter, fresh);
    return fresh;
  }

  private Object target(NodeConverter by, Node target, int depth) {
    Object known = known(target.identity(), by);
    if (known != null) {
      return known;
    }
    if (!by.accepts(target.valueType())) {
      throw PathError.mismatch(target.valueType(), by.wanted);
    }
    spend(target, target.head);
    Object created = immediate > 0 ? null : by.create(this, target);
    if (created != null) {
      remember(target.identity(), by, created);
      if (pending == null) {
        pending = new ArrayDeque<>();
      }
      pending.add(new Pending(by, target, created));
      return created;
    }
    if (depth >= Decoder.MAX_DEPTH) {
      throw tooDeep();
    }
    return by.readNode(this, target, depth + 1);
  }

  private static PathError tooDeep() {
    return new PathError(
        Status.TOO_DEEP,
        "more than "
            + Decoder.MAX_DEPTH
            + " objects that would be made inside each other; toObject() has no such limit");
  }

  private void finish() {
    while (pending != null && !pending.isEmpty()) {
      Pending next = pending.remove();
      next.by.fill(this, next.node, 1, next.object);
    }
    if (untypedBegun) {
      untyped.finish();
    }
  }

  /** From here to {@link #endImmediate}, objects that references lead to are filled at once. */
  void beginImmediate() {
    immediate++;
  }

  void endImmediate() {
    immediate--;
  }

  /** What a shared node was made into, or null. */
  Object known(int identity, NodeConverter by) {
    MadeObjects.Made entry = made.find(identity, by);
    if (entry == null) {
      return null;
    }
    if (entry.object == MadeObjects.UNDER_WAY) {
      throw new PathError(
          Status.TYPE_MISMATCH,
          "a cycle leads back to this value, which a "
              + by.wanted
              + " cannot be part of: it does not exist before its content");
    }
    if (immediate > 0) {
      again += by.isOpaque() ? opaque() : weight(entry);
    }
    return entry.object;
  }

  /** Remembers what a shared node is made into; null if that is under way. */
  MadeObjects.Made remember(int identity, Converter by, Object object) {
    return made.add(identity, by, object == null ? MadeObjects.UNDER_WAY : object);
  }

  // ---------------------------------------------------------------------------------- hash codes

  private long opaque() {
    requireWhole(pending == null || pending.isEmpty());
    return VISIT;
  }

  private long weight(MadeObjects.Made entry) {
    requireWhole(entry.weight >= 0);
    return entry.weight < 0 ? UNBOUNDED : entry.weight; // a cycle
  }

  private void requireWhole(boolean whole) {
    if (!whole && !alwaysImmediate) {
      throw NotWhole.INSTANCE;
    }
  }

  /** Bytes that hash codes of all values that were read until now would look at. */
  long weighed() {
    return most - budget + again;
  }

  /**
   * Notes that an object got its content.
   *
   * @param entry of the object, or null if its node is not shared
   * @param before what {@link #weighed} said when the node itself was charged, but no content
   */
  void filled(NodeConverter by, Node node, MadeObjects.Made entry, Object object, long before) {
    if (immediate > 0 && by.isOpaque()) {
      again -= weighed() - before;
    }
    if (entry != null) {
      entry.object = object;
      if (immediate > 0) {
        long own = VISIT * (1L + node.count);
        entry.weight = Math.min(weighed() - before + own, UNBOUNDED);
      }
    }
  }

  /**
   * To be called before elements of a set, or keys of a map, are told from each other.
   *
   * @param cost by how much reading them made {@link #weighed} grow
   * @param sorted whether that is done by order
   */
  void spendHashes(List<Object> elements, long cost, boolean sorted) {
    spendHashes(cost);
    double decimals = DecimalOrder.toPlace(elements);
    if (decimals > 0) {
      spendHashes(sorted ? (long) decimals : 0);
      spendHashes((long) (sorted ? DecimalOrder.toSort(elements) : DecimalOrder.toHash(elements)));
    }
    int alike = sorted ? 1 : LooseMap.mostAlike(elements);
    if (alike > 1) { // each is compared with all that have its hash code
      spendHashes(cost > UNBOUNDED / alike ? UNBOUNDED : cost * alike);
    }
  }

  private void spendHashes(long bytes) {
    hashBudget -= bytes;
    if (hashBudget < 0) {
      throw new PathError(
          Status.TOO_LARGE,
          "references make the elements or keys larger than the copy by far, or too many have one"
              + " hash code: to tell them apart would take too long; toObject() has no such limit");
    }
  }
}
