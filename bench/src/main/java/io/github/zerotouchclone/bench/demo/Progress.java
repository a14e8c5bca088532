package io.github.zerotouchclone.bench.demo;

import java.io.PrintStream;
import java.util.Locale;

/**
 * One long step. On a terminal a line shows how far it is, how fast, and how long it will take;
 * elsewhere nothing is printed before the end.
 */
final class Progress implements AutoCloseable {

  private static final long REDRAW_NANOS = 200_000_000L;
  private static final int LOOK_AT_THE_CLOCK_EVERY = 1 << 10;
  private static final String ERASE_LINE = "\r\033[K";

  private final String label;
  private final long total;
  private final PrintStream screen;
  private final boolean watched;
  private final long started = System.nanoTime();
  private long done;
  private long drawn = started;

  Progress(String label, long total, PrintStream screen, boolean watched) {
    this.label = label;
    this.total = total;
    this.screen = screen;
    this.watched = watched;
  }

  static Progress of(String label, long total) {
    return new Progress(label, total, System.err, Terminal.isWatched());
  }

  void step() {
    if (++done % LOOK_AT_THE_CLOCK_EVERY == 0 && watched) {
      long now = System.nanoTime();
      if (now - drawn >= REDRAW_NANOS) {
        drawn = now;
        screen.print(ERASE_LINE + line());
        screen.flush();
      }
    }
  }

  double seconds() {
    return (System.nanoTime() - started) / 1e9;
  }

  double rate() {
    return done / Math.max(seconds(), 1e-9);
  }

  private String line() {
    long left = Math.round((total - done) / rate());
    return String.format(
        Locale.ROOT,
        "  %s  %,d of %,d  %,.0f/s  %d:%02d left",
        label,
        done,
        total,
        rate(),
        left / 60,
        left % 60);
  }

  /** Takes the line away, so that a result can be printed in its place. */
  void finish() {
    if (watched) {
      screen.print(ERASE_LINE);
      screen.flush();
    }
  }

  @Override
  public void close() {
    finish();
  }
}
