package io.github.zerotouchclone.bench.suite;

import io.github.zerotouchclone.CopyBuffer;
import io.github.zerotouchclone.Region;
import io.github.zerotouchclone.ZeroTouchClone;
import io.github.zerotouchclone.bench.measure.Task;

/** Single copies, each behind a hint for the one some turns later. Made by {@link OwnCode}. */
final class HintedLoop implements Task {
  private final Region region;
  private final int[] order;
  private final Sink sink;
  private final int ahead;
  private final CopyBuffer buffer = CopyBuffer.allocate();

  HintedLoop(Region region, int[] order, Sink sink, int ahead) {
    this.region = region;
    this.order = order;
    this.sink = sink;
    this.ahead = ahead;
  }

  @Override
  public void run(long from, int count) {
    Object last = null;
    int at = (int) (from % order.length);
    int hinted = (int) ((from + ahead) % order.length);
    for (int i = 0; i < count; i++) {
      region.prefetch(order[hinted]);
      last = ZeroTouchClone.copyInto(region, order[at], buffer);
      at = at + 1 == order.length ? 0 : at + 1;
      hinted = hinted + 1 == order.length ? 0 : hinted + 1;
    }
    sink.accept(last);
  }
}
