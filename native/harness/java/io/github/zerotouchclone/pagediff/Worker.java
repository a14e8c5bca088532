package io.github.zerotouchclone.pagediff;

import io.github.zerotouchclone.CopyBuffer;
import io.github.zerotouchclone.RecordCopy;
import io.github.zerotouchclone.Region;
import io.github.zerotouchclone.ZeroTouchClone;
import io.github.zerotouchclone.internal.RegionAccess;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

/**
 * A worker of page diff inside a JVM. It copies records through the public API only; the deeds of
 * the controls come from a library of the harness, which is loaded for controls alone.
 *
 * <p>Arguments are {@code name=value}: {@code board} (a file to report to), {@code size} of the
 * region, {@code memory} (its address), {@code path} or {@code shared} (a path to map writable and
 * shared); then {@code control} and {@code strikes} (offsets), or {@code records} and {@code
 * seed}.
 */
public final class Worker {
  private static final int THREADS = 4;
  private static final int ROUNDS = 3;
  private static final int BATCH = 16;

  private final Map<String, String> arguments = new HashMap<>();
  private final Board board;
  private Region region;
  private long base;

  private Worker(String[] arguments) throws IOException {
    for (String argument : arguments) {
      int at = argument.indexOf('=');
      this.arguments.put(argument.substring(0, at), argument.substring(at + 1));
    }
    board = new Board(Path.of(text("board")));
  }

  /** What the keeper reads of a worker; the layout is that of {@code struct pd_board}. */
  private record Board(MappedByteBuffer bytes) {
    private static final int DONE = 0;
    private static final int COPIED = 8;
    private static final int WORK_NS = 16;
    private static final int FAILED = 24;
    private static final int WHY = 28;
    private static final int WHY_SIZE = 320;

    Board(Path path) throws IOException {
      this(map(path));
      bytes.order(ByteOrder.nativeOrder());
    }

    private static MappedByteBuffer map(Path path) throws IOException {
      try (FileChannel channel =
          FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
        return channel.map(FileChannel.MapMode.READ_WRITE, 0, WHY + WHY_SIZE);
      }
    }

    void report(long done, long copied) {
      bytes.putLong(DONE, done);
      bytes.putLong(COPIED, copied);
    }

    void worked(long nanoseconds) {
      bytes.putLong(WORK_NS, nanoseconds);
    }

    void fail(String why) {
      byte[] text = why.getBytes(StandardCharsets.UTF_8);
      for (int i = 0; i < WHY_SIZE - 1; i++) {
        bytes.put(WHY + i, i < text.length ? text[i] : 0);
      }
      bytes.putInt(FAILED, 1);
    }
  }

  /** Does one deed of a control at each place. */
  private static native void strike(int control, long base, long[] places);

  /** Maps a file readable, writable and shared, and arms what the board then says of it. */
  private static native long map(byte[] path, long size, byte[] board);

  private String text(String name) {
    return arguments.get(name);
  }

  private byte[] bytes(String name) {
    return arguments.get(name).getBytes(StandardCharsets.UTF_8);
  }

  private long number(String name) {
    return Long.parseLong(arguments.get(name));
  }

  // ---------------------------------------------------------------------------------- the region

  private void open() throws IOException {
    if (text("control") != null || text("shared") != null) {
      System.load(System.getProperty("pagediff.library"));
    }
    if (text("memory") != null) {
      base = number("memory");
      region = Region.openMemory(base, number("size"));
    } else if (text("shared") != null) {
      base = map(bytes("shared"), number("size"), bytes("board"));
      region = Region.openMemory(base, number("size"));
    } else {
      region = Region.open(Path.of(text("path")));
      // Not by looking for the file among the mappings: there may be another file of its inode.
      base = text("control") == null ? 0 : RegionAccess.base(region);
    }
  }

  // ------------------------------------------------------------------------------------ the work

  private void run() throws InterruptedException {
    if (text("control") != null) {
      strikeAll();
    } else {
      copyAll();
    }
  }

