package io.github.zerotouchclone.bench.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs the harness over regions and reads its report ({@code native/harness/report-schema.md}). */
final class PageDiff {

  private final Path executable;
  private final Path text;
  private final Path json;
  private final Path html;

  PageDiff(Path executable, Path out) {
    this.executable = executable;
    text = out.resolve("pagediff.txt");
    json = out.resolve("pagediff.json");
    html = out.resolve("pagediff.html");
  }

  Path html() {
    return html;
  }

  /**
   * Audits forked workers, and the reference-counted control, over each region.
   *
   * @return one run for each region, in the same order
   */
  List<JsonNode> verify(List<Path> regions, int workers) {
    if (!Files.isExecutable(executable)) {
      throw new DemoException(
          "The harness " + executable + " is not built. Run Maven at the root of the repository.");
    }
    List<String> command = new ArrayList<>();
    command.add(executable.toString());
    command.add("verify");
    regions.forEach(region -> command.add(region.toString()));
    command.addAll(
        List.of(
            "--workers", Integer.toString(workers),
            "--json", json.toString(),
            "--html", html.toString()));
    try {
      Files.deleteIfExists(json);
      int status =
          new ProcessBuilder(command)
              .redirectOutput(text.toFile())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start()
              .waitFor();
      if (!Files.exists(json)) {
        throw new DemoException(
            "The harness ended with status "
                + status
                + " and left no report: "
                + String.join(" ", command));
      }
      List<JsonNode> runs = new ArrayList<>();
      new ObjectMapper().readTree(json.toFile()).path("runs").forEach(runs::add);
      if (runs.size() != regions.size()) {
        throw new DemoException(
            json + " reports on " + runs.size() + " regions instead of " + regions.size() + ".");
      }
      return runs;
    } catch (IOException e) {
      throw new DemoException("The harness could not be run: " + String.join(" ", command), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DemoException("The harness was interrupted.", e);
    }
  }
}
