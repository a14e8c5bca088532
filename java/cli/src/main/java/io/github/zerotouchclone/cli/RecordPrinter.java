package io.github.zerotouchclone.cli;

import io.github.zerotouchclone.CopyBuffer;
import io.github.zerotouchclone.RecordCopy;
import io.github.zerotouchclone.Region;
import io.github.zerotouchclone.RegionException;
import io.github.zerotouchclone.ZeroTouchClone;
import java.util.PrimitiveIterator;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;

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
    print(LongStream.range(from, end).iterator(), end - from);
  }

  /**
   * Prints the records with these indices.
   *
   * @param count how many there are
   */
  void print(PrimitiveIterator.OfLong indices, long count) {
    AtomicLong done = new AtomicLong();
    try (CopyBuffer buffer = CopyBuffer.allocate();
        Progress progress = Progress.of("printing", done::get, count, done::get)) {
      progress.startBesideRecords();
      while (indices.hasNext()) {
        long index = indices.nextLong();
        try {
          print(ZeroTouchClone.copyInto(region, index, buffer), index);
        } catch (StackOverflowError | OutOfMemoryError e) {
          throw Failure.of(name(index), e);
        } catch (RegionException e) {
          throw Failure.ofReading(name(index), e);
        }
        done.lazySet(done.get() + 1);
      }
    }
  }

  private void print(RecordCopy copy, long index) {
    if (typed) {
      output.line(copy.typedText());
    } else {
      json.line(copy.toObject(), name(index), output);
    }
  }

  private String name(long index) {
    return region.path() + ": record " + index;
  }
}
