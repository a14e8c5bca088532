package io.github.zerotouchclone.junit.internal;

import io.github.zerotouchclone.internal.NativeLoader;

/**
 * Asks the kernel: {@code written} is {@code PAGEMAP_SCAN} after asynchronous userfaultfd
 * write-protection, {@code copied} is bit 61 of {@code /proc/self/pagemap}.
 */
public final class NativePageWatch implements PageWatch {
  static {
    NativeLoader.load(
        "ztc_junit",
        "io.github.zerotouchclone.junit.library",
        NativePageWatch.class,
        file -> System.load(file));
  }

  /**
   * Loads the library.
   *
   * @throws io.github.zerotouchclone.NativeLibraryException if that is not possible
   */
  public NativePageWatch() {}

  /** Name and signature of every registered method, as {@code name(signature)result}. */
  static native String[] registered();

  @Override
  public native String unavailable();

  @Override
  public native int pageSize();

  @Override
  public native int arm(long base, long pages);

  @Override
  public native void release(int armed);

  @Override
  public native long[] written(long base, long pages);

  @Override
  public native long[] copied(long base, long pages);

  @Override
  public native void storeSilently(long address);
}
