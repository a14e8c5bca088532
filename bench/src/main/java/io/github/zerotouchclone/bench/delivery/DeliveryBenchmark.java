package io.github.zerotouchclone.bench.delivery;

import io.github.zerotouchclone.CopyBuffer;
import io.github.zerotouchclone.RecordCopy;
import io.github.zerotouchclone.Region;
import io.github.zerotouchclone.ZeroTouchClone;
import io.github.zerotouchclone.bench.peers.Contenders;
import io.github.zerotouchclone.bench.peers.Reader;
import io.github.zerotouchclone.bench.peers.RecordFiles;
import io.github.zerotouchclone.bench.peers.Work;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
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

/**
 * The delivery ladder: one mail job, chosen at random, as a private copy in Java's reach, by every
 * way that bytes have into a JVM; nothing is decoded.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class DeliveryBenchmark {

  private static final int CAPACITY = 1 << 16;
  private static final AtomicLong THREADS = new AtomicLong();

  /** How many records the region has; 1000 stay in the processor's caches. */
  @Param({"1000", "1000000"})
  int records;

  /** Where the region is, or will be. */
  @Param({""})
  String folder;

  private Region region;
  private CopyBuffer buffer;
  private Reader mappedFresh;
  private Reader mappedReused;
  private Jna.Reader jna;
  private long handle;
  private final byte[] array = new byte[CAPACITY];
  private final long[] size = new long[1];
  private ByteBuffer slab;
  private long slabAddress;
  private long sizeAddress;
  private long state;

  /** Opens the region in every way; writes it if it is not there. */
  @Setup
  public void open() throws IOException {
    Path files =
        folder.isEmpty()
            ? Path.of(System.getProperty("java.io.tmpdir"), "ztc-bench")
            : Path.of(folder);
    RecordFiles recordFiles = new RecordFiles(files, records);
    Path path;
    synchronized (DeliveryBenchmark.class) {
      path = recordFiles.region();
    }
    region = Region.open(path);
    buffer = CopyBuffer.allocate();
    mappedFresh = Contenders.of("mapped-get").open(recordFiles, Work.BYTES);
    mappedReused = Contenders.of("mapped-get").open(recordFiles, Work.REUSED);
    jna = new Jna.Reader(path);
    handle = Ladder.open(path.toString());
    if (handle == 0) {
      throw new IllegalStateException(path + " cannot be opened");
    }
    slab = ByteBuffer.allocateDirect(CAPACITY + Long.BYTES);
    slabAddress = Ladder.addressOf(slab);
    sizeAddress = slabAddress + CAPACITY;
    state = THREADS.incrementAndGet() * 0x9e3779b97f4a7c15L;
  }

  /** Closes everything. */
  @TearDown
  public void close() throws IOException {
    Ladder.free(handle);
    jna.close();
    mappedReused.close();
    mappedFresh.close();
    buffer.close();
    region.close();
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

  /** An empty JNI call. */
  @Benchmark
  public long jniEmpty() {
    Ladder.empty();
    return nextIndex();
  }

  /** JNI, to an address. */
  @Benchmark
  public long jniSlab() {
    return Ladder.toAddress(handle, nextIndex(), slabAddress, CAPACITY);
  }

  /** JNI, to an array that native code makes. */
  @Benchmark
  public byte[] jniNewArray() {
    return Ladder.toNewArray(handle, nextIndex());
  }

  /** JNI, to an array that is used again. */
  @Benchmark
  public int jniArray() {
    return Ladder.toArray(handle, nextIndex(), array);
  }

  /** JNI, to a pinned array. */
  @Benchmark
  public int jniPinnedArray() {
    return Ladder.toPinnedArray(handle, nextIndex(), array);
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

  /** The C interface by java.lang.foreign, to an address. */
  @Benchmark
  public int ffm() throws Throwable {
    return (int)
        Ffm.COPY.invokeExact(handle, nextIndex(), slabAddress, (long) CAPACITY, sizeAddress, 0L);
  }

  /** The same as a critical call, to an array that is used again. */
  @Benchmark
  public int ffmCritical() throws Throwable {
    return (int)
        Ffm.COPY_CRITICAL.invokeExact(handle, nextIndex(), array, (long) CAPACITY, size, 0L);
  }

  /** A bare get from a mapped buffer to a fresh array. */
  @Benchmark
  public Object mappedFresh() throws IOException {
    return mappedFresh.read((int) nextIndex());
  }

  /** A bare get from a mapped buffer to an array that is used again. */
  @Benchmark
  public Object mappedReused() throws IOException {
    return mappedReused.read((int) nextIndex());
  }

  /** This library: a copy that stays. */
  @Benchmark
  public RecordCopy copy() {
    return ZeroTouchClone.copy(region, nextIndex());
  }

  /** This library: a copy into memory that is used again. */
  @Benchmark
  public RecordCopy copyInto() {
    return ZeroTouchClone.copyInto(region, nextIndex(), buffer);
  }
}
