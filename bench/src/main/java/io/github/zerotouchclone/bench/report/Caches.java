package io.github.zerotouchclone.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The caches of a processor, as the kernel describes them.
 *
 * @param lastLevel bytes of the largest one, 0 if the kernel does not say
 */
record Caches(long lastLevel) {

  /** Where Linux describes the caches of the first core. */
  static final Path SYSTEM = Path.of("/sys/devices/system/cpu/cpu0/cache");

  /**
   * Reads a description.
   *
   * @param folder with a folder {@code indexN} for each cache
   * @throws IOException if it is there and cannot be read
   */
  static Caches of(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return new Caches(0);
    }
    List<Path> caches;
    try (Stream<Path> files = Files.list(folder)) {
      caches = files.map(cache -> cache.resolve("size")).filter(Files::exists).toList();
    }
    long largest = 0;
    for (Path size : caches) {
      largest = Math.max(largest, bytes(Files.readString(size).trim()));
    }
    return new Caches(largest);
  }

  private static long bytes(String size) {
    String number = size.replaceAll("[KMG]$", "");
    int shift = size.endsWith("K") ? 10 : size.endsWith("M") ? 20 : size.endsWith("G") ? 30 : 0;
    return Long.parseLong(number) << shift;
  }

  /** The size of a region in words, and how it compares with the last-level cache. */
  String compared(long bytes) {
    if (bytes == 0) {
      return "not made";
    }
    if (lastLevel == 0) {
      return mebibytes(bytes);
    }
    String times = String.format(Locale.ROOT, "%.1f", (double) bytes / lastLevel);
    String warning = bytes < lastLevel ? ": *random* stays in it" : "";
    return mebibytes(bytes) + ", " + times + " x the last-level cache" + warning;
  }

  /** Bytes in words. */
  static String mebibytes(long bytes) {
    return bytes == 0 ? "unknown" : Math.round(bytes / 1048576.0) + " MiB";
  }
}
