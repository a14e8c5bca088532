package io.github.zerotouchclone.bench.measure;

import java.io.IOException;

/** Work on a sequence of records. For one thread. */
@FunctionalInterface
public interface Task {

  /**
   * Does the work for some records of a fixed order.
   *
   * @param from position of the first in the order; any number, as the order repeats
   * @param count how many
   * @throws IOException if it fails
   */
  void run(long from, int count) throws IOException;
}
