package io.github.zerotouchclone.bench.suite;

import io.github.zerotouchclone.bench.peers.Contenders;
import io.github.zerotouchclone.bench.peers.Reader;
import io.github.zerotouchclone.bench.peers.RecordFiles;
import io.github.zerotouchclone.bench.peers.UnavailableException;
import io.github.zerotouchclone.bench.peers.Work;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * A worker JVM over the records: says {@code first NANOSECONDS} when it has its first record, reads
 * all of them once in random order and says {@code ready}, and then, for every line {@code
 * MILLISECONDS} that it is given, reads for so long and says {@code rate RECORDS_A_SECOND}. It ends
 * with its standard input, so its memory can be looked at until then.
 */
public final class WorkerMain {

  private static Object sink;

  private WorkerMain() {}

  /**
   * Works.
   *
   * @param args contender, work, folder of the data, records, {@code System.nanoTime()} of the
   *     parent when it started this process: the clock is one for the whole machine
   * @throws IOException if the data cannot be read
   */
  public static void main(String[] args) throws IOException {
    RecordFiles files = new RecordFiles(Path.of(args[2]), Integer.parseInt(args[3]));
    BufferedReader parent =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    try (Reader reader = Contenders.of(args[0]).open(files, Work.of(args[1]))) {
      sink = reader.read(files.count() / 2);
      System.out.println("first " + (System.nanoTime() - Long.parseLong(args[4])));
      int[] order = Tasks.order(files.count(), 0);
      read(reader, order, 0, order.length);
      System.gc();
      System.out.println("ready");
      int at = 0;
      for (String line = parent.readLine(); line != null; line = parent.readLine()) {
        long window = Long.parseLong(line) * 1_000_000;
        long start = System.nanoTime();
        long done = 0;
        while (System.nanoTime() - start < window) {
          read(reader, order, at, 100);
          at = (at + 100) % order.length;
          done += 100;
        }
        System.out.println("rate " + done * 1e9 / (System.nanoTime() - start));
      }
    } catch (UnavailableException e) {
      System.out.println("unavailable " + e.getMessage().replace('\n', ' '));
    }
    System.exit(sink == null ? 1 : 0);
  }

  private static void read(Reader reader, int[] order, int from, int count) throws IOException {
    Object last = null;
    int at = from;
    for (int i = 0; i < count; i++) {
      last = reader.read(order[at]);
      at = at + 1 == order.length ? 0 : at + 1;
    }
    sink = last;
  }
}
