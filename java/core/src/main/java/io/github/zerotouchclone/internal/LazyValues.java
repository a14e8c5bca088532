package io.github.zerotouchclone.internal;

/**
 * Single values of a node, seen through references; each is of the type that {@link
 * Node#valueType(int)} says, which the caller has looked at.
 */
public final class LazyValues {
  private LazyValues() {}

  /** Value {@code i}, of type BOOL. */
  public static boolean bool(Node node, int i) {
    Node holder = node.holder(i);
    return holder.bool(holder.slot(holder == node ? i : 0));
  }

  /** Value {@code i}, of an integer type. */
  public static long integer(Node node, int i) {
    Node holder = node.holder(i);
    int j = holder == node ? i : 0;
    return holder.integer(holder.type(j), holder.slot(j));
  }

  /** Value {@code i}, of type F32 or F64. */
  public static double number(Node node, int i) {
    Node holder = node.holder(i);
    int j = holder == node ? i : 0;
    long slot = holder.slot(j);
    return holder.type(j) == Node.T_F32 ? Node.f32(slot) : Double.longBitsToDouble(slot);
  }

  /** Value {@code i}, of type STRING. */
  public static String string(Node node, int i) {
    Node holder = node.holder(i);
    int j = holder == node ? i : 0;
    return holder.string(j, holder.slot(j));
  }

  /** The text of value {@code i}, of type EXT, or null if it has none. */
  public static String text(Node node, int i) {
    return ExtValues.text(node.container(i));
  }

  /** Value {@code i}, of type BYTES, in a fresh array. */
  public static byte[] bytes(Node node, int i) {
    Node holder = node.holder(i);
    return holder.bytes(holder.slot(holder == node ? i : 0), holder.head);
  }
}
