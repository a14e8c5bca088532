package io.github.zerotouchclone.internal;

/** What tests in other packages need to tell plain copies from others. */
public final class PlainAccess {
  private PlainAccess() {}

  /**
   * The object for a copy that is plain, or null; {@link TypedReader#read} reads as if none were.
   */
  public static Object read(TypedReader reader, Image image) {
    return reader.readPlain(new Plain(), image.bytes, image.start, image.limit, image.schema);
  }
}
