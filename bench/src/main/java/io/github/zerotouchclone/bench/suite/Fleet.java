package io.github.zerotouchclone.bench.suite;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Worker JVMs that live at the same time. */
final class Fleet implements AutoCloseable {

  private final List<Process> processes = new ArrayList<>();
  private final List<BufferedReader> answers = new ArrayList<>();
  private final List<Long> firstRecordNanos = new ArrayList<>();

  /**
   * What the kernel says about a worker.
   *
   * @param pssKb its share of all memory that it maps
   * @param privateKb what it alone maps
   */
  record Memory(long pssKb, long privateKb) {}

  /** A contender does not start; the message is its own. */
  static final class NotAvailable extends Exception {
    private static final long serialVersionUID = 1L;

    NotAvailable(String message) {
      super(message);
    }
  }

  /** Starts workers one after the other and waits until all have read every record. */
  Fleet(Run run, List<String> command, int workers) throws IOException, NotAvailable {
    run.note(command);
    try {
      for (int i = 0; i < workers; i++) {
        List<String> own = new ArrayList<>(command);
        own.add(Long.toString(System.nanoTime()));
        Process process = run.start(own);
        processes.add(process);
        answers.add(process.inputReader(StandardCharsets.UTF_8));
        firstRecordNanos.add(Long.parseLong(expect(i, "first")));
      }
      for (int i = 0; i < workers; i++) {
        expect(i, "ready");
      }
    } catch (IOException | NotAvailable | RuntimeException e) {
      close();
      throw e;
    }
  }

  /** The answer of a worker to what it was told; lines of libraries are passed over. */
  private String expect(int worker, String word) throws IOException, NotAvailable {
    for (String line = answers.get(worker).readLine();
        line != null;
        line = answers.get(worker).readLine()) {
      String[] parts = line.split(" ", 2);
      if (parts[0].equals(word)) {
        return parts.length > 1 ? parts[1] : "";
      }
      if (parts[0].equals("unavailable")) {
        throw new NotAvailable(parts[1]);
      }
    }
    throw new SuiteException("a worker ended instead of saying '" + word + "'", null);
  }

  /** From the start of each process to its first record. */
  double[] firstRecordMillis() {
    return firstRecordNanos.stream().mapToDouble(nanos -> nanos / 1e6).toArray();
  }

  List<Memory> memory() throws IOException {
    List<Memory> all = new ArrayList<>();
    for (Process process : processes) {
      Map<String, Long> sums = new TreeMap<>();
      for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/smaps_rollup"))) {
        String[] parts = line.trim().split("\\s+");
        if (parts.length == 3 && parts[2].equals("kB")) {
          sums.merge(parts[0], Long.parseLong(parts[1]), Long::sum);
        }
      }
      all.add(
          new Memory(sums.get("Pss:"), sums.get("Private_Clean:") + sums.get("Private_Dirty:")));
    }
    return all;
  }

  /** Records a second of all workers together, side by side for a while. */
  double rate(int millis) throws IOException, NotAvailable {
    for (Process process : processes) {
      process.outputWriter(StandardCharsets.US_ASCII).append(millis + "\n").flush();
    }
    double rate = 0;
    for (int i = 0; i < processes.size(); i++) {
      rate += Double.parseDouble(expect(i, "rate"));
    }
    return rate;
  }

  @Override
  public void close() throws IOException {
    for (Process process : processes) {
      process.getOutputStream().close();
    }
    for (Process process : processes) {
      try {
        process.waitFor();
      } catch (InterruptedException e) {
        process.destroyForcibly();
        Thread.currentThread().interrupt();
      }
    }
  }
}
