package io.github.zerotouchclone;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs {@code io.github.zerotouchcloneexample.Main} in a JVM of its own, as users would. */
final class ChildJvm {
  record Result(int status, String output) {}

  private ChildJvm() {}

  /**
   * @param wrapper words before the command line
   * @param path the region that the child writes and reads
   * @param records how many
   */
  static Result run(List<String> wrapper, Path path, int records) throws Exception {
    List<String> command = new ArrayList<>(wrapper);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:-UsePerfData"); // writes a file, which a limit of file sizes would hit
    command.add("--module-path");
    command.add(Path.of(location(Region.class, "Region.class")).toString());
    command.add("--add-modules=io.github.zerotouchclone");
    command.add("--enable-native-access=io.github.zerotouchclone");
    String library = System.getProperty("io.github.zerotouchclone.library");
    if (library != null) {
      command.add("-Dio.github.zerotouchclone.library=" + library);
    }
    command.add("-cp");
    command.add(location(ChildJvm.class, "ChildJvm.class"));
    command.add("io.github.zerotouchcloneexample.Main");
    command.add(path.toString());
    command.add(Integer.toString(records));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes());
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("the child did not end; it said: " + output);
    }
    return new Result(process.exitValue(), output);
  }

  /** The folder or jar that a class was loaded from. */
  private static String location(Class<?> type, String file) {
    String url = type.getResource(file).toString();
    String inside = type.getPackageName().replace('.', '/') + "/" + file;
    String base = url.substring(0, url.length() - inside.length());
    return Path.of(java.net.URI.create(base.replaceAll("^jar:|!/$", ""))).toString();
  }
}
