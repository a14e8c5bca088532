package io.github.zerotouchclone.bench.report;

import io.github.zerotouchclone.bench.measure.Measurement;
import io.github.zerotouchclone.bench.peers.Contender;
import io.github.zerotouchclone.bench.peers.Contenders;
import io.github.zerotouchclone.bench.peers.Work;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Results as {@code report.md} and plots beside it. */
public final class Report {

  private static final Map<Integer, String> TITLES =
      Map.of(
          5, "Goals: speed (issue 5)",
          4, "Goals: Java values (issue 4)",
          0, "What the benchmarks demand of themselves");

  private final Results results;
  private final List<Goal> goals;
  private final StringBuilder text = new StringBuilder();
  private final Map<String, String> plots = new TreeMap<>();

  /**
   * Renders.
   *
   * @param results of a run
   * @param goals all of them
   */
  public Report(Results results, List<Goal> goals) {
    this.results = results;
    this.goals = goals;
    head();
    goals();
    for (int jdk : results.jdks()) {
      peers(jdk);
    }
    section("batches/", "Batches of 64 records: ours alone, and both");
    section("copies/", "Copies in Java against what the machine can do");
    ladder();
    section("values/", "Java values: ns and B allocated an operation, by threads");
    workers();
    section("build/", "Building");
    section("size/", "Size of the records");
    section("native/", "The C library");
    section("instructions/", "Instructions beyond memcpy");
    tail();
  }

  /** The report. */
  public String text() {
    return text.toString();
  }

  /** The plots by file name. */
  public Map<String, String> plots() {
    return Map.copyOf(plots);
  }

  /**
   * Writes everything.
   *
   * @param folder which exists
   */
  public void write(Path folder) throws IOException {
    Files.writeString(folder.resolve("report.md"), text());
    for (Map.Entry<String, String> plot : plots.entrySet()) {
      Files.writeString(folder.resolve(plot.getKey()), plot.getValue());
    }
  }

