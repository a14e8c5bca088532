package io.github.zerotouchclone.bench.suite;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.zerotouchclone.bench.measure.Measurement;
import io.github.zerotouchclone.bench.measure.Rounds;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Worker processes: their memory, how long until the first record, and how they scale. */
final class WorkerSuite implements Suite {

  private static final String OURS = "ztc";
  private static final List<String> CONTENDERS =
      List.of(
          OURS,
          "mapped+fory",
          "mapped+jsonb",
          "sparkey+fory",
          "lmdb+fory",
          "chronicle+fory",
          "heap-copy");

  /** With fewer, what all share would count as private. */
  private static final int COMPARED_WORKERS = 4;

  /** How often this library's workers are started for their memory; a peer's twice. */
  private static final int FLEETS = 6;

  private static final int PEERS_FLEETS = 2;

  @Override
  public String name() {
    return "workers";
  }

  @Override
  public void run(Run run) throws IOException {
    forked(run);
    for (Jdk jdk : run.jdks()) {
      jvms(run, jdk);
    }
  }

  // --------------------------------------------------------------------------------- forked C

  private static void forked(Run run) throws IOException {
    run.say("forked workers");
    List<String> command = new ArrayList<>();
    command.add(run.setting().nativeBin().resolve("ztc_workers").toString());
    command.add(run.files().region().toString());
    command.add(Integer.toString(run.size().rounds()));
    command.add(Integer.toString(run.size().windowMillis()));
    run.size().workers().forEach(workers -> command.add(workers.toString()));
    Map<Integer, List<JsonNode>> memory = new HashMap<>();
    Map<Integer, List<JsonNode>> rates = new HashMap<>();
    for (String line : run.lines(command)) {
      JsonNode node = new ObjectMapper().readTree(line);
      switch (node.get("what").asText()) {
        case "memory" ->
            memory.computeIfAbsent(node.get("workers").asInt(), n -> new ArrayList<>()).add(node);
        case "rate" ->
            rates.computeIfAbsent(node.get("workers").asInt(), n -> new ArrayList<>()).add(node);
        default ->
            run.add(
                Measurement.absolute(
                    "workers/open-faults",
                    0,
                    "opening the region",
                    "page faults",
                    List.of(new double[] {node.get("faults").asDouble()})));
      }
    }
    double regionKb = memory.get(1).get(0).get("region_bytes").asDouble() / 1024;
    double[] alone = totals(memory.get(1));
    for (int workers : run.size().workers()) {
      List<JsonNode> fleets = memory.get(workers);
      JsonNode each = fleets.get(0).get("each");
      double[] total = totals(fleets);
      String id = "workers/c/" + workers;
      run.add(absolute(id + "/pss", 0, "total PSS", "kB", total));
      run.add(absolute(id + "/private", 0, "private", "kB", column(each, "private_kb")));
      run.add(
          absolute(
              id + "/first", 0, "first record", "ms", scaled(column(each, "first_record_ns"))));
      run.add(totalPss(id, 0, regionKb, workers, alone, total));
      double[] copies = column(rates.get(workers), "copies");
      double[] memcpy = column(rates.get(workers), "memcpy");
      run.add(absolute(id + "/copies", 0, "ztc_copy", "copies/s", copies));
      run.add(absolute(id + "/memcpy", 0, "memcpy loop", "copies/s", memcpy));
      run.add(scaling(id + "/scaling", rates.get(1), rates.get(workers)));
    }
  }

  private static double[] totals(List<JsonNode> fleets) {
    return fleets.stream()
        .mapToDouble(fleet -> Arrays.stream(column(fleet.get("each"), "pss_kb")).sum())
        .toArray();
  }

  /**
   * The total over what it would be if each worker needed as much beyond the region as one alone.
   *
   * @param alone totals of a single worker, one for each fleet
   * @param total totals of so many
   */
  private static Measurement totalPss(
      String id, int jdk, double regionKb, int workers, double[] alone, double[] total) {
    double[] expected = new double[total.length];
    Arrays.setAll(expected, i -> regionKb + workers * (alone[i] - regionKb));
    return Measurement.ratio(
        id + "/total-pss",
        jdk,
        "total PSS",
        "the region once and the first worker's own, times " + workers,
        "kB",
        List.of(new Rounds(total, expected)));
  }

