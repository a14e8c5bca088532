package io.github.zerotouchclone.bench.suite;

import io.github.zerotouchclone.CopyBuffer;
import io.github.zerotouchclone.Region;
import io.github.zerotouchclone.ZeroTouchClone;
import io.github.zerotouchclone.bench.measure.Task;

/** Single copies, some at a time behind one hint for all of them. Made by {@link OwnCode}. */
final class HintedManyLoop implements Task {
  private final Region region;
  private final int[] order;
  private final Sink sink;
  private final long[] indices;
  private final CopyBuffer buffer = CopyBuffer.allocate();

  HintedManyLoop(Region region, int[] order, Sink sink, int many) {
    this.region = region;
    this.order = order;
    this.sink = sink;
    indices = new long[many];
  }

  @Override
  public void run(long from, int count) {
    Object last = null;
    int at = (int) (from % order.length);
    for (int done = 0; done < count; done += indices.length) {
      at = Tasks.take(order, at, indices);
      region.prefetch(indices, 0, indices.length);
      for (long index : indices) {
        last = ZeroTouchClone.copyInto(region, index, buffer);
      }
    }
    sink.accept(last);
  }
}
