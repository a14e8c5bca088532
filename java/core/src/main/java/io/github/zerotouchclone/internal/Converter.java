package io.github.zerotouchclone.internal;

import io.github.zerotouchclone.ValueType;

/** Turns stored values into objects of one Java type. Immutable once linked; any thread. */
abstract class Converter {
  /** What errors call the type. */
  final String wanted;

  Converter(String wanted) {
    this.wanted = wanted;
  }

  /**
   * The object for value {@code i} of a node.
   *
   * @param type the type of that value, {@code T_REF} included
   * @param depth the depth of the node
   */
  abstract Object read(TypedDecoder decoder, Node node, int i, int type, int depth);

  /** The object for a container without a slot: the root of a copy. */
  Object readNode(TypedDecoder decoder, Node node, int depth) {
    throw PathError.mismatch(node.valueType(), wanted);
  }

  /** The object for element {@code i} of a typed array. */
  Object readElement(Node array, int i) {
    throw PathError.mismatch(array.elementType(), wanted).at(array, i);
  }

  /** The object for an empty list or map that has no node. */
  Object readEmpty(TypedDecoder decoder, int type) {
    throw PathError.mismatch(type, wanted);
  }

  /** Whether a value that is stored as this type is plain if {@link #check} lets it pass. */
  boolean takes(int type) {
    return false;
  }

  /**
   * Checks a value for {@link #take}.
   *
   * @param at where the node begins that holds the value
   * @param slot where the value's slot is
   * @param minimum where its bytes may begin
   * @param end of the node
   * @return where the bytes of the next value may begin, or {@link Plain#NOT}
   */
  int check(Plain copy, int at, int slot, int minimum, int end) {
    return Plain.NOT;
  }

  /** The object for a value that {@link #check} let pass. */
  Object take(Plain copy, int at, int slot) {
    throw new AssertionError(at);
  }

  /** Whether the hash code of an object takes no time to speak of, and few have the same. */
  boolean isScalar() {
    return false;
  }

  /** The object for a field that a map does not have. */
  Object missing() {
    return null;
  }

  /** What errors call a type of the format. */
  static String typeName(int type) {
    return type == Node.T_REF ? "reference" : ValueType.ofCode(type).name();
  }
}
