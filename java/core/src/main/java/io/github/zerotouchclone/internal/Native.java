package io.github.zerotouchclone.internal;

import io.github.zerotouchclone.Status;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.LongConsumer;

/**
 * All native signatures. Handles are addresses of the C library's objects; callers keep the object
 * that owns a handle reachable during the call. Methods without a status in their result throw
 * {@link NativeFailure}, or {@link OutOfMemoryError} of the JVM itself.
 */
public final class Native {
  /** The ABI that this class was written for; compared with the loaded library's. */
  static final int ABI_VERSION = 0;

  private Native() {}

  /**
   * Loads the library if it is not loaded yet. To be called before anything else here.
   *
   * @throws io.github.zerotouchclone.NativeLibraryException if that is not possible
   */
  public static void initialize() {
    NativeLoader.load();
  }

  // ------------------------------------------------------------------------------------- library

  /** The number that the library's C ABI has. */
  static native int abiVersion();

  /** The library's version. */
  public static native String version();

  /** Name and signature of every registered method, as {@code name(signature)result}. */
  static native String[] registered();

  /** The text of a status. */
  static native String statusText(int status);

  /** The name of a status. */
  static native String statusName(int status);

  // ------------------------------------------------------------------------------------- regions

  /** Opens the file at a path, given as the system's bytes without NUL; returns a handle. */
  public static native long open(byte[] path, int flags);

  /** Opens memory that outlives the handle; returns a handle. */
  public static native long openMemory(long address, long size, int flags);

  /** Opens the file of a descriptor, which stays open; returns a handle. */
  public static native long openDescriptor(int descriptor, int flags);

  /** Tombstones the region; the handle stays valid. Any thread, readers may be inside. */
  public static native void close(long region);

  /** Releases the handle. No call may be in flight or follow. */
  public static native void free(long region);

  /** Number of records. */
  public static native long count(long region);

  /** Bytes of the region's image. */
  public static native long size(long region);

  /** Address of the region's image. */
  static native long base(long region);

  /** Status of the region: 0 while it is open. */
  public static native int state(long region);

  /** Place of a record's bytes in the region, or minus a status. */
  public static native long recordOffset(long region, long index);

  /** Bytes of a record in the region, or minus a status. */
  static native long recordSize(long region, long index);

  /** Number of records that have a key. */
  public static native long keyCount(long region);

  /**
   * The record with a key, or minus a status. The key is {@code size} bytes at an address, or a
   * number; {@code type} and {@code encoding} are those of the C library.
   */
  static native long indexOf(
      long region, int type, int encoding, long address, long size, long number);

  /**
   * File offsets of the record index, of the first record and behind the last one, and the address
   * of the state word; or null if copies need more checks than these allow.
   */
  static native long[] layout(long region);

  /** A buffer over memory that outlives it. */
  static native ByteBuffer memory(long address, long size);

  /** Reads the region into memory; tells how many bytes are there. */
  public static native void preload(long region, LongConsumer progress);

  /** Checks every byte. */
  public static native void validate(long region);

  /** The bytes of the schema section. */
  public static native byte[] schemaImage(long region);

  // ------------------------------------------------------------------------------------ watching

  /** Watches the file at a path, given as the system's bytes without NUL; returns a handle. */
  public static native long watchCreate(byte[] path, int flags);

  /** The region that is at the path now, or 0 if it is the one of an earlier poll. */
  public static native long watchPoll(long watch);

  /** The region of the last poll that found one, opened once more. */
  public static native long watchSnapshot(long watch);

  /** Frees the watch, not its regions. */
  public static native void watchFree(long watch);

  // ------------------------------------------------------------------------------------- copying

  /** The address of a direct buffer's bytes. */
  static native long bufferAddress(ByteBuffer buffer);

  /** A workspace for records that refer to shared nodes; returns a handle. */
  static native long workspaceCreate();

  /** Frees a workspace. */
  static native void workspaceFree(long workspace);

  /**
   * Copies a record to an address. Returns its size, which is larger than the capacity if nothing
   * was copied because of that, or minus a status. {@code workspace} may be 0 until {@code
   * NEED_WORKSPACE} asks for one; an existing one grows as needed.
   */
  static native long copy(long region, long index, long address, long capacity, long workspace);

  /**
   * Copies records one after the other to an address. {@code indices} and {@code offsets} are
   * addresses of {@code count} and {@code count + 1} longs. Returns how many fitted; 0 if the first
   * did not, with the size it needs in the second offset. An error ends the batch in front of its
   * record; if that is the first, minus its status is returned.
   */
  static native long copyBatch(
      long region, long indices, long count, long address, long capacity, long offsets, long work);

  /** As {@link #copy}, but of the value at a path, UTF-8 without NUL; throws its errors. */
  static native long copyPath(
      long region, long index, byte[] path, long address, long capacity, long workspace);

  /**
   * The steps of a path, UTF-8 without NUL: each a byte 1, a u32 size and a key in UTF-8, or a byte
   * 2 and a u64 index.
   */
  static native byte[] pathSteps(byte[] path);

  /** Hints that a record will be copied soon. */
  public static native void prefetch(long region, long index);

  /** Hints that records will be copied soon; the caller has checked the bounds. */
  public static native void prefetchMany(long region, long[] indices, int from, int count);

  // ------------------------------------------------------------------------------------- writing

  /** Starts a region at a path; returns a handle. */
  public static native long writerCreate(byte[] path);

  /** The mode, owner and group of the published file; -1 keeps what the replaced file has. */
  static native void writerAccess(long writer, int mode, int owner, int group);

  /** Takes {@code size} bytes of whole events from an address. */
  static native void writerFeed(long writer, long address, long size);

  /** Reserves the next number, from 0, for a value that records share. */
  public static native int writerReserveShared(long writer);

  /** Drops the record that a data error left unfinished. */
  public static native void writerDiscard(long writer);

  /** Publishes and frees the writer; if it throws, {@link #writerAbort} has to. */
  public static native void writerPublish(long writer);

  /** Removes all that was written, and frees the writer. */
  public static native void writerAbort(long writer);

  // --------------------------------------------------------------------------------------- errors

  /** Called by native code to end in an exception; {@code message} is UTF-8. */
  @SuppressWarnings("unused")
  private static void fail(int code, long offset, int errno, byte[] message) {
    Status status = Status.ofCode(code);
    String text = new String(message, StandardCharsets.UTF_8);
    if (text.isEmpty()) {
      text = status.text();
    }
    throw new NativeFailure(status, offset, errno, text);
  }
}
