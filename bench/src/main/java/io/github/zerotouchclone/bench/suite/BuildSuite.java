package io.github.zerotouchclone.bench.suite;

import io.github.zerotouchclone.bench.data.MailJobs;
import io.github.zerotouchclone.bench.measure.Measurement;
import io.github.zerotouchclone.bench.measure.Rounds;
import io.github.zerotouchclone.bench.peers.Sizes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Building a region: how fast, in how much memory, and how large it is. */
final class BuildSuite implements Suite {

  /** Small on purpose: a heap that grew with the records would not do. */
  private static final List<String> HEAP = List.of("-Xms96m", "-Xmx96m", "-XX:+UseSerialGC");

  private static final int MEMORY_PROCESSES = 6;

  @Override
  public String name() {
    return "build";
  }

  @Override
  public void run(Run run) throws IOException {
    for (Jdk jdk : run.jdks()) {
      for (BuildMain.Source source : BuildMain.Source.values()) {
        rates(run, jdk, source.id());
      }
      memory(run, jdk);
    }
    sizes(run);
  }

  private static void rates(Run run, Jdk jdk, String source) {
    run.say("building from " + source + " on JDK " + jdk.feature());
    List<double[]> total = new ArrayList<>();
    List<double[]> adding = new ArrayList<>();
    List<double[]> megabytes = new ArrayList<>();
    for (int i = 0; i < run.size().processes(); i++) {
      // The first two warm up.
      List<double[]> builds =
          builds(run, jdk, source, run.size().buildRecords(), run.size().rounds() + 2, false);
      List<double[]> warm = builds.subList(2, builds.size());
      total.add(warm.stream().mapToDouble(build -> build[0]).toArray());
      adding.add(warm.stream().mapToDouble(build -> build[1]).toArray());
      megabytes.add(warm.stream().mapToDouble(build -> build[2]).toArray());
    }
    String id = "build/" + source;
    run.add(Measurement.absolute(id + "/records", jdk.feature(), source, "records/s", total));
    run.add(
        Measurement.absolute(
            id + "/added", jdk.feature(), source + ", not finished", "records/s", adding));
    run.add(Measurement.absolute(id + "/megabytes", jdk.feature(), source, "MB/s", megabytes));
  }

  /** Memory while ten times as many records are added, over that of the fewer. */
  private static void memory(Run run, Jdk jdk) {
    run.say("memory of building on JDK " + jdk.feature());
    List<double[]> many = new ArrayList<>();
    List<double[]> few = new ArrayList<>();
    int records = run.size().buildRecords();
    for (int i = 0; i < MEMORY_PROCESSES; i++) {
      few.add(builds(run, jdk, "objects", records, 1, true).get(0));
      many.add(builds(run, jdk, "objects", 10 * records, 1, true).get(0));
    }
    memory(run, jdk, "build/heap", many, few, 3);
    memory(run, jdk, "build/anonymous", many, few, 4);
  }

  private static void memory(
      Run run, Jdk jdk, String id, List<double[]> many, List<double[]> few, int field) {
    int records = run.size().buildRecords();
    run.add(
        Measurement.ratio(
            id,
            jdk.feature(),
            10 * records + " records",
            records + " records",
            "kB",
            List.of(
                new Rounds(
                    many.stream().mapToDouble(build -> build[field]).toArray(),
                    few.stream().mapToDouble(build -> build[field]).toArray()))));
  }

  private static List<double[]> builds(
      Run run, Jdk jdk, String source, int records, int regions, boolean memory) {
    List<String> command = new ArrayList<>(onOneCore());
    command.addAll(
        run.java(
            jdk,
            HEAP,
            BuildMain.class.getName(),
            List.of(
                source,
                run.setting().data().resolve("build.ztc").toString(),
                Integer.toString(records),
                Integer.toString(regions),
                memory ? "memory" : "rate")));
    return run.lines(command).stream()
        .filter(line -> line.startsWith("build "))
        .map(
            line ->
                Stream.of(line.substring("build ".length()).split(" "))
                    .mapToDouble(Double::parseDouble)
                    .toArray())
        .toList();
  }

  /** One core for everything: encoding, compiling, collecting. */
  private static List<String> onOneCore() {
    return Files.isExecutable(Path.of("/usr/bin/taskset"))
        ? List.of("/usr/bin/taskset", "-c", "0")
        : List.of();
  }

  private static void sizes(Run run) throws IOException {
    run.say("sizes");
    MailJobs jobs = run.files().jobs();
    for (Map.Entry<String, Double> size : Sizes.bytesARecord(run.files()).entrySet()) {
      run.add(
          Measurement.absolute(
              "size/" + size.getKey(),
              0,
              size.getKey(),
              "B a record",
              List.of(new double[] {size.getValue()})));
    }
    run.say(jobs.count() + " records measured");
  }
}
