package io.github.zerotouchclone.cli;

import io.github.zerotouchclone.RegionException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.zip.ZipException;

/** Ends a command with one line for the user and an exit code. */
final class Failure extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final int exitCode;

  private Failure(int exitCode, String message) {
    super(message, null, false, false);
    this.exitCode = exitCode;
  }

  int exitCode() {
    return exitCode;
  }

  /** The input, or a region, is not what it should be. */
  static Failure badData(String message) {
    return new Failure(ExitCode.BAD_DATA, message);
  }

  /** The command was asked for something that there is not. */
  static Failure usage(String message) {
    return new Failure(ExitCode.USAGE, message);
  }

  /** A file, a device or the memory failed. */
  static Failure system(String message) {
    return new Failure(ExitCode.SYSTEM, message);
  }

  /** The failure for an exception that concerns a file. */
  static Failure of(String file, IOException e) {
    if (e instanceof ZipException) {
      return badData(file + ": not well-formed gzip: " + e.getMessage());
    }
    return system(file + ": " + reason(e));
  }

  /** The failure for an exception of the library. */
  static Failure of(RegionException e) {
    return switch (e.status()) {
      case INVALID_ARGUMENT, OUT_OF_RANGE, BAD_PATH, NO_SUCH_KEY, TYPE_MISMATCH ->
          usage(e.getMessage());
      case IO, NOT_FOUND, ACCESS, NO_MEMORY, UNSUPPORTED, LOST, CLOSED, WRONG_STATE ->
          system(e.getMessage());
      default -> badData(e.getMessage());
    };
  }

  private static String reason(IOException e) {
    if (e instanceof NoSuchFileException) {
      return "no such file";
    }
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (e instanceof FileSystemException f && f.getReason() != null) {
      return f.getReason();
    }
    return e.getMessage() == null ? e.toString() : e.getMessage();
  }
}
