package io.github.zerotouchclone.internal;

/**
 * Makes an object of a container that has a node. What a node is made into is one object, however
 * many references lead to it. Where the object can exist before its content, it may contain itself.
 */
abstract class NodeConverter extends Converter {
  NodeConverter(String wanted) {
    super(wanted);
  }

  /** The object without its content, or null if it cannot exist without. */
  abstract Object create(TypedDecoder decoder, Node node);

  /**
   * The object with its content.
   *
   * @param created what {@link #create} returned
   * @param depth the depth of the node
   */
  abstract Object fill(TypedDecoder decoder, Node node, int depth, Object created);

  /** Whether values of a container type can be converted at all. */
  abstract boolean accepts(int type);

  /** Whether the object's hash code is its own business, or does not look at the content. */
  boolean isOpaque() {
    return false;
  }

  /** The object for a value that is no container. */
  Object readScalar(TypedDecoder decoder, Node node, int i, int type) {
    if (type == Node.T_NULL) {
      return null;
    }
    throw PathError.mismatch(node.valueType(i), wanted).at(node, i);
  }

  @Override
  final Object read(TypedDecoder decoder, Node node, int i, int type, int depth) {
    if (type < Node.T_LIST) {
      return readScalar(decoder, node, i, type);
    }
    if (type == Node.T_REF) {
      return decoder.reference(this, node, i, depth);
    }
    if (!accepts(type)) {
      throw PathError.mismatch(node.valueType(i), wanted).at(node, i);
    }
    long slot = node.slot(i);
    if (Node.isEmpty(type, slot)) {
      return readEmpty(decoder, type);
    }
    Node child = node.child(decoder.level(node, depth), type, slot, node.head);
    decoder.spend(child, child.head);
    try {
      return readNode(decoder, child, depth + 1);
    } catch (PathError e) {
      throw e.at(node, i);
    }
  }

  @Override
  final Object readNode(TypedDecoder decoder, Node node, int depth) {
    if (!accepts(node.valueType())) {
      throw PathError.mismatch(node.valueType(), wanted);
    }
    long before = decoder.weighed();
    if (!node.shared) {
      Object filled = fill(decoder, node, depth, create(decoder, node));
      decoder.filled(this, node, null, filled, before);
      return filled;
    }
    Object known = decoder.known(node.identity(), this);
    if (known != null) {
      return known;
    }
    Object created = create(decoder, node);
    MadeObjects.Made entry = decoder.remember(node.identity(), this, created);
    Object filled = fill(decoder, node, depth, created);
    decoder.filled(this, node, entry, filled, before);
    return filled;
  }
}
