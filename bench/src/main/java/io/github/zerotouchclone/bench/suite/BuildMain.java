package io.github.zerotouchclone.bench.suite;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import io.github.zerotouchclone.RegionWriter;
import io.github.zerotouchclone.bench.data.MailJobs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * A process that builds regions of mail jobs and prints a line {@code build RECORDS_A_SECOND
 * ADDED_A_SECOND MEGABYTES_A_SECOND LIVE_HEAP_KB} for each. Making the source records is not timed;
 * adding them, finishing the file, flushing it to the disk and checking it is.
 */
public final class BuildMain {

  private static final int CHUNK = 1000;
  private static final int LOOKS = 10;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final ObjectReader TO_MAP = JSON.readerForMapOf(Object.class);

  private BuildMain() {}

  /**
   * Builds.
   *
   * @param args {@code objects} or {@code json}, the file, records, regions; {@code memory} to look
   *     at the heap meanwhile
   * @throws IOException if a file cannot be written
   */
  public static void main(String[] args) throws IOException {
    boolean json = args[0].equals("json");
    Path path = Path.of(args[1]);
    MailJobs jobs = new MailJobs(Long.parseLong(args[2]));
    boolean memory = args.length > 4 && args[4].equals("memory");
    for (int round = 0; round < Integer.parseInt(args[3]); round++) {
      build(jobs, path, json, memory);
    }
    Files.delete(path);
  }

  private static void build(MailJobs jobs, Path path, boolean json, boolean memory)
      throws IOException {
    long adding = 0;
    long live = 0;
    long source = 0;
    long finishing;
    Object[] chunk = new Object[CHUNK];
    try (RegionWriter writer = RegionWriter.create(path)) {
      for (long from = 0; from < jobs.count(); from += CHUNK) {
        int size = (int) Math.min(CHUNK, jobs.count() - from);
        source += fill(chunk, jobs, from, size, json);
        long start = System.nanoTime();
        for (int i = 0; i < size; i++) {
          writer.add(json ? parse((byte[]) chunk[i]) : chunk[i]);
        }
        adding += System.nanoTime() - start;
        if (memory && from / CHUNK % Math.max(1, jobs.count() / CHUNK / LOOKS) == 0) {
          live = Math.max(live, liveHeapKb());
        }
      }
      long start = System.nanoTime();
      writer.publish();
      finishing = System.nanoTime() - start;
    }
    double seconds = (adding + finishing) / 1e9;
    double bytes = json ? source : Files.size(path);
    System.out.println(
        "build "
            + jobs.count() / seconds
            + " "
            + jobs.count() / (adding / 1e9)
            + " "
            + bytes / 1e6 / seconds
            + " "
            + live);
  }

  private static long fill(Object[] chunk, MailJobs jobs, long from, int size, boolean json)
      throws IOException {
    long bytes = 0;
    for (int i = 0; i < size; i++) {
      Map<String, Object> record = jobs.record(from + i);
      chunk[i] = record;
      if (json) {
        byte[] line = JSON.writeValueAsBytes(record);
        chunk[i] = line;
        bytes += line.length + 1;
      }
    }
    return bytes;
  }

  private static Object parse(byte[] line) {
    try {
      return TO_MAP.readValue(line);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long liveHeapKb() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return (runtime.totalMemory() - runtime.freeMemory()) / 1024;
  }
}
