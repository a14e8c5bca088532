package io.github.zerotouchclone.bench.suite;

import io.github.zerotouchclone.bench.measure.Task;
import io.github.zerotouchclone.bench.peers.BatchReader;
import java.io.IOException;

/** Reads some records at a time. Made by {@link OwnCode}. */
final class BatchReadLoop implements Task {
  private final BatchReader reader;
  private final int[] order;
  private final Sink sink;
  private final long[] indices;

  BatchReadLoop(BatchReader reader, int[] order, Sink sink, int batch) {
    this.reader = reader;
    this.order = order;
    this.sink = sink;
    indices = new long[batch];
  }

  @Override
  public void run(long from, int count) throws IOException {
    Object last = null;
    int at = (int) (from % order.length);
    for (int done = 0; done < count; done += indices.length) {
      at = Tasks.take(order, at, indices);
      Object[] made = new Object[indices.length];
      reader.read(indices, made);
      last = made;
    }
    sink.accept(last);
  }
}
