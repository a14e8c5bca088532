package io.github.zerotouchclone.internal;

import java.nio.ByteBuffer;

/** What tests in other packages need of the native methods. */
public final class NativeAccess {
  private NativeAccess() {}

  /** The address of a direct buffer. */
  public static long address(ByteBuffer buffer) {
    Native.initialize();
    return Native.bufferAddress(buffer);
  }

  /** The name that the native library has for a status. */
  public static String statusName(int code) {
    Native.initialize();
    return Native.statusName(code);
  }

  /** The text that the native library has for a status. */
  public static String statusText(int code) {
    Native.initialize();
    return Native.statusText(code);
  }
}
