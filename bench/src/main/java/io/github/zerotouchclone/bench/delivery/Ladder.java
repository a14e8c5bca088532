package io.github.zerotouchclone.bench.delivery;

import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * The ways of bytes into a JVM that need native code of their own. The C side calls the C library,
 * as the glue of this project does; only the way into Java differs. Ends the process if a copy
 * fails: nothing here is shipped.
 */
public final class Ladder {

  static {
    System.load(Path.of(System.getProperty("ztc.native.lib"), "libztc_ladder.so").toString());
  }

  private Ladder() {}

  /** A call that does nothing. */
  public static native void empty();

  /** The address of a direct buffer's first byte. */
  public static native long addressOf(ByteBuffer buffer);

  /** Opens a region and returns its handle; 0 if that fails. */
  public static native long open(String path);

  /** Frees a handle. */
  public static native void free(long region);

  /** The address of the region's first byte. */
  public static native long base(long region);

  /** Copies a record to an address. */
  static native long toAddress(long region, long index, long address, long capacity);

  /** Copies a record to a new array, which native code makes. */
  static native byte[] toNewArray(long region, long index);

  /** Copies a record to an array by {@code SetByteArrayRegion}. */
  static native int toArray(long region, long index, byte[] array);

  /** Copies a record to an array that {@code GetPrimitiveArrayCritical} pins. */
  static native int toPinnedArray(long region, long index, byte[] array);

  /** Copies many records, one after the other, to one address. */
  public static native void copies(
      long region, long indices, int count, long address, long capacity);

  /** Copies all extents in order, each to the same address, without checks; returns their bytes. */
  public static native long scanned(long base, long recordIndex, int count, long address);

  /** Copies many extents by hand, with prefetches and without checks; returns their bytes. */
  public static native long prefetched(
      long base, long recordIndex, long indices, int count, long address);
}
