package io.github.zerotouchclone.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs the command line as users do: by its launcher, in a process of its own. */
final class Ztc {
  private static final Path LAUNCHER = Path.of(System.getProperty("ztc.cli.launcher"));

  private final Path folder;

  /** How a process ended. */
  record Result(int exitCode, String out, String err) {}

  /**
   * @param folder the working directory
   */
  Ztc(Path folder) {
    this.folder = folder;
  }

  Path file(String name) {
    return folder.resolve(name);
  }

  Path write(String name, String text) {
    return write(name, text.getBytes(StandardCharsets.UTF_8));
  }

  Path write(String name, byte[] bytes) {
    try {
      return Files.write(file(name), bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Path launcher() {
    return LAUNCHER;
  }

  /** Runs {@code ztc} with these arguments and nothing on standard input. */
  Result run(String... arguments) throws Exception {
    return runWithInput(new byte[0], arguments);
  }

  Result runWithInput(byte[] input, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(LAUNCHER.toString()));
    command.addAll(List.of(arguments));
    return finish(start(command), input);
  }

  /** Runs a line of a shell, in which {@code $ZTC} is the launcher. */
  Result shell(String line) throws Exception {
    return finish(start(List.of("bash", "-c", line)), new byte[0]);
  }

  Process start(List<String> command) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().put("ZTC", LAUNCHER.toString());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("TERM", "xterm");
    // The commands of the tests are short; the second compiler would only take time.
    builder.environment().put("JAVA_OPTS", "-XX:TieredStopAtLevel=1");
    return builder.start();
  }

  private static Result finish(Process process, byte[] input) throws Exception {
    StringBuilder err = new StringBuilder();
    Thread reader = new Thread(() -> err.append(text(process.getErrorStream())));
    reader.start();
    try (var stdin = process.getOutputStream()) {
      stdin.write(input);
    } catch (IOException e) {
      // A command that does not read it is gone already.
    }
    String out = text(process.getInputStream());
    reader.join();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("the command did not end; it said: " + out + err);
    }
    return new Result(process.exitValue(), out, err.toString());
  }

  private static String text(InputStream stream) {
    try {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