  private void strikeAll() {
    String places = text("strikes");
    long[] offsets =
        places.isEmpty()
            ? new long[0]
            : Stream.of(places.split(",")).mapToLong(Long::parseLong).toArray();
    strike((int) number("control"), base, offsets);
    board.report(offsets.length, 0);
  }

  private static long read(RecordCopy record) {
    return record.byteSize() + (record.toObject().hashCode() & 1);
  }

  /** Every record once a round, by four threads, with a collection after each round. */
  private void copyAll() throws InterruptedException {
    AtomicReference<Throwable> failure = new AtomicReference<>();
    AtomicLong done = new AtomicLong();
    AtomicLong copied = new AtomicLong();
    long records = number("records");
    for (int round = 0; round < ROUNDS && failure.get() == null; round++) {
      Thread[] threads = new Thread[THREADS];
      for (int t = 0; t < THREADS; t++) {
        long from = records * t / THREADS;
        long to = records * (t + 1) / THREADS;
        int way = (round + t) % 3;
        threads[t] = new Thread(() -> copyPart(from, to, way, done, copied));
        threads[t].setUncaughtExceptionHandler((thread, e) -> failure.compareAndSet(null, e));
        threads[t].start();
      }
      for (Thread thread : threads) {
        thread.join();
      }
      System.gc();
    }
    if (failure.get() != null) {
      throw new IllegalStateException(failure.get());
    }
    board.report(done.get(), copied.get());
  }

  /** Visits [from, to) in a scattered order, in one of the three ways that copies are made. */
  private void copyPart(long from, long to, int way, AtomicLong done, AtomicLong copied) {
    try (CopyBuffer buffer = CopyBuffer.allocate()) {
      long count = to - from;
      long step = Math.max(1, count * 5 / 8 | 1);
      while (gcd(step, count) != 1) {
        step += 2;
      }
      long at = count == 0 ? 0 : (number("seed") * step & Long.MAX_VALUE) % count;
      for (long i = 0; i < count; ) {
        int n = way == 2 ? (int) Math.min(BATCH, count - i) : 1;
        long[] indices = new long[n];
        for (int k = 0; k < n; k++) {
          indices[k] = from + at;
          at = (at + step) % count;
        }
        copied.addAndGet(copySome(indices, way, buffer));
        i += n;
        long total = done.addAndGet(n);
        if ((total & 255) < n) {
          board.report(total, copied.get());
        }
      }
    }
  }

  private static long gcd(long a, long b) {
    return b == 0 ? a : gcd(b, a % b);
  }

  private long copySome(long[] indices, int way, CopyBuffer buffer) {
    if (way == 0) {
      return read(ZeroTouchClone.copy(region, indices[0]));
    }
    if (way == 1) {
      return read(ZeroTouchClone.copyInto(region, indices[0], buffer));
    }
    long bytes = 0;
    for (RecordCopy record : ZeroTouchClone.copyAll(region, indices, buffer)) {
      bytes += read(record);
    }
    return bytes;
  }

  // ------------------------------------------------------------------------------------ the ways in

  /** Called in a JVM that a forked child created: does the work and returns what went wrong. */
  static String work(String[] arguments) {
    try {
      Worker worker = new Worker(arguments);
      worker.open();
      worker.run();
      return null;
    } catch (Exception | LinkageError e) {
      return e.toString();
    }
  }

  /** As a process of its own: one byte each way over standard input and output at every step. */
  public static void main(String[] arguments) throws Exception {
    Worker worker = new Worker(arguments);
    boolean ready = false;
    try {
      worker.open();
      worker.region.validate(); // reads every byte, so that every page is there
      ready = true;
    } catch (Exception | LinkageError e) {
      worker.board.fail(e.toString());
    }
    say();
    if (System.in.read() < 0 || !ready) {
      return;
    }
    long start = System.nanoTime();
    try {
      worker.run();
    } catch (Exception | LinkageError e) {
      worker.board.fail(e.toString());
    }
    worker.board.worked(System.nanoTime() - start);
    say();
    System.in.read();
  }

  private static void say() {
    System.out.write('.');
    System.out.flush();
  }
}
