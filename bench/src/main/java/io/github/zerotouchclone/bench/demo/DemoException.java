package io.github.zerotouchclone.bench.demo;

/** The demo cannot go on; the message tells a person what is wrong and what to do. */
final class DemoException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  DemoException(String message) {
    super(message);
  }

  DemoException(String message, Throwable cause) {
    super(message, cause);
  }
}
