package io.github.zerotouchclone.bench.delivery;

import io.github.zerotouchclone.BatchCopy;
import io.github.zerotouchclone.Binding;
import io.github.zerotouchclone.CopyBuffer;
import io.github.zerotouchclone.Region;
import io.github.zerotouchclone.ZeroTouchClone;
import io.github.zerotouchclone.bench.data.MailJob;
import io.github.zerotouchclone.bench.peers.Contenders;
import io.github.zerotouchclone.bench.peers.Reader;
import io.github.zerotouchclone.bench.peers.RecordFiles;
import io.github.zerotouchclone.bench.peers.Work;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** One mail job, chosen at random, as Java values: what it takes, and what it allocates. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class ValuesBenchmark {

  private static final int BATCH = 64;
  private static final AtomicLong THREADS = new AtomicLong();

  /** Chooses records. */
  @State(Scope.Thread)
  public static class Order {

    /** How many records there are; 1000 stay in the processor's caches. */
    @Param({"1000", "1000000"})
    int records;

    /** Where the files are, or will be. */
    @Param({""})
    String folder;

    private final long[] indices = new long[BATCH];
    private long state = THREADS.incrementAndGet() * 0x9e3779b97f4a7c15L;

    RecordFiles files() {
      Path path =
          folder.isEmpty()
              ? Path.of(System.getProperty("java.io.tmpdir"), "ztc-bench")
              : Path.of(folder);
      return new RecordFiles(path, records);
    }

    int next() {
      state = state * 6364136223846793005L + 1442695040888963407L;
      return (int) (((state >>> 33) * records) >>> 31);
    }

    long[] batch() {
      for (int i = 0; i < BATCH; i++) {
        indices[i] = next();
      }
      return indices;
    }
  }

  /** A contender and how far it brings a record. */
  @State(Scope.Thread)
  public static class Task {

    /** {@code CONTENDER/WORK}. */
    @Param({
      "ztc/tree",
      "ztc/compact",
      "ztc/record",
      "ztc/bean",
      "ztc/fields",
      "ztc/handles",
      "mapped+jsonb/tree",
      "mapped+jsonb/bean",
      "mapped+fory/tree",
      "mapped+fory/record",
      "mapped+fory/bean"
    })
    String task;

    private Reader reader;

    /** Opens the contender's files; writes them if they are not there. */
    @Setup
    public void open(Order order) throws IOException {
      String[] parts = task.split("/");
      synchronized (ValuesBenchmark.class) {
        reader = Contenders.of(parts[0]).open(order.files(), Work.of(parts[1]));
      }
    }

    /** Closes them. */
    @TearDown
    public void close() throws IOException {
      reader.close();
    }
  }

  /** A region and a buffer. */
  @State(Scope.Thread)
  public static class Batches {
    private final CopyBuffer buffer = CopyBuffer.allocate();
    private final Binding<MailJob> binding = Binding.of(MailJob.class);
    private Region region;

    /** Opens the region; writes it if it is not there. */
    @Setup
    public void open(Order order) throws IOException {
      synchronized (ValuesBenchmark.class) {
        region = Region.open(order.files().region());
      }
    }

    /** Closes both. */
    @TearDown
    public void close() {
      buffer.close();
      region.close();
    }

    BatchCopy copyAll(Order order) {
      return ZeroTouchClone.copyAll(region, order.batch(), buffer);
    }
  }

  /** One record after the other. */
  @Benchmark
  public Object read(Task task, Order order) throws IOException {
    return task.reader.read(order.next());
  }

  /** 64 at a time, as views; the figure is that of one. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public Object copyAll(Batches batches, Order order) {
    Object last = null;
    for (Object copy : batches.copyAll(order)) {
      last = copy;
    }
    return last;
  }

  /** 64 at a time, as Java records; the figure is that of one. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public List<MailJob> copyAllToRecords(Batches batches, Order order) {
    return batches.copyAll(order).as(batches.binding);
  }
}
