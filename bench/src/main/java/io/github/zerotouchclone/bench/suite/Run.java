package io.github.zerotouchclone.bench.suite;

import io.github.zerotouchclone.bench.measure.Measurement;
import io.github.zerotouchclone.bench.peers.RecordFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What a run is given, and what it has found so far. For one thread. */
public final class Run {

  private final Size size;
  private final List<Jdk> jdks;
  private final Setting setting;
  private final List<Measurement> measurements = new ArrayList<>();
  private final Map<String, String> unavailable = new LinkedHashMap<>();
  private final Map<String, Map<String, Integer>> mapped = new LinkedHashMap<>();
  private final Set<List<String>> commands = new java.util.LinkedHashSet<>();

  /**
   * Where things are.
   *
   * @param root the folder of the repository
   * @param data the folder of regions and stores
   * @param out the folder of the results
   * @param nativeBin the folder of native programs
   * @param nativeLib the folder of native libraries
   * @param jvmOptions the file of options that every measuring JVM gets
   * @param gate the script that counts instructions
   * @param classPath of every measuring JVM
   */
  public record Setting(
      Path root,
      Path data,
      Path out,
      Path nativeBin,
      Path nativeLib,
      Path jvmOptions,
      Path gate,
      String classPath) {}

  /** Starts a run. */
  public Run(Size size, List<Jdk> jdks, Setting setting) {
    this.size = size;
    this.jdks = List.copyOf(jdks);
    this.setting = setting;
  }

  /** How much to do. */
  public Size size() {
    return size;
  }

  /** The JDKs that measure. */
  public List<Jdk> jdks() {
    return jdks;
  }

  Setting setting() {
    return setting;
  }

  /** The mail jobs. */
  RecordFiles files() {
    return new RecordFiles(setting.data(), size.records());
  }

  /** Bytes of the region of mail jobs; 0 if no suite has asked for it. */
  public long regionBytes() throws IOException {
    return files().regionBytes();
  }

  /** Bytes of each region of the C library's suite that is out of cache. */
  public long nativeRegionBytes() {
    return (long) size.nativeMegabytes() << 20;
  }

  /** Notes a figure. */
  void add(Measurement measurement) {
    measurements.add(measurement);
  }

  /** Notes that something cannot be measured here. */
  void unavailable(String what, String reason) {
    unavailable.put(what, reason);
    say(what + " is not available: " + reason);
  }

  /** Notes which part of a file, in per cent, a suite's process had mapped by huge pages. */
  void mapped(String suite, String file, int percent) {
    mapped.computeIfAbsent(suite, key -> new TreeMap<>()).merge(file, percent, Math::min);
  }

  /** By suite, the files that its processes mapped, and the least part that was in huge pages. */
  public Map<String, String> mapped() {
    Map<String, String> texts = new LinkedHashMap<>();
    mapped.forEach(
        (suite, files) -> {
          List<String> parts = new ArrayList<>();
          files.forEach((file, percent) -> parts.add(file + " " + percent + " %"));
          texts.put(suite, String.join(", ", parts));
        });
    return texts;
  }

  /** The figures, in the order in which they were taken. */
  public List<Measurement> measurements() {
    return List.copyOf(measurements);
  }

  /** What could not be measured, and why. */
  public Map<String, String> unavailable() {
    return new LinkedHashMap<>(unavailable);
  }

  /**
   * The commands that measured, without repetitions, in terms of the repository's folder and of
   * {@code $JDK17} and the like: where things were on this machine is nobody's concern.
   */
  public List<List<String>> commands() {
    return commands.stream().map(this::portable).toList();
  }

  private List<String> portable(List<String> command) {
    List<String> words = new ArrayList<>(command);
    int classPath = words.indexOf("-classpath");
    if (classPath >= 0) {
      words.set(classPath + 1, "$CLASSPATH");
    }
    words.replaceAll(this::portable);
    return words;
  }

  /** A path or a message without the folders of this machine. */
  public String portable(String word) {
    String portable = word;
    for (Jdk jdk : jdks) {
      portable = portable.replace(jdk.home().toString(), "$JDK" + jdk.feature());
    }
    portable = portable.replace(setting.data().toString(), "$DATA");
    portable = portable.replace(setting.out().toString(), "$OUT");
    return portable.replace(setting.root() + "/", "");
  }

  /** Tells what is being done. */
  void say(String text) {
    System.out.println("bench: " + text);
  }

  /** The command of a measuring JVM. */
  List<String> java(Jdk jdk, List<String> options, String main, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(jdk.java());
    command.add("@" + setting.jvmOptions());
    command.add("--enable-native-access=ALL-UNNAMED");
    if (jdk.feature() >= 23) {
      command.add("--sun-misc-unsafe-memory-access=allow");
    }
    command.add("-Dztc.native.lib=" + setting.nativeLib());
    command.add("-Djna.library.path=" + setting.nativeLib());
    command.addAll(options);
    command.add("-classpath");
    command.add(setting.classPath());
    command.add(main);
    command.addAll(arguments);
    return command;
  }

  /**
   * Runs a program and returns the lines that it prints; its messages go to the terminal.
   *
   * @throws SuiteException if it fails; the message has the command
   */
  List<String> lines(List<String> command) {
    commands.add(command);
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      process.getOutputStream().close();
      List<String> lines =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
              .lines()
              .toList();
      int status = process.waitFor();
      if (status != 0) {
        throw new SuiteException(
            "status " + status + " of " + String.join(" ", command) + "\n" + last(lines), null);
      }
      return lines;
    } catch (IOException e) {
      throw new SuiteException("cannot run " + String.join(" ", command), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SuiteException("interrupted: " + String.join(" ", command), e);
    }
  }

  /** Notes a command that is started by {@link #start}, without what differs each time. */
  void note(List<String> command) {
    commands.add(command);
  }

  /** Starts a process that is talked to. */
  Process start(List<String> command) throws IOException {
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  private static String last(List<String> lines) {
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
  }
}
