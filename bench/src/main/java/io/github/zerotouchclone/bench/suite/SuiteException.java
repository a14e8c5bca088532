package io.github.zerotouchclone.bench.suite;

/** A suite cannot go on; the message says what failed. */
public final class SuiteException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  SuiteException(String message, Throwable cause) {
    super(message, cause);
  }
}
