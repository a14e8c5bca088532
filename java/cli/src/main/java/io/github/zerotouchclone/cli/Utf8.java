package io.github.zerotouchclone.cli;

import java.io.IOException;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** Strict decoding: bytes that are not UTF-8 are reported with their place, never replaced. */
final class Utf8 {
  static final String MALFORMED = "the bytes are not UTF-8";

  private static final int CHUNK = 64 << 10;

  private Utf8() {}

  private static CharsetDecoder decoder() {
    return StandardCharsets.UTF_8
        .newDecoder()
        .onMalformedInput(CodingErrorAction.REPORT)
        .onUnmappableCharacter(CodingErrorAction.REPORT);
  }

  /** Decodes whole lines into a buffer that is used again. */
  static final class Line {
    private final CharsetDecoder decoder = decoder();
    private char[] chars = new char[1 << 12];
    private int length;

    char[] chars() {
      return chars;
    }

    int length() {
      return length;
    }

    /** Decodes; false at malformed bytes, when {@link #length} chars were in front of them. */
    boolean decode(byte[] bytes, int start, int end) {
      if (end - start > chars.length) {
        chars = new char[Math.max(end - start, (int) Math.min(2L * chars.length, 1 << 30))];
      }
      CharBuffer to = CharBuffer.wrap(chars);
      CoderResult result =
          decoder.reset().decode(ByteBuffer.wrap(bytes, start, end - start), to, true);
      length = to.position();
      return !result.isError();
    }
  }

  /** Decodes a whole document; a byte order mark at its start is left out. */
  static final class Document extends Reader {
    private final Input input;
    private final CharsetDecoder decoder = decoder();
    private final ByteBuffer bytes = ByteBuffer.allocate(CHUNK).limit(0);
    private final CharBuffer chars = CharBuffer.allocate(CHUNK).limit(0);
    private boolean started;
    private boolean ended;
    private long line = 1;
    private long column = 1; // of the next character that is decoded

    Document(Input input) {
      this.input = input;
    }

    /** Thrown through a parser, which lets exceptions of a reader pass. */
    static final class Malformed extends IOException {
      private static final long serialVersionUID = 1;
      private final transient BadInput place;

      Malformed(BadInput place) {
        super(place.getMessage());
        this.place = place;
      }

      BadInput place() {
        return place;
      }
    }

    @Override
    public int read(char[] to, int offset, int length) throws IOException {
      while (!chars.hasRemaining()) {
        if (!decodeMore()) {
          return -1;
        }
      }
      int n = Math.min(length, chars.remaining());
      chars.get(to, offset, n);
      return n;
    }

    private boolean decodeMore() throws IOException {
      if (ended) {
        return false;
      }
      bytes.compact();
      int n = input.read(bytes.array(), bytes.position(), bytes.remaining());
      ended = n < 0;
      bytes.position(bytes.position() + Math.max(n, 0)).flip();
      chars.clear();
      CoderResult result = decoder.decode(bytes, chars, ended);
      chars.flip();
      if (!started && chars.hasRemaining()) {
        started = true;
        if (chars.get(chars.position()) == '\ufeff') {
          chars.get();
        }
      }
      for (int i = chars.position(); i < chars.limit(); i++) {
        column = chars.get(i) == '\n' ? 1 : column + 1;
        line += chars.get(i) == '\n' ? 1 : 0;
      }
      if (result.isError()) {
        throw new Malformed(new BadInput(line, column, MALFORMED));
      }
      return true;
    }

    @Override
    public void close() {
      input.close();
    }
  }
}
