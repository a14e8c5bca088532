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
}
