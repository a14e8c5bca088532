package io.github.zerotouchclone.cli;

import java.io.PrintStream;
import java.util.function.LongSupplier;

/**
 * Says on a terminal how far a command is, once it took a second: how much is done, how fast, and
 * how long it will take. Prints nothing elsewhere, and leaves nothing behind. The command counts; a
 * thread of its own looks at the counts, so that long native calls are covered as well.
 */
final class Progress implements AutoCloseable {
  /** For tests: milliseconds until the line is shown, instead of a second. */
  private static final String DELAY = "ztc.progress.delay";

  private static final String ERASE_LINE = "\r\033[K";
  private static final int REDRAW_MILLIS = 200;

  private final PrintStream screen = System.err;
  private final String label;
  private final LongSupplier done;
  private final long total;
  private final LongSupplier records;
  private final long started = System.nanoTime();
  private boolean drawn; // guarded by this, as is closed
  private boolean closed;

  private Progress(String label, LongSupplier done, long total, LongSupplier records) {
    this.label = label;
    this.done = done;
    this.total = total;
    this.records = records;
  }

  /**
   * Shows a share of a total, and a rate of records.
   *
   * @param done how much is done, in the unit of {@code total}; called by another thread
   * @param total how much there is to do, or 0 if that is not known
   * @param records how many records are done; called by another thread
   */
  static Progress of(String label, LongSupplier done, long total, LongSupplier records) {
    return new Progress(label, done, total, records);
  }

  /** Shows a share of bytes. */
  static Progress ofBytes(String label, LongSupplier done, long total) {
    return new Progress(label, done, total, null);
  }

  /** Begins to watch, if there is a terminal. */
  void start() {
    if (Terminal.isWatched()) {
      Thread painter = new Thread(this::paint, "progress");
      painter.setDaemon(true);
      painter.start();
    }
  }

  /**
   * Begins to watch if standard output is not shown as well: what a command prints on the same
   * terminal, itself or through a pager, would be mixed with the line.
   */
  void startBesideRecords() {
    if (!Terminal.mayShowOutput()) {
      start();
    }
  }

  private synchronized void paint() {
    try {
      wait(Math.max(1, Long.getLong(DELAY, 1000)));
      while (!closed) {
        screen.print(ERASE_LINE + line(Math.max((System.nanoTime() - started) / 1e9, 1e-9)));
        screen.flush();
        drawn = true;
        wait(REDRAW_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What there is to say after so many seconds, which are more than 0. */
  String line(double seconds) {
    long now = total > 0 ? Math.min(done.getAsLong(), total) : done.getAsLong();
    StringBuilder line = new StringBuilder(label);
    if (records != null) {
      long count = records.getAsLong();
      line.append("  ").append(Text.count(count, "record"));
      line.append("  ").append(Text.count(Math.round(count / seconds))).append("/s");
    } else if (now > 0) {
      line.append("  ").append(Text.bytes(now));
      line.append("  ").append(Text.bytes(Math.round(now / seconds))).append("/s");
    }
    if (total > 0 && now > 0) {
      long left = Math.round((total - now) * seconds / now);
      line.append("  ").append(100 * now / total).append(" %  ");
      line.append(Text.time(left)).append(" left");
    } else {
      line.append("  ").append(Text.time(Math.round(seconds)));
    }
    return line.toString();
  }

  /** Takes the line away. */
  @Override
  public synchronized void close() {
    closed = true;
    if (drawn) {
      screen.print(ERASE_LINE);
      screen.flush();
      drawn = false;
    }
    notifyAll();
  }
}
