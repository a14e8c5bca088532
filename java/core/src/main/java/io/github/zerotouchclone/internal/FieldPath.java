package io.github.zerotouchclone.internal;

import io.github.zerotouchclone.RegionException;
import io.github.zerotouchclone.Status;
import java.util.Arrays;

/**
 * A path that is followed in many copies. Each step over a key remembers where the shapes that it
 * has met keep that key. Any thread.
 */
public final class FieldPath {
  /** Where a path has led: value {@code i} of {@link #node}, and room for the way. One thread. */
  public static final class Place {
    private Node way; // made when needed, and kept
    private Node box;
    private Node node;

    /** The node that has the value. */
    public Node node() {
      return node;
    }

    private Node way() {
      return way == null ? way = new Node() : way;
    }

    private Node box() {
      return box == null ? box = new Node() : box;
    }
  }

  private final Step[] steps;

  /**
   * The path with this text, which has at least one step.
   *
   * @throws RegionException with {@link Status#BAD_PATH}
   */
  public FieldPath(String text) {
    Object[] parsed = Paths.steps(text);
    if (parsed.length == 0) {
      throw new RegionException(Status.BAD_PATH, 0, null, "the path names no field: " + text);
    }
    steps = new Step[parsed.length];
    for (int k = 0; k < parsed.length; k++) {
      steps[k] =
          parsed[k] instanceof Long index ? new IndexStep(index) : new KeyStep((String) parsed[k]);
    }
  }

  /**
   * Follows the path. Allocates nothing once the shapes are known.
   *
   * @param from where it begins; null is an empty container
   * @param place receives the node
   * @return the number of the value in that node, or -1 if the path leads nowhere
   */
  public int find(Node from, Place place) {
    Node at = from;
    int last = steps.length - 1;
    for (int k = 0; k < last && at != null; k++) {
      int i = steps[k].in(at);
      at = i < 0 ? null : enter(at, i, place.way());
    }
    int i = at == null ? -1 : steps[last].in(at);
    if (place.node != at) {
      place.node = at;
    }
    return i < 0 ? -1 : unbox(at, i, place);
  }

  /** The container that value {@code i} is, in {@code into}; null if it is empty or none. */
  private static Node enter(Node at, int i, Node into) {
    if (at.kind == Node.ROWS) {
      return at.row(into, i);
    }
    if (at.kind == Node.ARRAY) {
      return null;
    }
    int type = at.type(i);
    switch (type) {
      case Node.T_REF -> {
        return at.target(into, at.slot(i));
      }
      case Node.T_MAP, Node.T_LIST, Node.T_ARRAY -> {
        long slot = at.slot(i);
        return Node.isEmpty(type, slot) ? null : at.child(into, type, slot, at.head);
      }
      default -> {
        return null;
      }
    }
  }

  /** Goes on to the value itself if value {@code i} is a reference to one that is no container. */
  private static int unbox(Node at, int i, Place place) {
    if (at.kind == Node.ARRAY || at.type(i) != Node.T_REF) {
      return i;
    }
    Node target = at.target(place.box(), at.slot(i));
    if (!target.isBox()) {
      return i;
    }
    place.node = target;
    return 0;
  }

  /**
   * The error for a path that leads nowhere.
   *
   * @param from where it begins
   * @param type the type of the value there, as a format code
   * @param root the path of the value there
   */
  public RegionException failure(Node from, int type, Image image, String root) {
    Node at = from;
    for (int k = 0; k < steps.length; k++) {
      int i = at == null ? -1 : steps[k].in(at);
      if (i < 0) {
        boolean wrong = !steps[k].fits(type);
        PathError error =
            wrong
                ? PathError.mismatch(type, steps[k].container())
                : steps[k].missing(at == null ? 0 : at.count);
        for (int j = wrong ? k - 1 : k; j >= 0; j--) {
          steps[j].addTo(error);
        }
        return error.of(image, root);
      }
      type = at.kind == Node.ARRAY ? at.elem : at.valueType(i);
      at = enter(at, i, new Node());
    }
    throw new IllegalStateException("the path leads somewhere");
  }

  /** Appends the path, without a root. */
  public void appendTo(StringBuilder out) {
    for (Step step : steps) {
      step.appendTo(out);
    }
  }

  /** One step of a path. */
  private abstract static class Step {
    /** The number of the value in a node that is not a child of a box, or -1. */
    abstract int in(Node node);

    abstract boolean fits(int type);

    abstract String container();

    abstract PathError missing(int count);

    abstract void addTo(PathError error);

    abstract void appendTo(StringBuilder out);
  }

  private static final class IndexStep extends Step {
    private final long index;

    IndexStep(long index) {
      this.index = index;
    }

    @Override
    int in(Node node) {
      boolean inside =
          (node.isList() || node.isArray()) && Long.compareUnsigned(index, node.count) < 0;
      return inside ? (int) index : -1;
    }

    @Override
    boolean fits(int type) {
      return type == Node.T_LIST || type == Node.T_ARRAY;
    }

    @Override
    String container() {
      return "a list or array";
    }

    @Override
    PathError missing(int count) {
      return new PathError(
          Status.OUT_OF_RANGE,
          count == 0 ? "there are no elements" : "valid indices are 0 to " + (count - 1));
    }

    @Override
    void addTo(PathError error) {
      error.atIndex(index);
    }

    @Override
    void appendTo(StringBuilder out) {
      Paths.appendIndex(out, index);
    }
  }

  private static final class KeyStep extends Step {
    private static final int MAX_KNOWN = 8;

    /** Never changed, so that a thread that sees it sees all of it. */
    private record Known(Shape[] shapes, int[] slots) {}

    private final String key;
    private final int kind;
    private final byte[] bytes; // null: no region has the key

    // Replaced as a whole. A thread may miss another's entry, and then looks the key up again.
    private Known known = new Known(new Shape[0], new int[0]);

    KeyStep(String key) {
      this.key = key;
      this.kind = Strings.kind(key);
      boolean none = kind == Strings.UTF8 && Strings.unpairedSurrogate(key) >= 0;
      this.bytes = none ? null : Strings.encode(key, kind);
    }

    @Override
    int in(Node node) {
      if (node.kind == Node.MAP) {
        return slot(node.shape);
      }
      return node.kind == Node.DICT && bytes != null ? DictKeys.find(node, kind, bytes) : -1;
    }

    private int slot(Shape shape) {
      Known now = known;
      Shape[] shapes = now.shapes;
      for (int k = 0; k < shapes.length; k++) {
        if (shapes[k] == shape) {
          return now.slots[k];
        }
      }
      int slot = shape.find(key);
      if (shapes.length < MAX_KNOWN) {
        Shape[] moreShapes = Arrays.copyOf(shapes, shapes.length + 1);
        int[] moreSlots = Arrays.copyOf(now.slots, shapes.length + 1);
        moreShapes[shapes.length] = shape;
        moreSlots[shapes.length] = slot;
        known = new Known(moreShapes, moreSlots);
      }
      return slot;
    }

    @Override
    boolean fits(int type) {
      return type == Node.T_MAP;
    }

    @Override
    String container() {
      return "a map";
    }

    @Override
    PathError missing(int count) {
      return new PathError(Status.NO_SUCH_KEY, "the map has no such key");
    }

    @Override
    void addTo(PathError error) {
      error.atKey(key);
    }

    @Override
    void appendTo(StringBuilder out) {
      Paths.appendKey(out, key);
    }
  }
}
