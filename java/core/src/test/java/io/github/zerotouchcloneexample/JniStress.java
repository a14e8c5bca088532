package io.github.zerotouchcloneexample;

import io.github.zerotouchclone.CopyBuffer;
import io.github.zerotouchclone.Region;
import io.github.zerotouchclone.RegionClosedException;
import io.github.zerotouchclone.RegionOption;
import io.github.zerotouchclone.RegionWriter;
import io.github.zerotouchclone.SharedValue;
import io.github.zerotouchclone.ZeroTouchClone;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;

/**
 * Native calls of many threads on regions that are closed under them. {@code .ci/checks} runs it
 * with a library that watches for data races. Of how Java hands memory from one thread to another
 * that library sees only that a thread is started: so each thread has a buffer of its own, and
 * nothing is given back before the end.
 */
public final class JniStress {
  private static final int ROUNDS = 100;
  private static final int RECORDS = 100;
  private static final int READS_BEFORE = 20;

  private static final Queue<Object> KEPT = new ConcurrentLinkedQueue<>();
  private static final Queue<String> WRONG = new ConcurrentLinkedQueue<>();

  private JniStress() {}

  private interface Read {
    Object id(int index, CopyBuffer own);
  }

  /**
   * @param args a folder to work in
   */
  public static void main(String[] args) throws Exception {
    Path path = Path.of(args[0], "stress.ztc");
    publish(path);
    for (int round = 0; round < ROUNDS; round++) {
      RegionOption level = round % 2 == 0 ? RegionOption.VERIFY_HEADER : RegionOption.VERIFY_RECORD;
      closeUnderReaders(Region.open(path, level));
    }
    System.out.println(WRONG.isEmpty() ? "no wrong copy" : WRONG.toString());
    System.out.flush();
    Runtime.getRuntime().halt(WRONG.isEmpty() ? 0 : 1);
  }

  private static void closeUnderReaders(Region region) throws InterruptedException {
    KEPT.add(region);
    List<Read> reads =
        List.of(
            (i, own) -> ZeroTouchClone.copyAll(region, new long[] {i}, own).get(0).get("id"),
            (i, own) -> ZeroTouchClone.copyByKey(region, i, own).get("id"),
            (i, own) -> ZeroTouchClone.copyInto(region, i, own).get("id"));
    CountDownLatch running = new CountDownLatch(reads.size());
    List<Thread> readers = new ArrayList<>();
    for (Read read : reads) {
      Thread reader = new Thread(() -> readUntilClosed(read, running));
      readers.add(reader);
      reader.start();
    }
    running.await();
    region.close();
    for (Thread reader : readers) {
      reader.join();
    }
  }

  private static void readUntilClosed(Read read, CountDownLatch running) {
    CopyBuffer own = CopyBuffer.allocate();
    KEPT.add(own);
    try {
      for (int n = 0; ; n++) {
        int index = n % RECORDS;
        Object id = read.id(index, own);
        if (!id.equals(index)) {
          WRONG.add("record " + index + " has id " + id);
        }
        if (n == READS_BEFORE) {
          running.countDown();
        }
      }
    } catch (RegionClosedException expected) {
      // The end that every reader comes to.
    } catch (RuntimeException e) {
      WRONG.add(e.toString());
      running.countDown();
    }
  }

  private static void publish(Path path) {
    try (RegionWriter writer = RegionWriter.create(path)) {
      SharedValue shared = writer.share(List.of("shared", 1));
      for (int i = 0; i < RECORDS; i++) {
        writer.key(i).add(Map.of("id", i, "text", "x".repeat(i), "shared", shared));
      }
      writer.publish();
    }
  }
}
