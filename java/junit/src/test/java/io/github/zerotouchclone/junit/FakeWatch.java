package io.github.zerotouchclone.junit;

import io.github.zerotouchclone.junit.internal.NativePageWatch;
import io.github.zerotouchclone.junit.internal.PageWatch;

/** The kernel, but for what a test overrides. */
class FakeWatch implements PageWatch {
  private final PageWatch kernel = new NativePageWatch();

  @Override
  public String unavailable() {
    return kernel.unavailable();
  }

  @Override
  public int pageSize() {
    return kernel.pageSize();
  }

  @Override
  public int arm(long base, long pages) {
    return kernel.arm(base, pages);
  }

  @Override
  public void release(int armed) {
    kernel.release(armed);
  }

  @Override
  public long[] written(long base, long pages) {
    return kernel.written(base, pages);
  }

  @Override
  public long[] copied(long base, long pages) {
    return kernel.copied(base, pages);
  }

  @Override
  public void storeSilently(long address) {
    kernel.storeSilently(address);
  }
}
