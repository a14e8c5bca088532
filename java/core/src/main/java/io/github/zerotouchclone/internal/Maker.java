package io.github.zerotouchclone.internal;

/**
 * Fills objects of one class from maps of one shape. Implementations are generated, so that all
 * fields are read by straight code. Any thread.
 */
abstract class Maker {
  /** For generated classes, and those of this package. */
  Maker() {}

  /**
   * Makes an object from a map.
   *
   * @param into the object to fill, or null if it is made by its constructor
   * @return the object
   */
  abstract Object make(TypedDecoder decoder, Node map, int depth, Object into);

  /**
   * Checks the fields of a map for {@link #take}.
   *
   * @param at where the map's node begins
   * @param slots where its slots begin
   * @param minimum where the first value's bytes may begin
   * @param end of the node
   * @return where the bytes of a value behind the map may begin, or {@link Plain#NOT}
   */
  int check(Plain copy, int at, int slots, int minimum, int end) {
    return Plain.NOT;
  }

  /** Makes an object from a map that {@link #check} let pass. */
  Object take(Plain copy, int at, int slots) {
    throw new AssertionError(at);
  }
}