  /** How the copies of so many workers scale, over how a memcpy loop of as many does. */
  private static Measurement scaling(String id, List<JsonNode> one, List<JsonNode> many) {
    double[] ours = new double[many.size()];
    double[] loop = new double[many.size()];
    for (int i = 0; i < many.size(); i++) {
      ours[i] = many.get(i).get("copies").asDouble() / one.get(i).get("copies").asDouble();
      loop[i] = many.get(i).get("memcpy").asDouble() / one.get(i).get("memcpy").asDouble();
    }
    return Measurement.ratio(
        id, 0, "ztc_copy", "memcpy loop", "times one worker", List.of(new Rounds(ours, loop)));
  }

  // ------------------------------------------------------------------------------------- JVMs

  private static void jvms(Run run, Jdk jdk) throws IOException {
    Map<String, double[]> privateKb = new HashMap<>();
    double regionKb = Files.size(run.files().region()) / 1024.0;
    for (String contender : CONTENDERS) {
      boolean isOurs = contender.equals(OURS);
      double[] alone = {};
      for (int workers : run.size().workers()) {
        run.say(workers + " worker JVM(s) with " + contender + " on JDK " + jdk.feature());
        String id = "workers/" + contender + "/" + workers;
        int fleets = isOurs ? FLEETS : workers == COMPARED_WORKERS ? PEERS_FLEETS : 1;
        double[] total = new double[fleets];
        double[] own = new double[fleets * workers];
        try {
          for (int i = 0; i < fleets; i++) {
            try (Fleet fleet = new Fleet(run, command(run, jdk, contender), workers)) {
              List<Fleet.Memory> memory = fleet.memory();
              total[i] = memory.stream().mapToDouble(Fleet.Memory::pssKb).sum();
              for (int k = 0; k < workers; k++) {
                own[i * workers + k] = memory.get(k).privateKb();
              }
              if (i == 0) {
                speed(run, jdk, contender, id, fleet);
              }
            }
          }
        } catch (Fleet.NotAvailable e) {
          run.unavailable(id + " (JDK " + jdk.feature() + ")", e.getMessage());
          continue;
        }
        run.add(absolute(id + "/pss", jdk.feature(), "total PSS", "kB", total));
        run.add(absolute(id + "/private", jdk.feature(), "private", "kB", own));
        if (isOurs) {
          alone = workers == 1 ? total : alone;
          run.add(totalPss(id, jdk.feature(), regionKb, workers, alone, total));
        }
        if (workers == COMPARED_WORKERS) {
          privateKb.put(contender, Arrays.copyOf(own, PEERS_FLEETS * workers));
        }
      }
    }
    double[] ours = privateKb.remove(OURS);
    privateKb.forEach(
        (peer, theirs) ->
            run.add(
                Measurement.ratio(
                    "memory/" + peer,
                    jdk.feature(),
                    OURS,
                    peer,
                    "kB",
                    List.of(new Rounds(ours, theirs)))));
  }

  private static void speed(Run run, Jdk jdk, String contender, String id, Fleet fleet)
      throws IOException, Fleet.NotAvailable {
    run.add(
        absolute(id + "/first", jdk.feature(), "first record", "ms", fleet.firstRecordMillis()));
    double[] rates = new double[run.size().rounds()];
    for (int i = 0; i < rates.length; i++) {
      rates[i] = fleet.rate(run.size().windowMillis());
    }
    run.add(absolute(id + "/records", jdk.feature(), contender, "records/s", rates));
  }

  /** All have the same small heap but the one that must hold the records. */
  private static List<String> command(Run run, Jdk jdk, String contender) {
    boolean heap = contender.equals("heap-copy");
    int megabytes = heap ? Math.max(256, run.size().records() / 300) : 64;
    return run.java(
        jdk,
        List.of("-Xmx" + megabytes + "m", "-XX:+UseSerialGC"),
        WorkerMain.class.getName(),
        List.of(
            contender,
            "tree",
            run.setting().data().toString(),
            Integer.toString(run.size().records())));
  }

  // ---------------------------------------------------------------------------------- figures

  private static Measurement absolute(
      String id, int jdk, String name, String unit, double[] values) {
    return Measurement.absolute(id, jdk, name, unit, List.of(values));
  }

  private static double[] scaled(double[] nanos) {
    return Arrays.stream(nanos).map(value -> value / 1e6).toArray();
  }

  private static double[] column(Iterable<JsonNode> rows, String name) {
    List<Double> values = new ArrayList<>();
    rows.forEach(row -> values.add(row.get(name).asDouble()));
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }
}
