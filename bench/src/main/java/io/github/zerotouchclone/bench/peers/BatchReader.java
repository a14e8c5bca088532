package io.github.zerotouchclone.bench.peers;

import java.io.IOException;

/** Brings many records at once, by one kind of {@link Work}. For one thread. */
public interface BatchReader extends AutoCloseable {

  /**
   * Brings records.
   *
   * @param indices each 0 to the number of records - 1
   * @param made takes what the work makes of each, in order: the caller's own; as long
   * @throws IOException if the peer says so
   */
  void read(long[] indices, Object[] made) throws IOException;

  @Override
  void close() throws IOException;
}
