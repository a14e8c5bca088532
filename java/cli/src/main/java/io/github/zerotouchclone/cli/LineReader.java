package io.github.zerotouchclone.cli;

import java.util.Arrays;

/**
 * Splits an input into lines of bytes. After {@link #next}, the line is the bytes from {@link
 * #start} to {@link #end}, without its line feed, until the next call.
 */
final class LineReader {
  private static final int MAX_LINE = Integer.MAX_VALUE - 64;

  private final Input input;
  private byte[] buffer = new byte[256 << 10];
  private int filled;
  private int start;
  private int end;
  private int next;
  private long number;
  private boolean ended;

  LineReader(Input input) {
    this.input = input;
  }

  /** Moves to the next line; false at the end of the input. */
  boolean next() {
    start = next;
    int from = start;
    while (true) {
      for (int i = from; i < filled; i++) {
        if (buffer[i] == '\n') {
          end = i;
          next = i + 1;
          number++;
          return true;
        }
      }
      from = filled - start;
      if (ended || !fill()) {
        end = filled;
        next = filled;
        number++;
        return start < end;
      }
      from += start;
    }
  }

  /** Reads more behind the bytes of the current line, which may move. */
  private boolean fill() {
    int pending = filled - start;
    if (start > 0) {
      System.arraycopy(buffer, start, buffer, 0, pending);
      start = 0;
      filled = pending;
    }
    if (filled == buffer.length) {
      if (filled == MAX_LINE) {
        throw Failure.badData(
            input.name() + ":" + (number + 1) + ":1: the line has more than 2,147,483,583 bytes");
      }
      buffer = Arrays.copyOf(buffer, (int) Math.min(2L * buffer.length, MAX_LINE));
    }
    int n = input.read(buffer, filled, buffer.length - filled);
    ended = n < 0;
    filled += Math.max(n, 0);
    return !ended;
  }

  byte[] buffer() {
    return buffer;
  }

  int start() {
    return start;
  }

  int end() {
    return end;
  }

  /** The number of the line, from 1. */
  long number() {
    return number;
  }
}
