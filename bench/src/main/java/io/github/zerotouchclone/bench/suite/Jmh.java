package io.github.zerotouchclone.bench.suite;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.zerotouchclone.bench.measure.Measurement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Runs benchmarks of JMH in a JVM of their own, and reads what they found. */
final class Jmh {

  private Jmh() {}

  /**
   * Runs the methods of a class on the records of a run, with the collector's figures.
   *
   * @param methods a pattern of their names
   * @param file begins the name of the file that JMH writes
   * @param more arguments for it
   * @return JMH's results
   */
  static JsonNode run(
      Run run,
      Jdk jdk,
      Class<?> benchmark,
      String methods,
      int threads,
      String file,
      List<String> more)
      throws IOException {
    Path json =
        run.setting().out().resolve(file + "-jdk" + jdk.feature() + "-t" + threads + ".json");
    List<String> arguments = new ArrayList<>(run.size().jmh(threads));
    arguments.add(benchmark.getName().replace(".", "\\.") + "\\." + methods);
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
    arguments.addAll(more);
    run.lines(run.java(jdk, List.of(), "org.openjdk.jmh.Main", arguments));
    Files.writeString(json, run.portable(Files.readString(json)));
    return new ObjectMapper().readTree(json.toFile());
  }

  /** The method that a result is of. */
  static String method(JsonNode result) {
    String benchmark = result.get("benchmark").asText();
    return benchmark.substring(benchmark.lastIndexOf('.') + 1);
  }

  /** Notes the time of a result as {@code ID/RECORDS/tTHREADS}, and below it what it allocates. */
  static void add(Run run, Jdk jdk, String id, int threads, JsonNode result) {
    String name = id.substring(id.indexOf('/') + 1);
    String full = id + "/" + result.get("params").get("records").asText() + "/t" + threads;
    run.add(
        Measurement.absolute(
            full, jdk.feature(), name, "ns", values(result.get("primaryMetric").get("rawData"))));
    JsonNode allocation = result.get("secondaryMetrics").get("gc.alloc.rate.norm");
    if (allocation != null) {
      run.add(
          Measurement.absolute(
              full + "/alloc", jdk.feature(), name, "B", values(allocation.get("rawData"))));
    }
  }

  private static List<double[]> values(JsonNode forks) {
    List<double[]> processes = new ArrayList<>();
    for (JsonNode fork : forks) {
      double[] values = new double[fork.size()];
      Arrays.setAll(values, i -> fork.get(i).asDouble());
      processes.add(values);
    }
    return processes;
  }
}
