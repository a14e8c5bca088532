package io.github.zerotouchclone.cli;

import io.github.zerotouchclone.cli.LineParser.Line;
import io.github.zerotouchclone.cli.LineParser.Lines;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Adds the lines of inputs as records, in their order. Threads parse the blocks that come next
 * while the calling one has the records of a block encoded and written, so that what is under way
 * does not grow with the input.
 */
final class LineBuild implements AutoCloseable {
  /** What is done with lines that cannot be stored. */
  interface BadLines {
    /** Takes a line; or throws, and so ends the build. */
    void take(LineBlock block, Line line, BadInput reason);
  }

  private final LineParser parser;
  private final RecordSink sink;
  private final BadLines badLines;
  private final int ahead;
  private final ExecutorService pool;

  /**
   * Makes a build.
   *
   * @param threads how many parse; with 1, the calling one does it
   */
  LineBuild(LineParser parser, RecordSink sink, int threads, BadLines badLines) {
    this.parser = parser;
    this.sink = sink;
    this.badLines = badLines;
    this.ahead = threads == 1 ? 1 : threads + 1;
    this.pool = threads == 1 ? null : Executors.newFixedThreadPool(threads, LineBuild::thread);
  }

  private static Thread thread(Runnable task) {
    Thread thread = new Thread(task, "parser");
    thread.setDaemon(true);
    return thread;
  }

  /** Adds the lines of an input. */
  void add(Input input) {
    LineBlock.Cutter cutter = new LineBlock.Cutter(input);
    Queue<CompletableFuture<Lines>> parsing = new ArrayDeque<>();
    boolean first = true;
    boolean more = true;
    long linesBefore = 0;
    while (more || !parsing.isEmpty()) {
      // Who waits for a slow input has added what came already.
      if (more && parsing.size() < ahead && (parsing.isEmpty() || !input.wouldWait())) {
        LineBlock block = cutter.next();
        more = block != null;
        if (more) {
          parsing.add(parse(block, first));
        }
        first = false;
      } else {
        Lines lines = await(parsing.remove());
        add(lines, linesBefore);
        linesBefore += lines.count();
      }
    }
  }

  private CompletableFuture<Lines> parse(LineBlock block, boolean first) {
    return pool == null
        ? CompletableFuture.completedFuture(parser.parse(block, first))
        : CompletableFuture.supplyAsync(() -> parser.parse(block, first), pool);
  }

  private static Lines await(CompletableFuture<Lines> parsing) {
    try {
      return parsing.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  private void add(Lines lines, long linesBefore) {
    List<Line> list = lines.list();
    int done = 0;
    while (done < list.size()) {
      int good = done;
      while (good < list.size() && list.get(good).bad() == null) {
        good++;
      }
      done += sink.addAll(list.subList(done, good));
      if (done < list.size()) {
        Line line = list.get(done++);
        BadInput reason = done <= good ? unstorable(line) : line.bad();
        badLines.take(lines.block(), line, reason.inLine(linesBefore + line.number() + 1));
      }
    }
  }

  /** Why a line with a value could not be added. */
  private BadInput unstorable(Line line) {
    try {
      sink.add(line.value(), 1, line.column());
    } catch (BadInput e) {
      return e;
    }
    throw new AssertionError("a value was taken at the second try");
  }

  @Override
  public void close() {
    if (pool != null) {
      pool.shutdownNow();
    }
  }
}
