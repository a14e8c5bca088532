package io.github.zerotouchclone.bench.suite;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.zerotouchclone.bench.delivery.DeliveryBenchmark;
import java.io.IOException;
import java.util.List;

/** The delivery ladder, by JMH, with one thread and with two, and what each rung allocates. */
final class LadderSuite implements Suite {

  private static final int FIRST_WITH_FFM = 22;

  @Override
  public String name() {
    return "ladder";
  }

  @Override
  public void run(Run run) throws IOException {
    for (Jdk jdk : run.jdks()) {
      for (int threads : List.of(1, 2)) {
        ladder(run, jdk, threads);
      }
      if (jdk.feature() < FIRST_WITH_FFM) {
        run.unavailable(
            "java.lang.foreign (JDK " + jdk.feature() + ")", "it is there since JDK 22");
      }
    }
  }

  private static void ladder(Run run, Jdk jdk, int threads) throws IOException {
    run.say("ladder, " + threads + " thread(s), on JDK " + jdk.feature());
    // Neither choose nor anything else is left out but what the JDK does not have.
    String rungs = jdk.feature() < FIRST_WITH_FFM ? "(?!ffm)\\w+" : "\\w+";
    for (JsonNode result :
        Jmh.run(run, jdk, DeliveryBenchmark.class, rungs, threads, "ladder", List.of())) {
      Jmh.add(run, jdk, "ladder/" + Jmh.method(result), threads, result);
    }
  }
}
