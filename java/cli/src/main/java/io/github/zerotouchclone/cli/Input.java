package io.github.zerotouchclone.cli;

import java.io.EOFException;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/** One input of a build: a file, a gzip file by its name, or standard input. */
final class Input implements AutoCloseable {
  private final String name;
  private final InputStream stream;

  private Input(String name, InputStream stream) {
    this.name = name;
    this.stream = stream;
  }

  /**
   * Opens an input.
   *
   * @param argument a path, or {@code -}
   * @param consumed is increased by the bytes that are read from the file
   */
  static Input open(String argument, AtomicLong consumed) {
    String name = isStandardInput(argument) ? "standard input" : argument;
    InputStream file = null;
    try {
      if (isStandardInput(argument)) {
        file = new FileInputStream(FileDescriptor.in);
      } else if (Files.isDirectory(Path.of(argument))) {
        throw Failure.system(argument + ": is a directory");
      } else {
        file = Files.newInputStream(Path.of(argument));
      }
      InputStream counted = new CountedInput(file, consumed);
      return new Input(name, isGzip(argument) ? new GzipMembers(counted) : counted);
    } catch (IOException e) {
      close(file);
      throw failure(name, e);
    }
  }

  static boolean isStandardInput(String argument) {
    return argument.equals("-");
  }

  private static boolean isGzip(String argument) {
    return argument.endsWith(".gz");
  }

  /** Whether the name, without {@code .gz}, ends in {@code .json}. */
  static boolean isJsonDocument(String argument) {
    return argument.endsWith(".json") || argument.endsWith(".json.gz");
  }

  /** Whether the name, without {@code .gz}, ends in {@code .cbor}. */
  static boolean isCbor(String argument) {
    return argument.endsWith(".cbor") || argument.endsWith(".cbor.gz");
  }

  /** Bytes of all inputs together, or 0 if that is not known. */
  static long totalSize(Iterable<String> arguments) {
    long total = 0;
    for (String argument : arguments) {
      try {
        Path path = Path.of(argument);
        if (isStandardInput(argument) || !Files.isRegularFile(path)) {
          return 0;
        }
        total += Files.size(path);
      } catch (IOException e) {
        return 0;
      }
    }
    return total;
  }

  /** What to call it in messages. */
  String name() {
    return name;
  }

  /** The same bytes for a parser; fails as {@link #read}. */
  InputStream asStream() {
    return new InputStream() {
      @Override
      public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] to, int offset, int length) {
        return Input.this.read(to, offset, length);
      }
    };
  }

  /** Reads up to {@code length} bytes; -1 at the end. */
  int read(byte[] to, int offset, int length) {
    try {
      return stream.read(to, offset, length);
    } catch (IOException e) {
      throw failure(name, e);
    }
  }

  /** Whether a read may have to wait for whoever writes the input, or is at its end. */
  boolean wouldWait() {
    try {
      return stream.available() == 0;
    } catch (IOException e) {
      return true; // a pipe by name is asked for a position that it does not have
    }
  }

  @Override
  public void close() {
    close(stream);
  }

  private static void close(InputStream stream) {
    try {
      if (stream != null) {
        stream.close();
      }
    } catch (IOException e) {
      // It was only read.
    }
  }

  private static Failure failure(String name, IOException e) {
    return e instanceof EOFException
        ? Failure.badData(name + ": the gzip data is cut short")
        : Failure.of(name, e);
  }
}
