package io.github.zerotouchclone.bench.peers;

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.nio.Buffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.file.Path;

/**
 * The floor: a region's records through a mapped buffer and nothing else: one line of the index,
 * one bulk copy of the extent. It trusts every byte, so it is no way to read a region. At most 2
 * GiB.
 */
final class RegionExtents {

  private static final long OFFSET_BITS = 0xffff_ffff_ffffL;

  private final MappedByteBuffer bytes;
  private final int index;
  private final long address;

  private RegionExtents(MappedByteBuffer bytes) {
    this.bytes = bytes;
    index = Math.toIntExact(RegionIndex.offset(bytes));
    address = Memory.addressOf(bytes);
  }

  static RegionExtents open(Path region) throws IOException {
    MappedByteBuffer bytes = MappedStore.map(region);
    bytes.order(ByteOrder.LITTLE_ENDIAN);
    return new RegionExtents(bytes);
  }

  private int offset(int record) {
    return (int) (bytes.getLong(index + 16 * record) & OFFSET_BITS);
  }

  private int length(int record) {
    return bytes.getInt(index + 16 * record + 8);
  }

  byte[] get(int record) {
    byte[] value = new byte[length(record)];
    bytes.get(offset(record), value);
    return value;
  }

  int get(int record, byte[] destination) {
    int length = length(record);
    bytes.get(offset(record), destination, 0, length);
    return length;
  }

  /** As {@link #get(int, byte[])}, without the buffer's checks. */
  int copyUnchecked(int record, byte[] destination) {
    int length = length(record);
    Memory.copy(address + offset(record), destination, length);
    return length;
  }

  /**
   * {@code sun.misc.Unsafe} through method handles, which a compiler sees through as well; a direct
   * call would be a warning that cannot be silenced.
   */
  private static final class Memory {

    private static final Object UNSAFE;
    private static final MethodHandle COPY;
    private static final MethodHandle GET_LONG;
    private static final long ADDRESS;
    private static final long ARRAY;

    static {
      try {
        Class<?> type = Class.forName("sun.misc.Unsafe");
        Field instance = type.getDeclaredField("theUnsafe");
        instance.setAccessible(true);
        UNSAFE = instance.get(null);
        MethodHandles.Lookup lookup = MethodHandles.lookup();
        COPY =
            lookup
                .findVirtual(
                    type,
                    "copyMemory",
                    MethodType.methodType(
                        void.class, Object.class, long.class, Object.class, long.class, long.class))
                .bindTo(UNSAFE);
        GET_LONG =
            lookup
                .findVirtual(
                    type, "getLong", MethodType.methodType(long.class, Object.class, long.class))
                .bindTo(UNSAFE);
        ADDRESS =
            (long)
                lookup
                    .findVirtual(
                        type, "objectFieldOffset", MethodType.methodType(long.class, Field.class))
                    .invoke(UNSAFE, Buffer.class.getDeclaredField("address"));
        ARRAY = type.getField("ARRAY_BYTE_BASE_OFFSET").getInt(null);
      } catch (Throwable e) {
        throw new ExceptionInInitializerError(e);
      }
    }

    static long addressOf(MappedByteBuffer buffer) {
      try {
        return (long) GET_LONG.invokeExact((Object) buffer, ADDRESS);
      } catch (Throwable e) {
        throw new IllegalStateException(e);
      }
    }

    static void copy(long from, byte[] to, long length) {
      try {
        COPY.invokeExact((Object) null, from, (Object) to, ARRAY, length);
      } catch (Throwable e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
