package io.github.zerotouchclone.cli;

import java.util.Arrays;

/**
 * Whole lines of an input: the first {@code length} bytes, with their line feeds. Nobody else
 * writes to the bytes.
 */
record LineBlock(byte[] bytes, int length) {
  /** Cuts an input into blocks. */
  static final class Cutter {
    private static final int SIZE = 1 << 20;
    private static final int MAX_LINE = Integer.MAX_VALUE - 64;

    private final Input input;
    private byte[] begun = new byte[0]; // of the line that the last block ended in
    private long offset; // of the next block
    private boolean ended;

    Cutter(Input input) {
      this.input = input;
    }

    /**
     * The next block: up to a mebibyte, or as much as its one line has; less where the input would
     * have to be waited for. Only the last line of the input may lack its line feed.
     *
     * @return null at the end of the input
     */
    LineBlock next() {
      byte[] buffer = Arrays.copyOf(begun, Math.max(SIZE, begun.length));
      int filled = begun.length;
      int lines = 0; // the bytes up to the last line feed
      while (!ended && (lines == 0 || (filled < buffer.length && !input.wouldWait()))) {
        if (filled == buffer.length) {
          buffer = grown(buffer);
        }
        int n = input.read(buffer, filled, buffer.length - filled);
        ended = n < 0;
        lines = n <= 0 ? lines : Math.max(lines, afterLast(buffer, filled, filled + n));
        filled += Math.max(n, 0);
      }
      int length = ended ? filled : lines;
      begun = Arrays.copyOfRange(buffer, length, filled);
      offset += length;
      return length == 0 ? null : new LineBlock(buffer, length);
    }

    private byte[] grown(byte[] buffer) {
      if (buffer.length == MAX_LINE) {
        throw Failure.badData(
            input.name() + ": the line at byte " + offset + " has more than 2,147,483,583 bytes");
      }
      return Arrays.copyOf(buffer, (int) Math.min(2L * buffer.length, MAX_LINE));
    }

    private static int afterLast(byte[] buffer, int from, int to) {
      int at = to;
      while (at > from && buffer[at - 1] != '\n') {
        at--;
      }
      return at == from ? 0 : at;
    }
  }

  /** Where the line that begins at an offset ends: before its line feed. */
  int lineEnd(int start) {
    int end = start;
    while (end < length && bytes[end] != '\n') {
      end++;
    }
    return end;
  }
}
