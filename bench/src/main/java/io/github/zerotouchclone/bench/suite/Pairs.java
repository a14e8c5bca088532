package io.github.zerotouchclone.bench.suite;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.zerotouchclone.bench.measure.Measurement;
import io.github.zerotouchclone.bench.measure.Rounds;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Measures pairs of tasks, each in processes of its own. */
final class Pairs {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Run run;
  private final String suite;

  /** For a suite, at its start: from here on all files are in the page cache alike. */
  Pairs(Run run, String suite) throws IOException {
    this.run = run;
    this.suite = suite;
    run.files().readInOrder();
  }

  /**
   * Measures the ratio a / b and notes it.
   *
   * @param id of the measurement
   * @param hot how many records are visited, 0 for all
   */
  void measure(Jdk jdk, String id, String a, String b, int hot) throws IOException {
    run.say(id + " on JDK " + jdk.feature());
    Size size = run.size();
    List<Rounds> processes = new ArrayList<>();
    for (int i = 0; i < size.processes(); i++) {
      List<String> lines = run.lines(command(jdk, a, b, hot));
      line(lines, PairMain.PAGES)
          .properties()
          .forEach(file -> run.mapped(suite, file.getKey(), file.getValue().asInt()));
      JsonNode answer = line(lines, PairMain.ROUNDS);
      if (answer.has("unavailable")) {
        run.unavailable(id + " (JDK " + jdk.feature() + ")", answer.get("unavailable").asText());
        return;
      }
      processes.add(
          new Rounds(
              JSON.convertValue(answer.get("a"), double[].class),
              JSON.convertValue(answer.get("b"), double[].class)));
    }
    run.add(Measurement.ratio(id, jdk.feature(), a, b, "ns", processes));
  }

  private List<String> command(Jdk jdk, String a, String b, int hot) {
    Size size = run.size();
    // Objects of a million records need some 2 GiB; all others the same small heap, touched before.
    boolean heap = (a + b).contains("heap-copy");
    String memory = heap ? Math.max(1024, size.records() / 200) + "m" : "1g";
    return run.java(
        jdk,
        List.of("-Xms" + memory, "-Xmx" + memory, "-XX:+AlwaysPreTouch"),
        PairMain.class.getName(),
        List.of(
            a,
            b,
            run.setting().data().toString(),
            Integer.toString(size.records()),
            Integer.toString(hot),
            Integer.toString(size.rounds()),
            Integer.toString(size.sliceMillis()),
            Integer.toString(size.warmUpMillis())));
  }

  private static JsonNode line(List<String> lines, String mark) throws IOException {
    for (String line : lines) {
      if (line.startsWith(mark)) {
        return JSON.readTree(line.substring(mark.length()));
      }
    }
    throw new SuiteException("a measuring process printed no " + mark + "line: " + lines, null);
  }
}
