package io.github.zerotouchclone.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Standard output, buffered. A reader that is gone ends the command as {@link ReaderGone}; every
 * other failure, such as a full disk, is a {@link Failure}. To be closed, which flushes.
 */
final class Output extends OutputStream {
  private final OutputStream out = new FileOutputStream(FileDescriptor.out);
  private final byte[] buffer = new byte[64 << 10];
  private int size;

  void line(String text) {
    text(text);
    write('\n');
  }

  void text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    write(bytes, 0, bytes.length);
  }

  @Override
  public void write(int b) {
    if (size == buffer.length) {
      flush();
    }
    buffer[size++] = (byte) b;
  }

  @Override
  public void write(byte[] bytes, int offset, int length) {
    if (length > buffer.length - size) {
      flush();
    }
    if (length > buffer.length) {
      send(bytes, offset, length);
    } else {
      System.arraycopy(bytes, offset, buffer, size, length);
      size += length;
    }
  }

  @Override
  public void flush() {
    int pending = size;
    size = 0; // also if it fails: a second attempt fails as well
    if (pending > 0) {
      send(buffer, 0, pending);
    }
  }

  @Override
  public void close() {
    flush();
  }

  private void send(byte[] bytes, int offset, int length) {
    try {
      out.write(bytes, offset, length);
    } catch (IOException e) {
      if (isPipe()) {
        throw new ReaderGone();
      }
      throw Failure.of("standard output", e);
    }
  }

  /** Writing to a pipe fails for no other reason than that its reader is gone. */
  private static boolean isPipe() {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/1")).toString();
      return target.startsWith("pipe:") || target.startsWith("socket:");
    } catch (IOException e) {
      return false;
    }
  }
}
