package io.github.zerotouchclone.bench.suite;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.zerotouchclone.bench.delivery.DeliveryBenchmark;
import io.github.zerotouchclone.bench.measure.Measurement;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

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
    Path json =
        run.setting().out().resolve("ladder-jdk" + jdk.feature() + "-t" + threads + ".json");
    List<String> arguments = new ArrayList<>(run.size().jmh());
    String pattern = DeliveryBenchmark.class.getName().replace(".", "\\.") + "\\.";
    // Neither choose nor anything else is left out but what the JDK does not have.
    arguments.add(jdk.feature() < FIRST_WITH_FFM ? pattern + "(?!ffm)\\w+" : pattern + "\\w+");
    String records =
        run.size().jmhRecords().stream().map(String::valueOf).collect(Collectors.joining(","));
    arguments.addAll(
        List.of(
            "-t",
            Integer.toString(threads),
            "-p",
            "records=" + records,
            "-p",
            "folder=" + run.setting().data(),
            "-prof",
            "gc",
            "-jvmArgsAppend",
            "-Xms1g -Xmx1g -XX:+AlwaysPreTouch",
            "-rf",
            "json",
            "-rff",
            json.toString()));
    run.lines(run.java(jdk, List.of(), "org.openjdk.jmh.Main", arguments));
    for (JsonNode result : new ObjectMapper().readTree(json.toFile())) {
      add(run, jdk, threads, result);
    }
  }

  private static void add(Run run, Jdk jdk, int threads, JsonNode result) {
    String benchmark = result.get("benchmark").asText();
    String rung = benchmark.substring(benchmark.lastIndexOf('.') + 1);
    String id =
        "ladder/" + rung + "/" + result.get("params").get("records").asText() + "/t" + threads;
    run.add(
        Measurement.absolute(
            id, jdk.feature(), rung, "ns", values(result.get("primaryMetric").get("rawData"))));
    JsonNode allocation = result.get("secondaryMetrics").get("gc.alloc.rate.norm");
    if (allocation != null) {
      run.add(
          Measurement.absolute(
              id + "/alloc", jdk.feature(), rung, "B", values(allocation.get("rawData"))));
    }
  }

  private static List<double[]> values(JsonNode forks) {
    List<double[]> processes = new ArrayList<>();
    for (JsonNode fork : forks) {
      double[] values = new double[fork.size()];
      java.util.Arrays.setAll(values, i -> fork.get(i).asDouble());
      processes.add(values);
    }
    return processes;
  }
}
