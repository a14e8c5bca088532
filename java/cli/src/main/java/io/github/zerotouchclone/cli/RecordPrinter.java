package io.github.zerotouchclone.cli;

import io.github.zerotouchclone.CopyBuffer;
import io.github.zerotouchclone.RecordCopy;
import io.github.zerotouchclone.Region;
import io.github.zerotouchclone.ZeroTouchClone;
import java.util.concurrent.atomic.AtomicLong;

/** Prints records of a region, one a line. */
final class RecordPrinter {
  private final Region region;
  private final boolean typed;
  private final Output output;
  private final JsonWriter json = new JsonWriter();

  RecordPrinter(Region region, boolean typed, Output output) {
    this.region = region;
    this.typed = typed;
    this.output = output;
  }

  /** Prints up to {@code count} records. */
  void print(long from, long count) {
    long end = from + Math.min(count, region.count() - from);
    AtomicLong done = new AtomicLong();
    try (CopyBuffer buffer = CopyBuffer.allocate();
        Progress progress = Progress.of("printing", done::get, end - from, done::get)) {
      progress.start();
      for (long i = from; i < end; i++) {
        RecordCopy copy = ZeroTouchClone.copyInto(region, i, buffer);
        if (typed) {
          output.line(copy.typedText());
        } else {
          json.line(copy.toObject(), region.path() + ": record " + i, output);
        }
        done.lazySet(i + 1 - from);
      }
    }
  }
}
