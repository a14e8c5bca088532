package io.github.zerotouchclone.cli;

import io.github.zerotouchclone.RegionException;
import io.github.zerotouchclone.Status;
import io.github.zerotouchclone.UnstorableValueException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.regex.Pattern;
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

  /** The same with something more to say. */
  Failure with(String more) {
    return new Failure(exitCode, getMessage() + more);
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
    String message = once(e);
    return switch (e.status()) {
      case INVALID_ARGUMENT, OUT_OF_RANGE, BAD_PATH, NO_SUCH_KEY, TYPE_MISMATCH -> usage(message);
      case IO, NOT_FOUND, ACCESS, NO_MEMORY, LOST, CLOSED, WRONG_STATE -> system(message);
      // What is read was not too deep to be stored, so it is the stack that is too small.
      case TOO_DEEP -> e instanceof UnstorableValueException ? badData(message) : system(message);
      // Also a feature that this version does not know: the file cannot be read, try as one may.
      default -> badData(message);
    };
  }

  /**
   * The failure for an exception of the library while a record is read; of a stack that is too
   * small, with how to get a larger one.
   *
   * @param place the record
   */
  static Failure ofReading(String place, RegionException e) {
    return e.status() == Status.TOO_DEEP ? tooDeepForTheStack(place + ": ") : of(e);
  }

  private static Failure tooDeepForTheStack(String at) {
    return system(
        at
            + "a value is too deep for the stack; JAVA_OPTS=-Xss64m gives the launcher more,"
            + " java -Xss64m -jar without it");
  }

  /** The message, which names the file in front, without the same file's whole path. */
  private static String once(RegionException e) {
    String path = e.regionPath().orElse("");
    if (path.isEmpty()) {
      return e.getMessage();
    }
    String whole = Path.of(path).toAbsolutePath().toString();
    String twice = path + ": " + whole;
    if (e.getMessage().startsWith(twice + " ")) {
      return path + e.getMessage().substring(twice.length());
    }
    return e.getMessage().replaceFirst(" " + Pattern.quote(whole) + "(?=[:,;. ]|$)", "");
  }

  /**
   * The failure for a lack of memory.
   *
   * @param place what was worked on, or null if that is not known
   */
  static Failure of(String place, VirtualMachineError e) {
    String at = place == null ? "" : place + ": ";
    if (e instanceof StackOverflowError) {
      return tooDeepForTheStack(at);
    }
    return system(
        at
            + "out of memory; JAVA_OPTS=-Xmx4g gives the launcher more, java -Xmx4g -jar"
            + " without it");
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
