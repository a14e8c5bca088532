package io.github.zerotouchclone.bench.suite;

import io.github.zerotouchclone.CopyBuffer;
import io.github.zerotouchclone.RecordCopy;
import io.github.zerotouchclone.Region;
import io.github.zerotouchclone.ZeroTouchClone;
import io.github.zerotouchclone.bench.measure.Task;
import java.util.function.Consumer;

/**
 * Copies batches and is shown each copy, so that it gets as much as a loop of single copies does.
 * Made by {@link OwnCode}.
 */
final class BatchLoop implements Task, Consumer<RecordCopy> {
  private final Region region;
  private final int[] order;
  private final Sink sink;
  private final long[] indices;
  private final CopyBuffer buffer = CopyBuffer.allocate();
  private RecordCopy last;

  BatchLoop(Region region, int[] order, Sink sink, int batch) {
    this.region = region;
    this.order = order;
    this.sink = sink;
    indices = new long[batch];
  }

  @Override
  public void run(long from, int count) {
    int at = (int) (from % order.length);
    for (int done = 0; done < count; done += indices.length) {
      at = Tasks.take(order, at, indices);
      ZeroTouchClone.copyAll(region, indices, buffer).forEachCopy(this);
    }
    sink.accept(last);
  }

  @Override
  public void accept(RecordCopy copy) {
    last = copy;
  }
}
