package io.github.zerotouchclone.cli;

/** What the process says when it ends. */
final class ExitCode {
  static final int DONE = 0;
  static final int BAD_DATA = 1;
  static final int USAGE = 2;
  static final int SYSTEM = 3;

  private ExitCode() {}
}
