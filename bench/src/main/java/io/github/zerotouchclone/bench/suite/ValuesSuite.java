package io.github.zerotouchclone.bench.suite;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.zerotouchclone.bench.delivery.ValuesBenchmark;
import java.io.IOException;
import java.util.List;

/** Records as Java values, by JMH, with one thread and with two, and what each way allocates. */
final class ValuesSuite implements Suite {

  @Override
  public String name() {
    return "values";
  }

  @Override
  public void run(Run run) throws IOException {
    for (Jdk jdk : run.jdks()) {
      for (int threads : List.of(1, 2)) {
        values(run, jdk, threads, List.of());
      }
    }
  }

  /**
   * Measures on one JDK.
   *
   * @param more arguments for JMH, to measure less
   */
  static void values(Run run, Jdk jdk, int threads, List<String> more) throws IOException {
    run.say("values, " + threads + " thread(s), on JDK " + jdk.feature());
    for (JsonNode result :
        Jmh.run(run, jdk, ValuesBenchmark.class, "\\w+", threads, "values", more)) {
      // One method reads for all contenders; the others are named as what they do.
      JsonNode task = result.get("params").get("task");
      String way = task == null ? "ztc-" + Jmh.method(result) : task.asText().replace('/', '-');
      Jmh.add(run, jdk, "values/" + way, threads, result);
    }
  }
}
