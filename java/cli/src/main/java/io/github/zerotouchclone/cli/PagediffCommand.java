package io.github.zerotouchclone.cli;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Hands its arguments to the harness, a program of its own, and ends as that does. */
@Command(
    name = "pagediff",
    description = {
      "Proves, page by page, what workers un-share: runs the harness, which has its own --help.",
      "",
      "The program is the file that ZTC_PAGEDIFF names, else pagediff beside ztc.jar, else the one"
          + " on PATH.",
      "",
    })
final class PagediffCommand implements Callable<Integer> {
  private static final String NAME = "pagediff";
  private static final String VARIABLE = "ZTC_PAGEDIFF";

  @Parameters(arity = "0..*", paramLabel = "ARGUMENT", description = "For the harness.")
  private List<String> arguments = List.of();

  @Override
  public Integer call() {
    return run(arguments);
  }

  /** The harness' exit code: 0 zero, 1 un-shared, 2 misused, 3 system failure, 4 inconclusive. */
  static int run(List<String> arguments) {
    List<String> command = new ArrayList<>(List.of(program().toString()));
    command.addAll(arguments);
    Harness harness = new Harness(command);
    try (Undo unlessDone = new Undo(harness::end)) {
      unlessDone.step(harness::start);
      return harness.waitFor();
    }
  }

  /** The harness, which ends when this process is told to end. */
  private static final class Harness {
    private final ProcessBuilder builder;
    private Process process; // once it runs

    Harness(List<String> command) {
      builder = new ProcessBuilder(command).inheritIO();
    }

    void start() {
      try {
        process = builder.start();
      } catch (IOException e) {
        throw Failure.system(e.getMessage());
      }
    }

    int waitFor() {
      try {
        return process.waitFor();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return ExitCode.SYSTEM;
      }
    }

    /**
     * Waits for it as long as it takes: a pool may have work to finish, its report is written after
     * that, and who kills the harness kills the pool.
     */
    void end() {
      if (process == null) {
        return;
      }
      process.destroy();
      try {
        process.waitFor();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static Path program() {
    String named = System.getenv(VARIABLE);
    if (named != null) {
      return Path.of(named);
    }
    Set<Path> places = places();
    for (Path place : places) {
      if (Files.isExecutable(place) && !Files.isDirectory(place)) {
        return place;
      }
    }
    throw Failure.system(
        "pagediff is not here; the build leaves it in native/target/cmake/bin, and "
            + VARIABLE
            + " names it. Looked for: "
            + String.join(", ", places.stream().map(Path::toString).toList()));
  }

  private static Set<Path> places() {
    Set<Path> places = new LinkedHashSet<>();
    try {
      Path jar =
          Path.of(
              PagediffCommand.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      places.add(jar.resolveSibling(NAME));
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
    String path = System.getenv("PATH");
    for (String folder : (path == null ? "" : path).split(File.pathSeparator)) {
      if (!folder.isEmpty()) {
        places.add(Path.of(folder, NAME));
      }
    }
    return places;
  }
}
