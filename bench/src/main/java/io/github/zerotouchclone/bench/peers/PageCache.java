package io.github.zerotouchclone.bench.peers;

import com.sun.jna.LastErrorException;
import com.sun.jna.Library;
import com.sun.jna.Native;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Has the kernel keep a file as if it had just been read from its start to its end. How a file came
 * into the page cache decides whether it can be mapped by huge pages, and with it what a random
 * read costs: a file that was written in large pieces, or read in order, mostly can; one that was
 * written through a small buffer, or read here and there, cannot. What is compared must not differ
 * in that.
 */
final class PageCache {

  private static final int READ_ONLY = 0;
  private static final int DONT_NEED = 4; // POSIX_FADV_DONTNEED

  private PageCache() {}

  private interface C extends Library {
    C LIBRARY = Native.load("c", C.class);

    int open(String path, int flags) throws LastErrorException;

    int fsync(int file) throws LastErrorException;

    int posix_fadvise(int file, long offset, long length, int advice);

    int close(int file);
  }

  /**
   * Drops the file's pages and reads them again, in order. Pages that a process has mapped stay.
   *
   * @throws IOException if the file cannot be flushed or read
   */
  static void readInOrder(Path file) throws IOException {
    drop(file);
    byte[] piece = new byte[1 << 20];
    try (InputStream in = Files.newInputStream(file)) {
      while (in.read(piece) >= 0) {
        // Nothing is done with it.
      }
    }
  }

  private static void drop(Path file) throws IOException {
    try {
      int descriptor = C.LIBRARY.open(file.toString(), READ_ONLY);
      try {
        C.LIBRARY.fsync(descriptor); // what is not on the disk is not dropped
        int error = C.LIBRARY.posix_fadvise(descriptor, 0, 0, DONT_NEED);
        if (error != 0) {
          throw new IOException(file + ": posix_fadvise: error " + error);
        }
      } finally {
        C.LIBRARY.close(descriptor);
      }
    } catch (LastErrorException e) {
      throw new IOException(file.toString(), e);
    }
  }
}
