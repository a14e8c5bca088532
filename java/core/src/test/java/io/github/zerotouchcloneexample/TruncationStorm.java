package io.github.zerotouchcloneexample;

import io.github.zerotouchclone.CopyBuffer;
import io.github.zerotouchclone.CorruptRegionException;
import io.github.zerotouchclone.RecordCopy;
import io.github.zerotouchclone.Region;
import io.github.zerotouchclone.RegionClosedException;
import io.github.zerotouchclone.RegionOption;
import io.github.zerotouchclone.RegionWriter;
import io.github.zerotouchclone.ZeroTouchClone;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Truncates regions, and buffers of the JDK's own, under threads that read them; the process that
 * runs this must survive and say so.
 */
public final class TruncationStorm {
  private static final int THREADS = 4;
  private static final int ROUNDS = 24;
  private static final int RECORDS = 2000;
  private static final int COPIES_BEFORE = 100;
  private static final int PAGE = 4096;
  private static final int SPARSE_RECORDS = 1 << 19; // one on every second page of 4 GiB
  private static final long SPARSE_INDEX = 2 * PAGE;
  private static final long SPARSE_BASE = SPARSE_INDEX + 16L * SPARSE_RECORDS;
  private static final long SPARSE_SIZE = SPARSE_BASE + 2L * PAGE * SPARSE_RECORDS;

  private TruncationStorm() {}

  /**
   * @param args the folder to work in, and {@code regions}, or {@code buffer} for the JDK alone
   */
  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]);
    if (args[1].equals("regions")) {
      for (int round = 0; round < ROUNDS; round++) {
        storm(published(folder), RegionOption.VERIFY_HEADER, round);
      }
      storm(sparse(folder), RegionOption.VERIFY_NONE, 0);
    }
    System.out.println(bufferOfTheJdk(folder));
  }

  /** Readers, a truncation as soon as all of them read, and in odd rounds a close as well. */
  private static void storm(Path path, RegionOption option, int round) throws Exception {
    Region region = Region.open(path, option);
    CountDownLatch reading = new CountDownLatch(THREADS);
    ExecutorService pool = Executors.newFixedThreadPool(THREADS);
    List<Future<?>> readers = new ArrayList<>();
    for (int thread = 0; thread < THREADS; thread++) {
      long seed = 31L * round + thread;
      readers.add(
          pool.submit(
              () -> {
                readUntilLost(region, option, seed, reading);
                return null;
              }));
    }
    reading.await();
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.WRITE)) {
      file.truncate(0);
    }
    if (round % 2 == 1) {
      region.close();
    }
    for (Future<?> reader : readers) {
      reader.get();
    }
    pool.shutdown();
    if (region.isOpen()) {
      throw new AssertionError("the region still is open");
    }
    region.close();
  }

  private static void readUntilLost(
      Region region, RegionOption option, long seed, CountDownLatch reading) {
    SplittableRandom random = new SplittableRandom(seed);
    int copies = 0;
    try (CopyBuffer buffer = CopyBuffer.allocate()) {
      while (true) {
        copy(region, option, random.nextLong(region.count()), buffer);
        if (++copies == COPIES_BEFORE) {
          reading.countDown();
        }
      }
    } catch (RegionClosedException e) {
      if (copies < COPIES_BEFORE) {
        throw new AssertionError("lost too early", e);
      }
    } finally {
      reading.countDown(); // whatever failed, nobody waits for it
    }
  }

  private static void copy(Region region, RegionOption option, long index, CopyBuffer buffer) {
    try {
      RecordCopy copy = ZeroTouchClone.copyInto(region, index, buffer);
      if (copy.getLong("id") != index) {
        throw new AssertionError("record " + index + " came as " + copy);
      }
    } catch (CorruptRegionException e) {
      // The zeros of a hole were copied, and are no record.
      if (option != RegionOption.VERIFY_NONE) {
        throw e;
      }
    }
  }

  private static Path published(Path folder) {
    Path path = folder.resolve("jobs.ztc");
    try (RegionWriter writer = RegionWriter.create(path)) {
      for (int id = 0; id < RECORDS; id++) {
        writer.add(Map.of("id", id, "text", "x".repeat(200 + id % 700)));
      }
      writer.publish();
    }
    return path;
  }

  /** A region of holes: its records are zeros, which can be copied though not be read. */
  private static Path sparse(Path folder) throws IOException {
    ByteBuffer head = ByteBuffer.allocate(PAGE).order(ByteOrder.LITTLE_ENDIAN);
    head.put(new byte[] {(byte) 0x89, 'Z', 'T', 'C', '\r', '\n', 0x1a, '\n'});
    head.putInt(0x0a0b0c0d).putShort((short) 0).putShort((short) 2);
    head.putLong(SPARSE_SIZE).putLong(SPARSE_RECORDS).putLong(0).putInt(3);
    long[][] sections = {
      {5, 256, 16},
      {2, SPARSE_INDEX, 16L * SPARSE_RECORDS},
      {1, SPARSE_BASE, SPARSE_SIZE - SPARSE_BASE}
    };
    for (int i = 0; i < sections.length; i++) {
      head.position(64 + 32 * i);
      head.putInt((int) sections[i][0]).putInt(1);
      head.putLong(sections[i][1]).putLong(sections[i][2]);
    }
    ByteBuffer index = ByteBuffer.allocate(16 * SPARSE_RECORDS).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < SPARSE_RECORDS; i++) {
      index.putLong(SPARSE_BASE + 2L * PAGE * i | 1L << 48).putInt(PAGE).putInt(0);
    }
    Path path = folder.resolve("sparse.ztc");
    try (FileChannel file =
        FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      file.write(head.rewind(), 0);
      file.write(index.flip(), SPARSE_INDEX);
      file.write(ByteBuffer.allocate(1), SPARSE_SIZE - 1);
    }
    return path;
  }

  /** What a truncated buffer of the JDK's own does in this process. */
  private static String bufferOfTheJdk(Path folder) throws IOException {
    Path path = Files.write(folder.resolve("mapped"), new byte[4 * PAGE]);
    try (FileChannel file =
        FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      MappedByteBuffer mapped = file.map(FileChannel.MapMode.READ_ONLY, 0, 4 * PAGE);
      file.truncate(0);
      try {
        // Compiled code gets the error at its next safepoint, which a long loop has.
        for (long i = 0; i < 100_000L; i++) {
          mapped.get(2 * PAGE);
        }
        return "no error";
      } catch (InternalError e) {
        return "InternalError";
      }
    }
  }
}
