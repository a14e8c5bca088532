package io.github.zerotouchcloneexample;

import io.github.zerotouchclone.CopyBuffer;
import io.github.zerotouchclone.LiveRegion;
import io.github.zerotouchclone.Region;
import io.github.zerotouchclone.RegionException;
import io.github.zerotouchclone.RegionOption;
import io.github.zerotouchclone.RegionWriter;
import io.github.zerotouchclone.SharedValue;
import io.github.zerotouchclone.Status;
import io.github.zerotouchclone.ValuePath;
import io.github.zerotouchclone.ZeroTouchClone;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Calls the library again and again; each time the next allocation of its native part fails. Says
 * how many there were in each kind of call.
 */
public final class JniFaults {
  /** The file with a line for each kind of call: how many allocations failed. */
  public static final String COUNTS = "counts";

  private static final int MOST_ALLOCATIONS = 10_000;

  private static Path counts;

  private final Path path;
  private final Path scratch;
  private final Region region;
  private final Object first;

  private interface Call {
    void run() throws Exception;
  }

  private JniFaults(Path folder) {
    path = folder.resolve("region.ztc");
    scratch = folder.resolve("scratch.ztc");
    publish(path);
    region = Region.open(path);
    first = ZeroTouchClone.copy(region, 0).toObject();
  }

  private static native void arm(int number);

  private static native int disarm();

  /**
   * @param args the native library, a folder, and the file that tells a library that is being
   *     loaded what is to fail
   */
  public static void main(String[] args) throws Exception {
    counts = Path.of(args[1], COUNTS);
    load(args[0], Path.of(args[2]));
    new JniFaults(Path.of(args[1])).callAll();
  }

  private static void load(String library, Path victim) throws Exception {
    for (int number = 0; ; number++) {
      Files.writeString(victim, Integer.toString(number));
      try {
        System.load(library);
        disarm();
        count("load", number);
        return;
      } catch (OutOfMemoryError | UnsatisfiedLinkError expected) {
        check(number < MOST_ALLOCATIONS, "the library cannot be loaded: " + expected);
      }
    }
  }

  private void callAll() throws Exception {
    fail("open", () -> Region.open(path).close());
    fail("open whole", () -> Region.open(path, RegionOption.VERIFY_ALL).close());
    fail("open sealed", () -> Region.open(path, RegionOption.SEALED).close());
    fail("copy", () -> ZeroTouchClone.copy(region, 1).toObject());
    fail(
        "copy into",
        () -> {
          try (CopyBuffer buffer = CopyBuffer.allocate()) {
            ZeroTouchClone.copyInto(region, 2, buffer).toObject();
          }
        });
    fail(
        "copy all",
        () -> {
          try (CopyBuffer buffer = CopyBuffer.allocate()) {
            ZeroTouchClone.copyAll(region, new long[] {0, 1, 2}, buffer).get(2).toObject();
          }
        });
    fail("copy path", () -> ZeroTouchClone.copyPath(region, 0, "name"));
    fail("copy by key", () -> ZeroTouchClone.copyByKey(region, "second").toObject());
    fail("path", () -> ValuePath.of("a[1].b[\"c\"]"));
    fail("field", () -> region.field("name"));
    fail("preload", () -> region.preload(done -> {}));
    fail("validate", region::validate);
    fail("status", Status.CORRUPT::text);
    fail("library", ZeroTouchClone::nativeLibrary);
    fail(
        "publish",
        () -> {
          publish(scratch);
          check(Files.mismatch(path, scratch) < 0, "another region was published");
        });
    fail(
        "watch",
        () -> {
          try (LiveRegion live = LiveRegion.builder(path).interval(Duration.ofHours(1)).watch()) {
            live.copy(0);
            live.snapshot().close();
            live.poll();
          }
        });
    fail(
        "an error's text",
        () -> {
          try {
            Region.open(scratch.resolveSibling("none.ztc"));
          } catch (RegionException e) {
            if (e.status() != Status.NOT_FOUND) {
              throw e;
            }
          }
        });
  }

  private static void publish(Path path) {
    try (RegionWriter writer = RegionWriter.create(path)) {
      SharedValue shared = writer.share(List.of("shared by many", 1, 2.5));
      writer.key("first").add(Map.of("name", "first", "list", List.of(1, 2, 3), "more", shared));
      writer.key("second").add(Map.of("name", "second", "more", shared));
      writer.add(List.of(Map.of("name", "third"), shared, shared));
      writer.publish();
    }
  }

  /** Every allocation of the call fails in turn, until there is none left. */
  private void fail(String name, Call call) throws Exception {
    call.run(); // what a class does once is done
    for (int number = 0; number < MOST_ALLOCATIONS; number++) {
      Throwable thrown = null;
      boolean fired;
      arm(number);
      try {
        call.run();
      } catch (OutOfMemoryError | RegionException e) {
        thrown = e;
      } finally {
        fired = disarm() > number;
      }
      // A writer may do without what only makes it faster; the call has looked at what it wrote.
      check(
          fired == (thrown != null) || (fired && name.equals("publish")),
          name + ", allocation " + number + ": " + thrown);
      if (thrown instanceof RegionException e) {
        check(e.status() == Status.NO_MEMORY, name + ", allocation " + number + ": " + e);
      }
      check(ZeroTouchClone.copy(region, 0).toObject().equals(first), name + " hurt the region");
      if (!fired) {
        count(name, number);
        return;
      }
    }
    throw new AssertionError(name + " allocates without end");
  }

  /** Not to the output, where the JVM puts its warnings, also in the middle of a line. */
  private static void count(String call, int allocations) throws IOException {
    Files.writeString(
        counts,
        call + " " + allocations + "\n",
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }

  private static void check(boolean good, String message) {
    if (!good) {
      throw new AssertionError(message);
    }
  }
}
