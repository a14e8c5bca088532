package io.github.zerotouchclone;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Runs programs of {@code io.github.zerotouchcloneexample} in a JVM of their own, as users would.
 */
final class ChildJvm {
  record Result(int status, String output) {}

  private ChildJvm() {}

  /**
   * @param wrapper words before the command line
   * @param path the region that the child writes and reads
   * @param records how many
   */
  static Result run(List<String> wrapper, Path path, int records) throws Exception {
    // The file for performance data would meet the limit of file sizes that some wrapper sets.
    List<String> options = List.of("-XX:-UsePerfData");
    return run(wrapper, options, "Main", path.toString(), Integer.toString(records));
  }

  /**
   * @param wrapper words before the command line
   * @param options of the JVM
   * @param main the simple name of the example's class
   * @param arguments of its main method
   */
  static Result run(List<String> wrapper, List<String> options, String main, String... arguments)
      throws Exception {
    List<String> command = new ArrayList<>(wrapper);
    command.addAll(java());
    command.addAll(options);
    command.add("--module-path");
    command.add(library());
    command.add("--add-modules=io.github.zerotouchclone");
    command.add("--enable-native-access=io.github.zerotouchclone");
    command.add("-cp");
    command.add(location(ChildJvm.class, "ChildJvm.class"));
    command.add("io.github.zerotouchcloneexample." + main);
    command.addAll(List.of(arguments));
    return run(new ProcessBuilder(command));
  }

  /** The program, and the options that this JVM was given for its native library. */
  static List<String> java() {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    String library = System.getProperty("io.github.zerotouchclone.library");
    if (library != null) {
      command.add("-Dio.github.zerotouchclone.library=" + library);
    }
    return command;
  }

  /** Where the library's classes are. */
  static String library() {
    return location(Region.class, "Region.class");
  }

  /** Runs a program to its end, with nothing to read. */
  static Result run(ProcessBuilder program) throws Exception {
    Path output = Files.createTempFile("child", ".log");
    try {
      Process process = program.redirectErrorStream(true).redirectOutput(output.toFile()).start();
      process.getOutputStream().close();
      if (!process.waitFor(120, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError("the child did not end; it said: " + Files.readString(output));
      }
      return new Result(process.exitValue(), Files.readString(output));
    } finally {
      Files.delete(output);
    }
  }

  /** The folder or jar that a class was loaded from. */
  private static String location(Class<?> type, String file) {
    String url = type.getResource(file).toString();
    String inside = type.getPackageName().replace('.', '/') + "/" + file;
    String base = url.substring(0, url.length() - inside.length());
    return Path.of(java.net.URI.create(base.replaceAll("^jar:|!/$", ""))).toString();
  }
}
