package io.github.zerotouchclone.bench.suite;

/**
 * Where loops leave what they made last, once a slice, so that no compiler can leave out the rest:
 * a loop keeps it in a local until then, which costs no store and no barrier of the collector. The
 * JVM's escape analysis does not look at control flow, so what may be stored once is always made.
 */
final class Sink {
  private Object last;

  void accept(Object made) {
    last = made;
  }

  /** What the last slice made last. */
  Object last() {
    return last;
  }
}