  private void head() {
    text.append("# Benchmarks, ").append(results.date()).append("\n\n");
    if (!results.quotable()) {
      text.append("**Size ").append(results.size());
      text.append(": shows that everything runs. These ratios are not for quoting.**\n\n");
    }
    text.append(
        "A ratio is the median of paired rounds (A B B A) with its 95 % bootstrap interval in");
    text.append(" brackets; a time is a median with the smallest and the largest round in");
    text.append(" parentheses. `bench/README.md` says more.\n\n");
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("commit", results.commit()));
    rows.add(List.of("size", results.size()));
    rows.add(List.of("command", "`" + results.command() + "`"));
    results.machine().forEach((name, value) -> rows.add(List.of(name, value)));
    results.versions().forEach((name, value) -> rows.add(List.of(name, value)));
    text.append(Text.table(List.of("", ""), rows));
  }

  // ------------------------------------------------------------------------------------- goals

  private void goals() {
    Map<Goal.Verdict, Integer> counts = new TreeMap<>();
    Plot plot =
        Plot.dots(
            "Measured over goal",
            "left of 1 is better than the goal; bars are 95 % intervals; worst case of each row");
    for (int issue : List.of(5, 4, 0)) {
      text.append("## ").append(TITLES.get(issue)).append("\n\n");
      List<List<String>> rows = new ArrayList<>();
      for (Goal goal : goals) {
        if (goal.issue() == issue) {
          for (Goal.Check check : goal.checks()) {
            check(goal, check, rows, plot, counts);
          }
        }
      }
      text.append(
          Text.table(
              List.of("work", "goal", "check", "JDK", "measured", "bound", "verdict"), rows));
      if (issue == 4) {
        text.append("![Measured over goal](goals.svg)\n\n");
      }
      causes(issue);
    }
    plots.put("goals.svg", plot.toString());
    List<String> summary = new ArrayList<>();
    counts.forEach((verdict, count) -> summary.add(count + " " + verdict.label()));
    text.append("Checks: ").append(String.join(", ", summary)).append(".\n\n");
  }

  /** Why what is not reached is not; checks with one cause together. */
  private void causes(int issue) {
    Map<String, List<String>> checks = new LinkedHashMap<>();
    for (Goal goal : goals) {
      for (Goal.Check check : goal.checks()) {
        if (goal.issue() == issue && isOpen(check)) {
          String cause = check.cause() == null ? "no cause is known" : check.cause();
          String name = goal.work() + ": " + check.what();
          checks.computeIfAbsent(cause, key -> new ArrayList<>()).add(name);
        }
      }
    }
    checks.forEach(
        (cause, names) -> {
          text.append("- ").append(String.join("; ", names));
          text.append(". **Cause:** ").append(cause).append(".\n");
        });
    text.append(checks.isEmpty() ? "" : "\n");
  }

  /** Whether some JDK missed a check, or cannot tell. */
  private boolean isOpen(Goal.Check check) {
    return results.measurements().stream()
        .filter(check::concerns)
        .map(Measurement::jdk)
        .distinct()
        .map(jdk -> check.judge(results.of(jdk)))
        .anyMatch(verdict -> verdict == Goal.Verdict.MISSED || verdict == Goal.Verdict.UNRESOLVED);
  }

  private void check(
      Goal goal,
      Goal.Check check,
      List<List<String>> rows,
      Plot plot,
      Map<Goal.Verdict, Integer> counts) {
    List<Integer> jdks = new ArrayList<>();
    results.measurements().stream()
        .filter(check::concerns)
        .map(Measurement::jdk)
        .distinct()
        .sorted()
        .forEach(jdks::add);
    if (jdks.isEmpty()) {
      rows.add(row(goal, check, "", "", Goal.Verdict.NOT_MEASURED));
      counts.merge(Goal.Verdict.NOT_MEASURED, 1, Integer::sum);
    }
    for (int jdk : jdks) {
      List<Measurement> all = results.of(jdk);
      Goal.Verdict verdict = check.judge(all);
      Measurement worst = check.worst(all);
      counts.merge(verdict, 1, Integer::sum);
      String name = jdk > 0 ? Integer.toString(jdk) : "";
      String measured = Text.interval(worst);
      // Where one check has several figures, which one it was.
      long figures = all.stream().filter(check::concerns).count();
      rows.add(
          row(
              goal,
              check,
              name,
              figures > 1 ? measured + " " + lastParts(worst.id()) : measured,
              verdict));
      if (goal.issue() > 0) {
        plot.row(dot(goal, check, name, worst, verdict));
      }
    }
  }

  private static List<String> row(
      Goal goal, Goal.Check check, String jdk, String measured, Goal.Verdict verdict) {
    String sign = check.is() == Goal.Side.AT_MOST ? "≤ " : "≥ ";
    String label = verdict.label();
    boolean first = goal.checks().get(0) == check;
    return List.of(
        first ? goal.work() : "",
        first ? goal.goal() : "",
        check.what(),
        jdk,
        measured,
        sign + Text.figure(check.bound()),
        verdict == Goal.Verdict.REACHED ? label : "**" + label + "**");
  }

  private static Plot.Row dot(
      Goal goal, Goal.Check check, String jdk, Measurement worst, Goal.Verdict verdict) {
    boolean most = check.is() == Goal.Side.AT_MOST;
    double value = most ? worst.estimate() / check.bound() : check.bound() / worst.estimate();
    double low = most ? worst.low() / check.bound() : check.bound() / worst.high();
    double high = most ? worst.high() / check.bound() : check.bound() / worst.low();
    String what = goal.work() + ": " + check.what();
    String label = what.length() > 64 ? what.substring(0, 63) + "…" : what;
    String kind =
        switch (verdict) {
          case REACHED -> "good";
          case MISSED -> "bad";
          default -> "open";
        };
    return new Plot.Row(
        label, value, low, high, kind, verdict.label() + (jdk.isEmpty() ? "" : ", JDK " + jdk));
  }

  private static String lastParts(String id) {
    String[] parts = id.split("/");
    return "(" + parts[parts.length - 2] + "/" + parts[parts.length - 1] + ")";
  }

  // ------------------------------------------------------------------------------------- peers

  private void peers(int jdk) {
    List<Measurement> all =
        results.of(jdk).stream().filter(m -> m.id().startsWith("peers/")).toList();
    if (all.isEmpty()) {
      return;
    }
    text.append("## Peers on JDK ").append(jdk).append("\n\n");
    for (Work work : Work.values()) {
      List<Measurement> of =
          all.stream().filter(m -> m.id().startsWith("peers/" + work.id() + "/")).toList();
      if (!of.isEmpty()) {
        peers(jdk, work, of);
      }
    }
  }

  private void peers(int jdk, Work work, List<Measurement> of) {
    List<List<String>> rows = new ArrayList<>();
    String title = "ns to " + work.label() + ", JDK " + jdk;
    Plot plot = Plot.bars(title, "medians; bars are the smallest and the largest round");
    for (Measurement measurement : of) {
      String peer = measurement.id().substring(measurement.id().lastIndexOf('/') + 1);
      Contender contender = Contenders.of(peer);
      // Where we do less than a full decode, which decode it is compared with.
      String name = measurement.id().split("/").length > 3 ? measurement.b().name() : peer;
      rows.add(
          List.of(
              name + (contender.role() == Contender.Role.LESS ? " (does less)" : ""),
              Text.spread(measurement.a()),
              Text.spread(measurement.b()),
              Text.interval(measurement),
              measurement.rounds() + " in " + measurement.a().processes().size()));
      Measurement.Side side = measurement.b();
      plot.row(
          new Plot.Row(
              name, side.median(), side.min(), side.max(), "other", Text.figure(side.median())));
    }
    Measurement.Side ours = of.get(0).a();
    plot.row(
        new Plot.Row(
            "this library",
            ours.median(),
            ours.min(),
            ours.max(),
            "ours",
            Text.figure(ours.median())));
    text.append("### ").append(work.label()).append("\n\n");
    text.append(
        Text.table(
            List.of("against", "ours, ns", "theirs, ns", "ours / theirs", "rounds in processes"),
            rows));
    String file = "peers-" + work.id() + "-jdk" + jdk + ".svg";
    plots.put(file, plot.toString());
    text.append("![").append(title).append("](").append(file).append(")\n\n");
  }

  // ------------------------------------------------------------------------- ladder and workers

  private void ladder() {
    for (int jdk : results.jdks()) {
      List<Measurement> all =
          results.of(jdk).stream()
              .filter(m -> m.id().startsWith("ladder/") && !m.id().endsWith("/alloc"))
              .toList();
      if (all.isEmpty()) {
        continue;
      }
      text.append("## Delivery ladder on JDK ").append(jdk).append("\n\n");
      Plot plot =
          Plot.bars("Delivery of a mail job, ns, JDK " + jdk, "one thread, the larger region");
      List<List<String>> rows = new ArrayList<>();
      String largest = all.stream().map(m -> m.id().split("/")[2]).reduce((a, b) -> b).orElse("");
      for (Measurement measurement : all) {
        String[] parts = measurement.id().split("/");
        String allocated =
            results.of(jdk).stream()
                .filter(m -> m.id().equals(measurement.id() + "/alloc"))
                .map(m -> Text.figure(Math.round(m.estimate() * 10) / 10.0))
                .findFirst()
                .orElse("");
        Measurement.Side side = measurement.a();
        rows.add(List.of(parts[1], parts[2], parts[3].substring(1), Text.spread(side), allocated));
        if (parts[2].equals(largest) && parts[3].equals("t1")) {
          boolean own = parts[1].startsWith("copy");
          plot.row(
              new Plot.Row(
                  parts[1],
                  side.median(),
                  side.min(),
                  side.max(),
                  own ? "ours" : "other",
                  Text.figure(side.median())));
        }
      }
      text.append(Text.table(List.of("rung", "records", "threads", "ns", "B allocated"), rows));
      plots.put("ladder-jdk" + jdk + ".svg", plot.toString());
      text.append("![Delivery ladder](ladder-jdk").append(jdk).append(".svg)\n\n");
    }
  }

  /** A row for each contender and number of workers; a column for each figure. */
  private void workers() {
    List<Integer> jdks = new ArrayList<>(results.jdks());
    jdks.add(0, 0);
    for (int jdk : jdks) {
      Map<String, Map<String, String>> cells = new java.util.LinkedHashMap<>();
      List<String> columns = new ArrayList<>();
      Plot plot =
          Plot.bars(
              "Private memory of a worker JVM, MB, JDK " + jdk,
              "medians of 4 workers over the same records; bars are the smallest and the largest");
      for (Measurement measurement : results.of(jdk)) {
        String[] parts = measurement.id().split("/");
        if (!parts[0].equals("workers") || parts.length != 4) {
          continue;
        }
        String column = parts[3] + ", " + measurement.unit();
        if (!columns.contains(column)) {
          columns.add(column);
        }
        boolean paired = measurement.b() != null;
        cells
            .computeIfAbsent(parts[1] + " × " + parts[2], key -> new TreeMap<>())
            .put(column, paired ? Text.interval(measurement) : Text.spread(measurement.a()));
        if (jdk > 0 && parts[2].equals("4") && parts[3].equals("private")) {
          Measurement.Side side = measurement.a();
          plot.row(
              new Plot.Row(
                  parts[1],
                  side.median() / 1024,
                  side.min() / 1024,
                  side.max() / 1024,
                  parts[1].equals("ztc") ? "ours" : "other",
                  Text.figure(side.median() / 1024)));
        }
      }
      if (cells.isEmpty()) {
        continue;
      }
      text.append(jdk == 0 ? "## Forked workers in C\n\n" : "## Worker JVMs, JDK " + jdk + "\n\n");
      List<String> head = new ArrayList<>(List.of("workers"));
      head.addAll(columns);
      List<List<String>> rows = new ArrayList<>();
      cells.forEach(
          (name, values) -> {
            List<String> row = new ArrayList<>(List.of(name));
            columns.forEach(column -> row.add(values.getOrDefault(column, "")));
            rows.add(row);
          });
      text.append(Text.table(head, rows));
      if (!plot.isEmpty()) {
        String file = "workers-jdk" + jdk + ".svg";
        plots.put(file, plot.toString());
        text.append("![Private memory of a worker JVM](").append(file).append(")\n\n");
      }
    }
  }

  // --------------------------------------------------------------------------------- the others

  private void section(String prefix, String title) {
    List<List<String>> rows = new ArrayList<>();
    for (Measurement measurement : results.measurements()) {
      // Of a native line, the ratio; what is derived from it stays in the raw results.
      boolean derived = measurement.id().matches("native/.*/(extra|ns|floor-ns|rate)");
      if (measurement.id().startsWith(prefix) && !derived) {
        boolean paired = measurement.b() != null;
        rows.add(
            List.of(
                measurement.id().substring(prefix.length()).replace("/", ", "),
                measurement.jdk() > 0 ? Integer.toString(measurement.jdk()) : "",
                Text.spread(measurement.a()) + " " + measurement.a().unit(),
                paired ? Text.spread(measurement.b()) : "",
                paired ? Text.interval(measurement) : ""));
      }
    }
    if (!rows.isEmpty()) {
      text.append("## ").append(title).append("\n\n");
      text.append(Text.table(List.of("what", "JDK", "ours", "compared with", "ratio"), rows));
    }
  }

  private void tail() {
    text.append("## What the contenders are\n\n");
    List<List<String>> rows = new ArrayList<>();
    for (Contender contender : Contenders.all()) {
      rows.add(List.of(contender.id(), contender.description()));
    }
    text.append(Text.table(List.of("name", "set up as"), rows));
    if (!results.unavailable().isEmpty()) {
      text.append("## Not available here\n\n");
      results
          .unavailable()
          .forEach(
              (what, reason) ->
                  text.append("- ").append(what).append(": ").append(reason).append('\n'));
      text.append('\n');
    }
    text.append("## Commands\n\n");
    text.append("```\n");
    results.commands().forEach(command -> text.append(String.join(" ", command)).append('\n'));
    text.append("```\n");
  }
}
