package io.github.zerotouchclone.bench.suite;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.zerotouchclone.RegionWriter;
import io.github.zerotouchclone.bench.data.MailJobBean;
import io.github.zerotouchclone.bench.data.MailJobs;
import io.github.zerotouchclone.json.JsonRecords;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * A process that builds regions of mail jobs and prints a line {@code build RECORDS_A_SECOND
 * ADDED_A_SECOND MEGABYTES_A_SECOND LIVE_HEAP_KB ANONYMOUS_KB} for each. Making the source records
 * is not timed; adding them, finishing the file, flushing it to the disk and checking it is.
 */
public final class BuildMain {

  private static final int CHUNK = 1000;
  private static final int LOOKS = 10;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final JsonFactory PARSERS = new JsonFactory();

  private BuildMain() {}

  /** What is added. */
  enum Source {
    /** Maps and lists. */
    OBJECTS,
    /** Java records. */
    RECORDS,
    /** Beans. */
    BEANS,
    /** JSON lines, by the road that the documentation names for them. */
    JSON;

    /** The name in identifiers. */
    String id() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Source of(String id) {
      return valueOf(id.toUpperCase(Locale.ROOT));
    }
  }

  /**
   * Builds.
   *
   * @param args a source, the file, records, regions; {@code memory} to look at the heap meanwhile
   * @throws IOException if a file cannot be written
   */
  public static void main(String[] args) throws IOException {
    Source source = Source.of(args[0]);
    Path path = Path.of(args[1]);
    MailJobs jobs = new MailJobs(Long.parseLong(args[2]));
    boolean memory = args.length > 4 && args[4].equals("memory");
    for (int round = 0; round < Integer.parseInt(args[3]); round++) {
      build(jobs, path, source, memory);
    }
    Files.delete(path);
  }

  private static void build(MailJobs jobs, Path path, Source source, boolean memory)
      throws IOException {
    long adding = 0;
    long live = 0;
    long anonymous = 0;
    long text = 0;
    long finishing;
    Object[] chunk = new Object[CHUNK];
    try (RegionWriter writer = RegionWriter.create(path)) {
      for (long from = 0; from < jobs.count(); from += CHUNK) {
        int size = (int) Math.min(CHUNK, jobs.count() - from);
        byte[] lines = source == Source.JSON ? lines(jobs, from, size) : null;
        if (lines != null) {
          text += lines.length;
        } else {
          fill(chunk, jobs, from, size, source);
        }
        long start = System.nanoTime();
        if (lines != null) {
          try (JsonParser parser = PARSERS.createParser(lines)) {
            JsonRecords.addAll(writer, parser);
          }
        } else {
          for (int i = 0; i < size; i++) {
            writer.add(chunk[i]);
          }
        }
        adding += System.nanoTime() - start;
        if (memory && from / CHUNK % Math.max(1, jobs.count() / CHUNK / LOOKS) == 0) {
          live = Math.max(live, liveHeapKb());
          anonymous = Math.max(anonymous, anonymousKb());
        }
      }
      long start = System.nanoTime();
      writer.publish();
      finishing = System.nanoTime() - start;
    }
    double seconds = (adding + finishing) / 1e9;
    double bytes = source == Source.JSON ? text : Files.size(path);
    System.out.println(
        "build "
            + jobs.count() / seconds
            + " "
            + jobs.count() / (adding / 1e9)
            + " "
            + bytes / 1e6 / seconds
            + " "
            + live
            + " "
            + anonymous);
  }

  private static void fill(Object[] chunk, MailJobs jobs, long from, int size, Source source) {
    for (int i = 0; i < size; i++) {
      chunk[i] =
          switch (source) {
            case RECORDS -> jobs.job(from + i);
            case BEANS -> MailJobBean.of(jobs.job(from + i));
            default -> jobs.record(from + i);
          };
    }
  }

  private static byte[] lines(MailJobs jobs, long from, int size) throws IOException {
    ByteArrayOutputStream lines = new ByteArrayOutputStream();
    for (int i = 0; i < size; i++) {
      lines.write(JSON.writeValueAsBytes(jobs.record(from + i)));
      lines.write('\n');
    }
    return lines.toByteArray();
  }

  private static long liveHeapKb() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return (runtime.totalMemory() - runtime.freeMemory()) / 1024;
  }

  /**
   * What the process has in memory that is no file's: its heap, as far as it was touched, and all
   * native memory.
   */
  private static long anonymousKb() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("RssAnon:")) {
        return Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    throw new IOException("/proc/self/status has no line RssAnon");
  }
}
