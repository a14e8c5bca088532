package io.github.zerotouchclone.cli;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import java.util.zip.ZipException;

/**
 * Decompresses a gzip file: members one behind the other, and nothing else. The stream of the JDK
 * takes a member whose header is damaged for the end of the data, and asks the input how much is
 * there, which a pipe need not know. Errors name the byte of the file.
 */
final class GzipMembers extends InputStream {
  private static final int BUFFER = 64 << 10;
  private static final int MAGIC_1 = 0x1f;
  private static final int MAGIC_2 = 0x8b;
  private static final int DEFLATE = 8;
  private static final int HEADER_CHECKSUM = 1 << 1;
  private static final int EXTRA = 1 << 2;
  private static final int NAME = 1 << 3;
  private static final int COMMENT = 1 << 4;
  private static final int RESERVED = 0xe0;
  private static final int TIME_FLAGS_SYSTEM = 6;

  private final InputStream file;
  private final Inflater inflater = new Inflater(true);
  private final CRC32 checksum = new CRC32(); // of the member's content
  private final CRC32 headerChecksum = new CRC32();
  private final byte[] buffer = new byte[BUFFER];
  private int next; // in the buffer; what the inflater has was taken already
  private int filled;
  private long before; // bytes of the file in front of the buffer
  private boolean inside; // a member's data, or its trailer, comes next
  private boolean ended;

  GzipMembers(InputStream file) {
    this.file = file;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] to, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    while (!ended) {
      if (inside) {
        int n = inflate(to, offset, length);
        if (n > 0) {
          return n;
        }
        trailer();
        inside = false;
      } else if (position() > 0 && !fill()) {
        ended = true;
      } else {
        header();
        inside = true;
      }
    }
    return -1;
  }

  /** Some of the member's content; 0 at its end. */
  private int inflate(byte[] to, int offset, int length) throws IOException {
    try {
      while (true) {
        int n = inflater.inflate(to, offset, length);
        if (n > 0) {
          checksum.update(to, offset, n);
          return n;
        }
        if (inflater.finished()) {
          next = filled - inflater.getRemaining();
          return 0;
        }
        if (inflater.needsDictionary()) {
          throw damaged(position(), "the data needs a dictionary");
        }
        next = filled;
        if (!fill()) {
          throw new EOFException();
        }
        inflater.setInput(buffer, next, filled - next);
      }
    } catch (DataFormatException e) {
      long at = before + filled - inflater.getRemaining();
      String reason = e.getMessage() == null ? "damaged data" : e.getMessage();
      throw damaged(at, reason);
    }
  }

  private void header() throws IOException {
    long start = position();
    headerChecksum.reset();
    int first = headerByte();
    if (first != MAGIC_1 || headerByte() != MAGIC_2) {
      throw damaged(
          start,
          start == 0
              ? "this is no gzip file"
              : "what follows the data in front of it is no gzip data; records may be lost");
    }
    if (headerByte() != DEFLATE) {
      throw damaged(start + 2, "an unknown method of compression");
    }
    int flags = headerByte();
    if ((flags & RESERVED) != 0) {
      throw damaged(start + 3, "unknown flags");
    }
    skip(TIME_FLAGS_SYSTEM);
    if ((flags & EXTRA) != 0) {
      int low = headerByte();
      skip(low | headerByte() << 8);
    }
    if ((flags & NAME) != 0) {
      skipText();
    }
    if ((flags & COMMENT) != 0) {
      skipText();
    }
    if ((flags & HEADER_CHECKSUM) != 0) {
      int expected = (int) headerChecksum.getValue() & 0xffff;
      long at = position();
      if ((oneByte() | oneByte() << 8) != expected) {
        throw damaged(at, "the header's checksum is wrong");
      }
    }
    inflater.reset();
    checksum.reset();
    inflater.setInput(buffer, next, filled - next);
  }

  private void trailer() throws IOException {
    long at = position();
    if (fourBytes() != (int) checksum.getValue()) {
      throw damaged(at, "the checksum of the data in front of it is wrong");
    }
    if (fourBytes() != (int) inflater.getBytesWritten()) {
      throw damaged(at + 4, "the size of the data in front of it is wrong");
    }
  }

  private void skip(int count) throws IOException {
    for (int i = 0; i < count; i++) {
      headerByte();
    }
  }

  private void skipText() throws IOException {
    while (headerByte() != 0) {
      // its end is a zero
    }
  }

  private int headerByte() throws IOException {
    int b = oneByte();
    headerChecksum.update(b);
    return b;
  }

  private int fourBytes() throws IOException {
    return oneByte() | oneByte() << 8 | oneByte() << 16 | oneByte() << 24;
  }

  private int oneByte() throws IOException {
    if (!fill()) {
      throw new EOFException();
    }
    return buffer[next++] & 0xff;
  }

  /** Whether there is a byte; waits for it. */
  private boolean fill() throws IOException {
    if (next < filled) {
      return true;
    }
    before += filled;
    next = 0;
    filled = 0; // also if the read fails
    filled = Math.max(file.read(buffer, 0, buffer.length), 0);
    return filled > 0;
  }

  /** Of the next byte in the file, outside of a member's data. */
  private long position() {
    return before + next;
  }

  private static ZipException damaged(long at, String reason) {
    return new ZipException("byte " + at + ": " + reason);
  }

  /** Not 0 if there are bytes to decompress without a wait. */
  @Override
  public int available() throws IOException {
    boolean here = inside ? !inflater.needsInput() : next < filled;
    return here ? 1 : file.available();
  }

  @Override
  public void close() throws IOException {
    inflater.end();
    file.close();
  }
}
