package io.github.zerotouchclone.bench.suite;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.zerotouchclone.bench.measure.Measurement;
import io.github.zerotouchclone.bench.measure.Rounds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The C library's own benchmarks: {@code native/bench} measures, this suite reads. */
final class NativeSuite implements Suite {

  @Override
  public String name() {
    return "native";
  }

  @Override
  public void run(Run run) throws IOException {
    Path json = run.setting().out().resolve("native.jsonl");
    Path data = run.setting().data().resolve("native");
    Files.createDirectories(data);
    run.say("native suite");
    run.lines(
        List.of(
            run.setting().nativeBin().resolve("ztc_bench").toString(),
            "--directory",
            data.toString(),
            "--megabytes",
            Integer.toString(run.size().nativeMegabytes()),
            "--rounds",
            Integer.toString(run.size().rounds()),
            "--json",
            json.toString()));
    for (String line : Files.readAllLines(json)) {
      add(run, new ObjectMapper().readTree(line));
    }
  }

  /** A line of the table is a ratio, a difference, and two rates; or a count. */
  private static void add(Run run, JsonNode line) {
    String what = line.get("what").asText();
    if (line.has("count")) {
      String id = "native/" + slug(line.get("table").asText()) + "/" + slug(what);
      double count = line.get("count").asDouble();
      run.add(Measurement.absolute(id, 0, what, "", List.of(new double[] {count})));
      return;
    }
    String floor = line.get("floor").asText();
    String id = "native/" + slug(line.get("table").asText()) + "/" + slug(what) + "/" + slug(floor);
    double[] a = values(line.get("ns"));
    double[] b = values(line.get("floor_ns"));
    List<Rounds> rounds = List.of(new Rounds(a, b));
    run.add(Measurement.ratio(id, 0, what, floor, "ns", rounds));
    run.add(Measurement.difference(id + "/extra", 0, what, floor, "ns", rounds));
    run.add(Measurement.absolute(id + "/ns", 0, what, "ns", List.of(a)));
    run.add(Measurement.absolute(id + "/floor-ns", 0, floor, "ns", List.of(b)));
    double bytes = line.get("bytes").asDouble();
    if (bytes > 0) {
      double[] rate = Arrays.stream(a).map(ns -> bytes / ns).toArray();
      run.add(Measurement.absolute(id + "/rate", 0, what, "GB/s", List.of(rate)));
    }
  }

  private static double[] values(JsonNode array) {
    double[] values = new double[array.size()];
    Arrays.setAll(values, i -> array.get(i).asDouble());
    return values;
  }

  /** Words as a part of an identifier. */
  static String slug(String words) {
    return words.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
  }
}
