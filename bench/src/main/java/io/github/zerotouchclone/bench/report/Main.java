package io.github.zerotouchclone.bench.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.github.zerotouchclone.ZeroTouchClone;
import io.github.zerotouchclone.bench.suite.Jdk;
import io.github.zerotouchclone.bench.suite.Run;
import io.github.zerotouchclone.bench.suite.Size;
import io.github.zerotouchclone.bench.suite.Suite;
import io.github.zerotouchclone.bench.suite.SuiteException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The whole of a run: measures, writes the raw results, renders the report. */
@Command(
    name = "bench/run",
    mixinStandardHelpOptions = true,
    description = {
      "Measures this library, its peers and the floors on the same records, and writes raw results",
      "and a report to bench/results/<date>/."
    })
public final class Main implements Callable<Integer> {

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  @Option(
      names = "--size",
      defaultValue = "small",
      description =
          "small: minutes, not for quoting; on a quiet machine, medium: less than an hour,"
              + " full: hours.")
  private String size;

  @Option(
      names = "--only",
      split = ",",
      description =
          "Suites: native, instructions, peers, copies, ladder, values, workers, build (default: all).")
  private List<String> only;

  @Option(
      names = "--jdk",
      description = "Home of a JDK that measures; may be repeated (default: the one that runs).")
  private List<Path> jdkHomes;

  @Option(
      names = "--out",
      description =
          "Folder of the results. If it has some of the same commit and size, these are added to.")
  private Path out;

  @Option(names = "--data", description = "Folder of regions and stores, kept for the next run.")
  private Path data;

  @Option(names = "--render", description = "Only renders the results.json in this folder again.")
  private Path render;

  @Option(names = "--root", required = true, hidden = true)
  private Path root;

  @Option(names = "--native-bin", required = true, hidden = true)
  private Path nativeBin;

  @Option(names = "--native-lib", required = true, hidden = true)
  private Path nativeLib;

  @Option(names = "--command", defaultValue = "bench/run", hidden = true)
  private String command;

  private Main() {}

  /**
   * Runs.
   *
   * @param args see {@code --help}
   */
  public static void main(String[] args) {
    System.exit(execute(args));
  }

  static int execute(String... args) {
    return new CommandLine(new Main())
        .setExecutionExceptionHandler(
            (exception, commandLine, parsed) -> {
              if (!(exception instanceof SuiteException
                  || exception instanceof IllegalArgumentException)) {
                throw exception;
              }
              System.err.println("bench: " + exception.getMessage());
              return CommandLine.ExitCode.SOFTWARE;
            })
        .execute(args);
  }

  @Override
  public Integer call() throws IOException {
    if (render != null) {
      write(JSON.readValue(render.resolve("results.json").toFile(), Results.class), render);
      return CommandLine.ExitCode.OK;
    }
    LocalDateTime start = LocalDateTime.now().truncatedTo(ChronoUnit.SECONDS);
    Size chosen = Size.of(size);
    List<Suite> suites = chosenSuites();
    List<Jdk> jdks = new ArrayList<>();
    for (Path home :
        jdkHomes == null ? List.of(Path.of(System.getProperty("java.home"))) : jdkHomes) {
      jdks.add(Jdk.at(home));
    }
    String stamp = start.toString().replace(":", "");
    Path folder = out != null ? out : root.resolve("bench/results").resolve(stamp);
    Path files = data != null ? data : root.resolve("bench/target/data");
    Files.createDirectories(folder);
    Files.createDirectories(files);
    Run run =
        new Run(
            chosen,
            jdks,
            new Run.Setting(
                root.toAbsolutePath().normalize(),
                files.toAbsolutePath(),
                folder.toAbsolutePath(),
                nativeBin.toAbsolutePath(),
                nativeLib.toAbsolutePath(),
                root.resolve("bench/jvm-options").toAbsolutePath(),
                root.resolve("native/bench/callgrind-gate").toAbsolutePath(),
                System.getProperty("java.class.path")));
    Caches caches = Caches.of(Caches.SYSTEM);
    Path file = folder.resolve("results.json");
    Results earlier = Files.exists(file) ? JSON.readValue(file.toFile(), Results.class) : null;
    Map<String, String> failures = new LinkedHashMap<>();
    List<String> names = new ArrayList<>();
    Map<String, String> loads = new LinkedHashMap<>();
    String commit = commit();
    Results results = null;
    for (Suite suite : suites) {
      loads.put("load before suite " + suite.name(), load());
      try {
        suite.run(run);
      } catch (IOException | RuntimeException e) {
        // The others go on, and the report says which goals are not measured because of it.
        System.err.println("bench: " + suite.name() + ": " + e);
        failures.put(Results.FAILED_SUITE + suite.name(), e.toString());
      }
      names.add(suite.name());
      Map<String, String> unavailable = new LinkedHashMap<>(failures);
      unavailable.putAll(run.unavailable());
      unavailable.replaceAll((what, reason) -> run.portable(reason));
      results =
          new Results(
              start.toString(),
              chosen.name(),
              chosen.isQuotable(),
              commit,
              machine(caches, run, loads),
              versions(jdks),
              run.portable(command.replace('_', ' ')),
              run.commands(),
              run.measurements(),
              unavailable);
      if (earlier != null) {
        results = earlier.followedBy(results, names);
      }
      // After each suite: a run that is ended early leaves what it has.
      JSON.writeValue(file.toFile(), results);
      write(results, folder);
    }
    return failures.isEmpty() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
  }

