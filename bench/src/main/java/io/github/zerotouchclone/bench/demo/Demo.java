package io.github.zerotouchclone.bench.demo;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.zerotouchclone.RegionException;
import io.github.zerotouchclone.bench.data.DataSet;
import io.github.zerotouchclone.bench.data.MailJobs;
import io.github.zerotouchclone.bench.data.WordNet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The main job: two real regions, workers of three kinds, and the proof. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = {
      "Publishes WordNet 3.1 and generated mail jobs as regions, lets workers copy every record,",
      "and shows what that cost and which source pages it un-shared."
    })
public final class Demo implements Callable<Integer> {

  @Option(
      names = "--records",
      defaultValue = "1000000",
      description = "How many mail jobs (default ${DEFAULT-VALUE}).")
  private long records;

  @Option(
      names = "--workers",
      defaultValue = "4",
      description = "How many workers of each kind (default ${DEFAULT-VALUE}).")
  private int workers;

  @Option(names = "--pagediff", required = true, description = "The harness.")
  private Path pagediff;

  @Option(names = "--out", required = true, description = "A folder for regions and reports.")
  private Path out;

  private Demo() {}

  /**
   * Runs the demo.
   *
   * @param args see {@code --help}
   */
  public static void main(String[] args) {
    CommandLine commandLine =
        new CommandLine(new Demo())
            .setExecutionExceptionHandler(
                (exception, command, parsed) -> {
                  if (!(exception instanceof DemoException
                      || exception instanceof RegionException)) {
                    throw exception;
                  }
                  System.err.println("demo: " + exception.getMessage());
                  if (exception.getCause() != null) {
                    System.err.println("  because of " + exception.getCause());
                  }
                  return CommandLine.ExitCode.SOFTWARE;
                });
    System.exit(commandLine.execute(args));
  }

  @Override
  public Integer call() throws IOException {
    if (records < 1 || workers < 1) {
      throw new DemoException("--records and --workers must be at least 1.");
    }
    Files.createDirectories(out);
    List<DataSet> sets = List.of(WordNet.open(), new MailJobs(records));
    List<Path> regions = new ArrayList<>();
    for (DataSet set : sets) {
      Path region = out.resolve(set.name() + ".ztc").toAbsolutePath().normalize();
      Publisher.publish(set, region);
      Publisher.checkRoundTrip(set, region);
      regions.add(region);
    }

    PageDiff harness = new PageDiff(pagediff, out);
    List<JsonNode> runs = harness.verify(regions, workers);
    List<String> complaints = new ArrayList<>();
    for (int i = 0; i < sets.size(); i++) {
      List<JvmFleet.Worker> jvms = new JvmFleet(regions.get(i)).run(workers);
      Findings findings = new Findings(sets.get(i).name(), runs.get(i), jvms);
      System.out.println();
      System.out.print(findings.table());
      complaints.addAll(findings.complaints());
    }

    System.out.println();
    System.out.println(
        "Rates and growth are means of the workers. A JVM's growth includes what its compilers keep:");
    System.out.println("some MiB at most, whatever the number of records.");
    System.out.println("Page map of every worker: " + harness.html().toAbsolutePath().normalize());
    if (complaints.isEmpty()) {
      System.out.println(
          "No worker un-shared a source page of either region, and every control was caught.");
    } else {
      complaints.forEach(complaint -> System.err.println("demo: " + complaint));
    }
    return complaints.isEmpty() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
  }
}
