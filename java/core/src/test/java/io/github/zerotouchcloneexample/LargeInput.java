package io.github.zerotouchcloneexample;

import io.github.zerotouchclone.Region;
import io.github.zerotouchclone.RegionWriter;
import io.github.zerotouchclone.ZeroTouchClone;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;

/**
 * Writes records with keys that are more than this process may have memory for, and prints by how
 * many KiB its own memory grew from the first tenth of them to the last.
 */
public final class LargeInput {
  private LargeInput() {}

  /** Records that do not exist before somebody asks for them. */
  private static final class Records implements Iterator<Map<String, Object>> {
    private static final String TEXT = "some text ".repeat(14);

    private final long count;
    private long next;
    private long early;
    private long late;

    Records(long count) {
      this.count = count;
    }

    @Override
    public boolean hasNext() {
      return next < count;
    }

    @Override
    public Map<String, Object> next() {
      if (next == count) {
        throw new NoSuchElementException();
      }
      if (next == count / 10) {
        early = ownMemory();
      }
      if (next == count - 1) {
        late = ownMemory();
      }
      return Map.of("id", next++, "text", TEXT);
    }
  }

  public static void main(String[] arguments) {
    Path path = Path.of(arguments[0]);
    Records records = new Records(Long.parseLong(arguments[1]));
    try (RegionWriter writer = RegionWriter.create(path)) {
      writer.addAllKeyed(records, record -> "key " + record.get("id"), 2);
      System.out.println("grew by " + (records.late - records.early));
      writer.publish();
    }
    try (Region region = Region.open(path)) {
      long last = region.count() - 1;
      System.out.println("bytes " + region.size());
      System.out.println("last " + ZeroTouchClone.copyByKey(region, "key " + last).getLong("id"));
    }
  }

  /** KiB of memory that is in no file. */
  private static long ownMemory() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
        if (line.startsWith("RssAnon:")) {
          return Long.parseLong(line.replaceAll("\\D", ""));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    throw new IllegalStateException("no RssAnon");
  }
}
