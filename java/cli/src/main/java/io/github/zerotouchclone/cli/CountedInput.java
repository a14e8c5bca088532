package io.github.zerotouchclone.cli;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.atomic.AtomicLong;

/** Counts the bytes that are read. */
final class CountedInput extends FilterInputStream {
  private final AtomicLong consumed;

  /**
   * Counts what is read of a stream.
   *
   * @param consumed is increased by it; any thread may look
   */
  CountedInput(InputStream in, AtomicLong consumed) {
    super(in);
    this.consumed = consumed;
  }

  @Override
  public int read() throws IOException {
    int b = super.read();
    consumed.addAndGet(b < 0 ? 0 : 1);
    return b;
  }

  @Override
  public int read(byte[] to, int offset, int length) throws IOException {
    int n = super.read(to, offset, length);
    consumed.addAndGet(Math.max(n, 0));
    return n;
  }
}
