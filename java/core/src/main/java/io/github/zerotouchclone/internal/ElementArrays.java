package io.github.zerotouchclone.internal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The elements of a typed array, moved in bulk. */
public final class ElementArrays {
  private ElementArrays() {}

  /** The elements as they are stored, little-endian; shares memory with the copy. */
  static ByteBuffer view(Node array) {
    int size = array.count * array.elementWidth();
    return ByteBuffer.wrap(array.image.bytes, array.at + array.head - size, size)
        .slice()
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * The elements as they are stored, little-endian and read-only.
   *
   * @param own whether the bytes are to be the buffer's own
   */
  public static ByteBuffer buffer(Node array, boolean own) {
    ByteBuffer view = view(array);
    ByteBuffer buffer = own ? ByteBuffer.allocate(view.remaining()).put(view).flip() : view;
    return buffer.asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** A fresh Java array with the elements. */
  static Object toArray(Node array) {
    ByteBuffer elements = view(array);
    int count = array.count;
    switch (array.elem) {
      case Node.T_I8 -> {
        byte[] bytes = new byte[count];
        elements.get(bytes);
        return bytes;
      }
      case Node.T_I16 -> {
        short[] shorts = new short[count];
        elements.asShortBuffer().get(shorts);
        return shorts;
      }
      case Node.T_I32 -> {
        int[] ints = new int[count];
        elements.asIntBuffer().get(ints);
        return ints;
      }
      case Node.T_I64 -> {
        long[] longs = new long[count];
        elements.asLongBuffer().get(longs);
        return longs;
      }
      case Node.T_F32 -> {
        float[] floats = new float[count];
        elements.asFloatBuffer().get(floats);
        return floats;
      }
      default -> {
        double[] doubles = new double[count];
        elements.asDoubleBuffer().get(doubles);
        return doubles;
      }
    }
  }
}
