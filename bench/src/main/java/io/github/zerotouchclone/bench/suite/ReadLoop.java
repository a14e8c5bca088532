package io.github.zerotouchclone.bench.suite;

import io.github.zerotouchclone.bench.measure.Task;
import io.github.zerotouchclone.bench.peers.Reader;
import java.io.IOException;

/** Reads one record after the other. Made by {@link OwnCode}. */
final class ReadLoop implements Task {
  private final Reader reader;
  private final int[] order;
  private final Sink sink;

  ReadLoop(Reader reader, int[] order, Sink sink) {
    this.reader = reader;
    this.order = order;
    this.sink = sink;
  }

  @Override
  public void run(long from, int count) throws IOException {
    Object last = null;
    int at = (int) (from % order.length);
    for (int i = 0; i < count; i++) {
      last = reader.read(order[at]);
      at = at + 1 == order.length ? 0 : at + 1;
    }
    sink.accept(last);
  }
}
