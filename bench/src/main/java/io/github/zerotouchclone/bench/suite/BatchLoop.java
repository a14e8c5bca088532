package io.github.zerotouchclone.bench.suite;

import io.github.zerotouchclone.CopyBuffer;
import io.github.zerotouchclone.RecordCopy;
import io.github.zerotouchclone.Region;
import io.github.zerotouchclone.ZeroTouchClone;
import io.github.zerotouchclone.bench.measure.Task;

/**
 * Copies batches and takes each copy out of its batch, so that it hands over as much as a loop of
 * single copies does. Made by {@link OwnCode}.
 */
final class BatchLoop implements Task {
  private final Region region;
  private final int[] order;
  private final Sink sink;
  private final long[] indices;
  private final CopyBuffer buffer = CopyBuffer.allocate();

  BatchLoop(Region region, int[] order, Sink sink, int batch) {
    this.region = region;
    this.order = order;
    this.sink = sink;
    indices = new long[batch];
  }

  @Override
  public void run(long from, int count) {
    Object last = null;
    int at = (int) (from % order.length);
    for (int done = 0; done < count; done += indices.length) {
      at = Tasks.take(order, at, indices);
      for (RecordCopy copy : ZeroTouchClone.copyAll(region, indices, buffer)) {
        last = copy;
      }
    }
    sink.accept(last);
  }
}
