package io.github.zerotouchclone.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether somebody watches. */
final class Terminal {
  private Terminal() {}

  /** Whether standard error is a terminal that can erase a line. */
  static boolean isWatched() {
    return isTerminal(2);
  }

  /** Whether standard output is a terminal that can be drawn on. */
  static boolean isScreen() {
    return isTerminal(1);
  }

  /** Whether standard output is a terminal, or a pipe, which may lead to one. */
  static boolean mayShowOutput() {
    String target = target(1);
    return isTerminal(target) || target.startsWith("pipe:") || target.startsWith("socket:");
  }

  private static boolean isTerminal(int descriptor) {
    return !"dumb".equals(System.getenv("TERM")) && isTerminal(target(descriptor));
  }

  private static boolean isTerminal(String target) {
    return target.startsWith("/dev/pts/")
        || target.startsWith("/dev/tty")
        || target.equals("/dev/console");
  }

  private static String target(int descriptor) {
    try {
      return Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
    } catch (IOException e) {
      return "";
    }
  }
}
