package io.github.zerotouchclone.internal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The elements of a typed array, one by one and in bulk. */
public final class ElementArrays {
  private ElementArrays() {}

  private static int position(Node array, int i) {
    return array.at + Node.HEAD + i * array.elementWidth();
  }

  /** Element {@code i} of an array of integers. */
  public static long integer(Node array, int i) {
    byte[] bytes = array.image.bytes;
    int from = position(array, i);
    return switch (array.elem) {
      case Node.T_I8 -> bytes[from];
      case Node.T_I16 -> LittleEndian.getShort(bytes, from);
      case Node.T_I32 -> LittleEndian.getInt(bytes, from);
      default -> LittleEndian.getLong(bytes, from);
    };
  }

  /** Element {@code i} of an array of floats. */
  public static double number(Node array, int i) {
    byte[] bytes = array.image.bytes;
    int from = position(array, i);
    return array.elem == Node.T_F32
        ? Float.intBitsToFloat(LittleEndian.getInt(bytes, from))
        : Double.longBitsToDouble(LittleEndian.getLong(bytes, from));
  }

  /** Element {@code i}. */
  public static Object boxed(Node array, int i) {
    return switch (array.elem) {
      case Node.T_I8 -> (Object) (byte) integer(array, i);
      case Node.T_I16 -> (short) integer(array, i);
      case Node.T_I32 -> (int) integer(array, i);
      case Node.T_I64 -> integer(array, i);
      case Node.T_F32 -> (float) number(array, i);
      default -> number(array, i);
    };
  }

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
  public static Object toArray(Node array) {
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
