package io.github.zerotouchclone.internal;

/**
 * Where copies lie that are turned into objects at once: heap memory that is reused from copy to
 * copy, and the state of the decoders. Belongs to a {@link Slab}, and to its thread.
 */
public final class Workbench implements Windows.Target {
  private static final byte[] NONE = {};

  private byte[] bytes = new byte[4096];
  private final Image image = new Image(NONE, 0, 0, Origin.NOWHERE, -1);
  private final TypedDecoder decoder = new TypedDecoder();

  Workbench() {}

  @Override
  public byte[] reserve(int size) {
    if (size > bytes.length) {
      bytes = new byte[(int) Math.min(Math.max(size, 2L * bytes.length), Integer.MAX_VALUE - 8)];
    }
    return bytes;
  }

  /** The object that a reader makes of a copy in {@link #reserve}'s array. */
  public Object read(TypedReader reader, int start, int end, Origin origin, long index) {
    image.set(bytes, start, end, origin, index);
    try {
      return reader.read(image, decoder);
    } finally {
      // Nothing of the region stays behind, nor more memory than the slab would keep.
      image.set(NONE, 0, 0, Origin.NOWHERE, -1);
      if (bytes.length > Slab.KEEP) {
        bytes = new byte[4096];
      }
    }
  }
}
