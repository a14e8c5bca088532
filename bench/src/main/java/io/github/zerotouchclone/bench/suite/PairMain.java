package io.github.zerotouchclone.bench.suite;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.zerotouchclone.bench.measure.Paired;
import io.github.zerotouchclone.bench.measure.Task;
import io.github.zerotouchclone.bench.peers.RecordFiles;
import io.github.zerotouchclone.bench.peers.UnavailableException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * A process that measures one pair of tasks and nothing else, so that no third one has a part in
 * what the compiler knows of their code. Prints lines of JSON: the rounds, or why it cannot; and
 * how the files were mapped.
 */
public final class PairMain {

  /** Begins the line with the rounds; libraries may print to standard output as well. */
  static final String ROUNDS = "ROUNDS ";

  /** Begins the line that says which part of each file was mapped by huge pages. */
  static final String PAGES = "PAGES ";

  private PairMain() {}

  /**
   * Measures.
   *
   * @param args the tasks a and b, folder of the data, records, hot records or 0, rounds,
   *     milliseconds a slice, milliseconds of warm-up
   * @throws IOException if the data cannot be read
   */
  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args[2]);
    RecordFiles files = new RecordFiles(folder, Integer.parseInt(args[3]));
    int hot = Integer.parseInt(args[4]);
    Tasks tasks = new Tasks(files, hot);
    Paired paired =
        new Paired(
            Integer.parseInt(args[5]),
            Long.parseLong(args[6]) * 1_000_000,
            Long.parseLong(args[7]) * 1_000_000);
    Object answer;
    try {
      Task a = tasks.open(args[0]);
      Task b = tasks.open(args[1]);
      // Every page is in the page tables before anything is timed.
      a.run(0, roundUp(files.count(), tasks.batchOf(args[0])));
      b.run(0, roundUp(files.count(), tasks.batchOf(args[1])));
      int batch = Math.max(tasks.batchOf(args[0]), tasks.batchOf(args[1]));
      boolean inOrder = hot == 0 && !Tasks.isScan(args[0]);
      answer = paired.run(a, b, batch, inOrder ? files.count() : 0);
    } catch (UnavailableException e) {
      answer = Map.of("unavailable", e.getMessage());
    }
    ObjectMapper json = new ObjectMapper();
    System.out.println(PAGES + json.writeValueAsString(HugePages.ofThisProcess(folder)));
    System.out.println(ROUNDS + json.writeValueAsString(answer));
    System.exit(0);
  }

  private static int roundUp(int count, int batch) {
    return (count + batch - 1) / batch * batch;
  }
}