  private static void write(Results results, Path folder) throws IOException {
    new Report(results, Goal.all()).write(folder);
    System.out.println("bench: the report is " + folder.resolve("report.md").toAbsolutePath());
  }

  private List<Suite> chosenSuites() {
    List<String> names = Suite.all().stream().map(Suite::name).toList();
    if (only == null) {
      return Suite.all();
    }
    for (String name : only) {
      if (!names.contains(name)) {
        throw new IllegalArgumentException("no suite " + name + "; there are " + names);
      }
    }
    return Suite.all().stream().filter(suite -> only.contains(suite.name())).toList();
  }

  // --------------------------------------------------------------------------- where it was taken

  private String commit() throws IOException {
    String hash = output("git", "-C", root.toString(), "rev-parse", "--short=12", "HEAD");
    String changes =
        output("git", "-C", root.toString(), "status", "--porcelain", "--untracked-files=no");
    return hash.isEmpty() ? "unknown" : changes.isEmpty() ? hash : hash + ", with changes";
  }

  private static Map<String, String> machine(Caches caches, Run run, Map<String, String> loads)
      throws IOException {
    Map<String, String> machine = new LinkedHashMap<>();
    machine.put("processor", field(Path.of("/proc/cpuinfo"), "model name"));
    machine.put("cores", Integer.toString(Runtime.getRuntime().availableProcessors()));
    machine.put("memory", field(Path.of("/proc/meminfo"), "MemTotal"));
    machine.put("last-level cache", Caches.mebibytes(caches.lastLevel()));
    machine.put("region of the mail jobs", caches.compared(run.regionBytes()));
    machine.put("regions of the C library's suite", caches.compared(run.nativeRegionBytes()));
    machine.put("kernel", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    machine.putAll(loads);
    machine.put("load when it ended", load());
    machine.put(
        "huge pages",
        Files.exists(Path.of("/sys/kernel/mm/transparent_hugepage/enabled"))
            ? Files.readString(Path.of("/sys/kernel/mm/transparent_hugepage/enabled")).trim()
            : "unknown");
    run.mapped()
        .forEach((suite, files) -> machine.put("mapped by huge pages, suite " + suite, files));
    return machine;
  }

  private static String load() throws IOException {
    return Files.readString(Path.of("/proc/loadavg")).trim();
  }

  private static Map<String, String> versions(List<Jdk> jdks) {
    Map<String, String> versions = new LinkedHashMap<>();
    for (Jdk jdk : jdks) {
      versions.put("JDK " + jdk.feature(), jdk.version());
    }
    versions.put("ztc", ZeroTouchClone.nativeLibrary().replaceAll(" from .*", ""));
    versions.put("gcc", output("gcc", "-dumpfullversion"));
    // Peers' versions are in the names of their jars.
    for (String entry : System.getProperty("java.class.path").split(":")) {
      String jar = Path.of(entry).getFileName().toString();
      if (jar.matches(
          "(fory-core|kryo|fastjson2|sparkey|lmdbjava|chronicle-map|jmh-core|jna)-.*")) {
        versions.put(
            jar.replaceAll("-\\d.*", ""), jar.replaceAll("^.*?-(?=\\d)", "").replace(".jar", ""));
      }
    }
    return versions;
  }

  private static String field(Path file, String name) throws IOException {
    try (Stream<String> lines = Files.lines(file)) {
      return lines
          .filter(line -> line.startsWith(name))
          .map(line -> line.substring(line.indexOf(':') + 1).trim())
          .findFirst()
          .orElse("unknown");
    }
  }

  private static String output(String... command) {
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).trim();
    } catch (IOException e) {
      return "";
    }
  }
}
