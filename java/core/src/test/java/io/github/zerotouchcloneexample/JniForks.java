package io.github.zerotouchcloneexample;

import io.github.zerotouchclone.Region;
import io.github.zerotouchclone.RegionWriter;
import io.github.zerotouchclone.ZeroTouchClone;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;

/** Threads of a JVM fork in native code while others copy, open, close and publish. */
public final class JniForks {
  private static final int RECORDS = 50;
  private static final int FORKS = 40;

  /**
   * Regions that are opened and closed for each fork. A process has 4096, closed ones included
   * until garbage is collected, which a child cannot do: all of them together are fewer.
   */
  private static final int OPENED = 20;

  private static final Semaphore TO_OPEN = new Semaphore(0);

  private JniForks() {}

  private static native int forkAndLive(String path);

  /**
   * @param args the native library, and a folder
   */
  public static void main(String[] args) throws Exception {
    System.load(args[0]);
    Path path = Path.of(args[1], "region.ztc");
    publish(path);
    AtomicBoolean stop = new AtomicBoolean();
    ExecutorService pool = Executors.newFixedThreadPool(5);
    List<Future<?>> busy = new ArrayList<>();
    try (Region region = Region.open(path)) {
      busy.add(pool.submit(() -> until(stop, () -> copyAll(region))));
      busy.add(pool.submit(() -> until(stop, () -> openAndClose(path))));
      busy.add(pool.submit(() -> until(stop, () -> publish(path.resolveSibling("other.ztc")))));
      List<Future<Integer>> forking = new ArrayList<>();
      for (int t = 0; t < 2; t++) {
        forking.add(pool.submit(() -> fork(path)));
      }
      int bad = 0;
      for (Future<Integer> thread : forking) {
        bad += thread.get();
      }
      stop.set(true);
      TO_OPEN.release();
      for (Future<?> thread : busy) {
        thread.get();
      }
      copyAll(region);
      System.out.println(2 * FORKS + " forks, " + bad + " bad");
    } finally {
      stop.set(true);
      TO_OPEN.release();
      pool.shutdown();
    }
  }

  private static int fork(Path path) {
    int bad = 0;
    for (int i = 0; i < FORKS; i++) {
      TO_OPEN.release(OPENED);
      int status = forkAndLive(path.toString());
      if (status != 0) {
        System.out.println("a child ended with status 0x" + Integer.toHexString(status));
        bad++;
      }
    }
    return bad;
  }

  private static void until(AtomicBoolean stop, Runnable call) {
    while (!stop.get()) {
      call.run();
    }
  }

  private static void openAndClose(Path path) {
    TO_OPEN.acquireUninterruptibly();
    Region.open(path).close();
  }

  private static void copyAll(Region region) {
    for (int i = 0; i < RECORDS; i++) {
      Object id = ZeroTouchClone.copyByKey(region, i).get("id");
      if (!id.equals(i)) {
        throw new AssertionError("record " + i + " has id " + id);
      }
    }
  }

  private static void publish(Path path) {
    try (RegionWriter writer = RegionWriter.create(path)) {
      for (int i = 0; i < RECORDS; i++) {
        writer.key(i).add(Map.of("id", i, "text", "x".repeat(i)));
      }
      writer.publish();
    }
  }
}
