package io.github.zerotouchclone.internal;

/**
 * Where copies lie that are turned into objects at once: heap memory that is reused from copy to
 * copy, and the state of the decoders. Belongs to a {@link Slab}, and to its thread.
 */
public final class Workbench implements Windows.Target {
  private static final byte[] NONE = {};

  private byte[] bytes = new byte[4096];
  private final Image image = new Image(NONE, 0, 0, Origin.NOWHERE, -1);
  private Plain plain = new Plain();
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
    try {
      Object object = reader.readPlain(plain, bytes, start, end, origin.schema());
      return object != null ? object : readAny(reader, start, end, origin, index);
    } finally {
      if (bytes.length > Slab.KEEP) { // more memory than the slab would keep
        bytes = new byte[4096];
        plain = new Plain();
      }
    }
  }

  private Object readAny(TypedReader reader, int start, int end, Origin origin, long index) {
    image.set(bytes, start, end, origin, index);
    try {
      return reader.read(image, decoder);
    } finally {
      image.set(NONE, 0, 0, Origin.NOWHERE, -1); // nothing of the copy stays behind
    }
  }
}
