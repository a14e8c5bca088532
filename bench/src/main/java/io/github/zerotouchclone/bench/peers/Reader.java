package io.github.zerotouchclone.bench.peers;

import java.io.IOException;

/** Brings one record after the other, by one kind of {@link Work}. For one thread. */
public interface Reader extends AutoCloseable {

  /**
   * Brings a record.
   *
   * @param index 0 to the number of records - 1
   * @return what the work makes: the caller's own, but for {@link Work#REUSED}
   * @throws IOException if the peer says so
   */
  Object read(int index) throws IOException;

  @Override
  void close() throws IOException;
}
