package io.github.zerotouchclone.bench.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What the workers of every tier did to one region.
 *
 * @param name the name of the data set
 * @param harness the run as the harness reports it
 * @param jvms the worker JVMs
 */
record Findings(String name, JsonNode harness, List<JvmFleet.Worker> jvms) {

  /** Reference counting touches each object, so all but a few pages of the control must show. */
  private static final double CONTROL_MUST_UNSHARE = 0.9;

  /** Returns what a person reads. */
  String table() {
    JsonNode region = harness.path("region");
    return String.format(
            Locale.ROOT,
            "%s: %,d records, %s%n",
            name,
            region.path("records").asLong(),
            Table.mebibytes(region.path("size").asLong()))
        + new Table()
            .row("", "records/s", "private growth", "source pages un-shared", "memory of all")
            .row("", "a worker", "a worker", "by the worst worker", "workers (PSS)")
            .row(forked("forked C workers, copying from the region", region))
            .row(forked("the same on reference-counted objects", harness.path("heap")))
            .row(jvmRow())
        + harness.path("heap_note").asText().transform(Findings::note);
  }

  /** Returns one sentence for each thing that is not as it must be. */
  List<String> complaints() {
    List<String> complaints = new ArrayList<>();
    if (!harness.path("verdict").path("outcome").asText().equals("zero")) {
      complaints.add(name + ": " + harness.path("verdict").path("sentence").asText());
    }
    long most = harness.path("region").path("unshared_pages_most").asLong(-1);
    if (most != 0) {
      complaints.add(
          String.format(
              Locale.ROOT, "%s: a forked C worker un-shared %,d source pages.", name, most));
    }
    JsonNode heap = harness.path("heap");
    long controlPages = heap.path("page_map").path("pages").asLong();
    long controlUnshared = heap.path("unshared_pages_most").asLong();
    if (controlPages == 0 || controlUnshared < CONTROL_MUST_UNSHARE * controlPages) {
      complaints.add(
          String.format(
              Locale.ROOT,
              "%s: the reference-counted control must un-share nearly all of its pages, but was"
                  + " seen to un-share %,d of %,d, so a zero proves nothing.",
              name,
              controlUnshared,
              controlPages));
    }
    for (int i = 0; i < jvms.size(); i++) {
      complain(i + 1, jvms.get(i), complaints);
    }
    return complaints;
  }

  private void complain(int number, JvmFleet.Worker worker, List<String> complaints) {
    if (worker.unshared() != 0) {
      complaints.add(
          String.format(
              Locale.ROOT,
              "%s: worker JVM %d un-shared %,d source pages.",
              name,
              number,
              worker.unshared()));
    }
    if (!worker.couldWrite()) {
      complaints.add(
          name
              + ": the kernel would have refused a write to the mapping of worker JVM "
              + number
              + ", so a zero says nothing about the code.");
    }
    if (worker.controlPages() == 0 || worker.controlCaught() != worker.controlPages()) {
      complaints.add(
          String.format(
              Locale.ROOT,
              "%s: %,d pages of worker JVM %d were written to as a control, but %,d were seen.",
              name,
              worker.controlPages(),
              number,
              worker.controlCaught()));
    }
  }

  private static String note(String text) {
    return text.isEmpty() ? "" : "  Reference-counted objects: " + text + "\n";
  }

  private static String[] forked(String title, JsonNode side) {
    long pages = side.path("page_map").path("pages").asLong();
    return new String[] {
      title,
      Table.count(side.path("records_per_second").asDouble()),
      Table.mebibytes(side.path("private_growth_kb").asDouble() * 1024),
      Table.pages(side.path("unshared_pages_most").asLong(), pages),
      Table.mebibytes(side.path("total_pss_kb").asDouble() * 1024)
    };
  }

  private String[] jvmRow() {
    double rate =
        jvms.stream()
            .mapToDouble(worker -> worker.records() / worker.seconds())
            .average()
            .orElse(0);
    double growth = jvms.stream().mapToLong(JvmFleet.Worker::growthKb).average().orElse(0);
    long unshared = jvms.stream().mapToLong(JvmFleet.Worker::unshared).max().orElse(0);
    long pages = jvms.stream().mapToLong(JvmFleet.Worker::pages).max().orElse(0);
    long pss = jvms.stream().mapToLong(JvmFleet.Worker::pssKb).sum();
    return new String[] {
      "JVM workers, copying to Java objects",
      Table.count(rate),
      Table.mebibytes(growth * 1024),
      Table.pages(unshared, pages),
      Table.mebibytes(pss * 1024.0)
    };
  }
}
