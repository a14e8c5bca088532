package io.github.zerotouchclone.cli;

import io.github.zerotouchclone.RegionWriter;
import io.github.zerotouchclone.UnstorableValueException;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Adds what was read to the region that is being built. */
final class RecordSink {
  private final RegionWriter writer;
  private final Undo undo;
  private final RecordKey key;
  private final int threads;
  private final AtomicLong records;

  /**
   * Makes a sink.
   *
   * @param threads how many threads encode a list of records
   * @param records is set to the number of records added
   */
  RecordSink(RegionWriter writer, Undo undo, RecordKey key, int threads, AtomicLong records) {
    this.writer = writer;
    this.undo = undo;
    this.key = key;
    this.threads = threads;
    this.records = records;
  }

  /** Adds a record that begins at a place of the input. */
  void add(Object value, long line, long column) throws BadInput {
    Object recordKey = key.of(value, line, column);
    try {
      undo.step(
          () -> {
            if (recordKey instanceof String text) {
              writer.key(text);
            } else if (recordKey != null) {
              writer.key((Long) recordKey);
            }
            writer.add(value);
          });
    } catch (UnstorableValueException e) {
      throw bad(e, line, column);
    }
    records.lazySet(writer.count());
  }

  /**
   * Adds the values of lines, all of which have one.
   *
   * @return how many were added: those in front of the first that cannot be stored
   */
  int addAll(List<LineParser.Line> lines) {
    return threads == 1 ? addEach(lines) : addTogether(lines);
  }

  private int addEach(List<LineParser.Line> lines) {
    int added = 0;
    try {
      for (LineParser.Line line : lines) {
        add(line.value(), 1, line.column());
        added++;
      }
    } catch (BadInput e) {
      // As below.
    }
    return added;
  }

  private int addTogether(List<LineParser.Line> lines) {
    long before = writer.count();
    try {
      undo.step(
          () -> {
            var values = lines.stream().map(LineParser.Line::value).iterator();
            if (key.isGiven()) {
              writer.addAllKeyed(values, key::of, threads);
            } else {
              writer.addAll(values, threads);
            }
          });
    } catch (UnstorableValueException e) {
      // Whoever adds that line alone gets to know it.
    }
    records.lazySet(writer.count());
    return (int) (writer.count() - before);
  }

  private static BadInput bad(UnstorableValueException e, long line, long column) {
    String message = e.getMessage();
    int place = message.indexOf(e.valuePath());
    return new BadInput(line, column, place < 0 ? message : message.substring(place));
  }
}
