package io.github.zerotouchclone.internal;

/** Writes arrays of primitives as events. */
final class ArrayEvents {
  private ArrayEvents() {}

  /** Appends an array of a primitive type but {@code byte}. */
  static void write(EventEncoder to, Object array) {
    EventBuffer out = to.out();
    if (array instanceof int[] ints) {
      if (beginArray(to, array, ints.length)) {
        out.array(Node.T_I32, ints.length, 4).asIntBuffer().put(ints);
      }
    } else if (array instanceof long[] longs) {
      if (beginArray(to, array, longs.length)) {
        out.array(Node.T_I64, longs.length, 8).asLongBuffer().put(longs);
      }
    } else if (array instanceof double[] doubles) {
      if (beginArray(to, array, doubles.length)) {
        out.array(Node.T_F64, doubles.length, 8).asDoubleBuffer().put(doubles);
      }
    } else if (array instanceof float[] floats) {
      if (beginArray(to, array, floats.length)) {
        out.array(Node.T_F32, floats.length, 4).asFloatBuffer().put(floats);
      }
    } else if (array instanceof short[] shorts) {
      if (beginArray(to, array, shorts.length)) {
        out.array(Node.T_I16, shorts.length, 2).asShortBuffer().put(shorts);
      }
    } else if (array instanceof char[] chars) {
      to.exts().string(new String(chars));
    } else {
      booleans(to, (boolean[]) array);
    }
  }

  private static boolean beginArray(EventEncoder to, Object array, int count) {
    if (count > 0 && to.again(array)) {
      return false;
    }
    to.path().requireDepth(1);
    return true;
  }

  private static void booleans(EventEncoder to, boolean[] array) {
    if (array.length > 0 && to.again(array)) {
      return;
    }
    to.begin(EventBuffer.BEGIN_LIST);
    for (boolean element : array) {
      to.out().bool(element);
    }
    to.end();
  }
}
