package io.github.zerotouchclone.bench.delivery;

import io.github.zerotouchclone.CopyBuffer;
import io.github.zerotouchclone.RecordCopy;
import io.github.zerotouchclone.Region;
import io.github.zerotouchclone.RegionWriter;
import io.github.zerotouchclone.ZeroTouchClone;
import io.github.zerotouchclone.bench.data.MailJobs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** One mail job, chosen at random, as a private copy in Java's reach; nothing is decoded. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class DeliveryBenchmark {

  /** How many records the region has; 1000 stay in the processor's caches. */
  @Param({"1000", "1000000"})
  int records;

  private Path path;
  private Region region;
  private CopyBuffer buffer;
  private Jna.Reader jna;
  private long state;

  /** Publishes the region. */
  @Setup
  public void open() throws IOException {
    path = Files.createTempFile("delivery", ".ztc");
    try (RegionWriter writer = RegionWriter.create(path)) {
      new MailJobs(records).forEach((index, job) -> writer.add(job));
      writer.publish();
    }
    region = Region.open(path);
    buffer = CopyBuffer.allocate();
    jna = new Jna.Reader(path);
  }

  /** Removes the region. */
  @TearDown
  public void close() throws IOException {
    jna.close();
    buffer.close();
    region.close();
    Files.delete(path);
  }

  private long nextIndex() {
    state = state * 6364136223846793005L + 1442695040888963407L;
    return ((state >>> 33) * records) >>> 31;
  }

  /** The floor of all others: choosing an index. */
  @Benchmark
  public long choose() {
    return nextIndex();
  }

  /** A copy that stays. */
  @Benchmark
  public RecordCopy copy() {
    return ZeroTouchClone.copy(region, nextIndex());
  }

  /** A copy into memory that is used again. */
  @Benchmark
  public RecordCopy copyInto() {
    return ZeroTouchClone.copyInto(region, nextIndex(), buffer);
  }

  /** The C interface, called by JNA's registered natives. */
  @Benchmark
  public long jnaDirect() {
    return jna.copyDirect(nextIndex());
  }

  /** The C interface, called by JNA's proxy. */
  @Benchmark
  public long jnaProxy() {
    return jna.copyThroughProxy(nextIndex());
  }
}
