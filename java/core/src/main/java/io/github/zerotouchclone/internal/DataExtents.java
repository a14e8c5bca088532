package io.github.zerotouchclone.internal;

/**
 * Where the variable data of a node's values lies, counted from the node's start. What the slots
 * claim is checked when the data is read.
 */
final class DataExtents {
  private DataExtents() {}

  /** Where the data of value {@code i} begins, or the end of the head if it has none. */
  static int start(Node node, int i) {
    return Math.max(startOrNone(node, i), node.head);
  }

  /** Where the data of the first value that has any begins, or the end of the head. */
  static int start(Node node) {
    int start = -1;
    for (int i = 0; i < node.count && start < 0; i++) {
      start = startOrNone(node, i);
    }
    return Math.max(start, node.head);
  }

  /** An offset that leads out of the node is none; whoever follows it finds that out. */
  private static int startOrNone(Node node, int i) {
    long slot = node.slot(i);
    boolean apart =
        switch (node.type(i)) {
          case Node.T_STRING -> !Node.isInline(slot);
          case Node.T_BYTES, Node.T_LIST, Node.T_MAP, Node.T_ARRAY, Node.T_EXT -> slot != 0;
          default -> false;
        };
    long start = slot & 0xffff_ffffL;
    return apart && start <= node.end - node.at ? (int) start : -1;
  }

  /** Where the data of value {@code i} ends; {@code minimum} if it has none. */
  static int end(Node node, int i, int minimum) {
    long slot = node.slot(i);
    return switch (node.type(i)) {
      case Node.T_STRING -> node.stringEnd(slot, minimum);
      case Node.T_BYTES, Node.T_LIST, Node.T_MAP, Node.T_ARRAY, Node.T_EXT ->
          node.bytesEnd(slot, minimum);
      default -> minimum;
    };
  }

  /** Where the data of all values of a row ends. */
  static int endOfRow(Node row, int minimum) {
    for (int i = 0; i < row.count; i++) {
      minimum = end(row, i, minimum);
    }
    return minimum;
  }
}
