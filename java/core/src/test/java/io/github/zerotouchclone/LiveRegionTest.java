package io.github.zerotouchclone;

import static io.github.zerotouchclone.Fixtures.fails;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Swaps under readers, refused files, grace periods, and what is given back. */
@Timeout(120)
class LiveRegionTest {
  private static final int RECORDS = 200;

  @TempDir Path folder;
  private Path path;

  @BeforeEach
  void firstVersion() {
    path = folder.resolve("live.ztc");
    publish(0);
  }

  /** A region in which every record is a list of the version's number only. */
  private void publish(int version) {
    Object[] records = new Object[RECORDS];
    java.util.Arrays.fill(records, List.of(version, version, "text of " + version, version));
    Fixtures.write(path, records);
  }

  private static int version(RecordCopy copy) {
    List<?> list = (List<?>) copy.toObject();
    int version = (int) list.get(0);
    assertEquals(List.of(version, version, "text of " + version, version), list);
    return version;
  }

  private void rename(byte[] bytes) throws IOException {
    Path beside = Files.write(folder.resolve("beside"), bytes);
    Files.move(beside, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Without a thread: the test polls. */
  private LiveRegion.Builder polled() {
    return LiveRegion.builder(path).interval(Duration.ZERO).grace(Duration.ZERO);
  }

  /** Mappings of the path's files, those that were replaced included. */
  private long mappings(String suffix) throws IOException {
    try (var lines = Files.lines(Path.of("/proc/self/maps"))) {
      return lines.filter(line -> line.endsWith(path + suffix)).count();
    }
  }

  private static long descriptors(String name) throws IOException {
    long count = 0;
    try (var files = Files.list(Path.of("/proc/self/fd"))) {
      for (Path file : files.toList()) {
        try {
          count += Files.readSymbolicLink(file).toString().contains(name) ? 1 : 0;
        } catch (IOException e) {
          // The descriptor of the listing itself.
        }
      }
    }
    return count;
  }

  /** What a listener was told, in order. */
  private static final class Told implements LiveRegion.Listener {
    final BlockingQueue<Object> events = new LinkedBlockingQueue<>();

    @Override
    public void swapped(Region current) {
      events.add(current);
    }

    @Override
    public void refused(RegionException problem) {
      events.add(problem);
    }

    Object next() throws InterruptedException {
      Object event = events.poll(60, TimeUnit.SECONDS);
      assertTrue(event != null, "the listener was told nothing");
      return event;
    }
  }

  @Test
  void poll_swaps_another_region_in_and_tells_the_listener() {
    Told told = new Told();
    try (LiveRegion live = polled().listener(told).watch()) {
      assertFalse(live.poll());
      publish(1);
      assertEquals(0, version(live.copy(3)));
      assertTrue(live.poll());
      assertEquals(1, version(live.copy(3)));
      assertSame(live.region(), told.events.remove());
      assertFalse(live.poll());
      assertTrue(told.events.isEmpty());
      assertEquals(1, live.copyPath(7, "[3]"));
    }
  }

  @Test
  void the_thread_follows_the_path_by_itself() throws Exception {
    Told told = new Told();
    try (LiveRegion live =
        LiveRegion.builder(path).interval(Duration.ofMillis(1)).listener(told).watch()) {
      for (int version = 1; version < 20; version++) {
        publish(version);
        Object swapped = told.next();
        assertSame(live.region(), swapped);
        assertEquals(version, version(live.copy(0)));
      }
    }
  }

  @Test
  void a_bad_file_is_reported_once_and_the_old_region_stays() throws Exception {
    Told told = new Told();
    try (LiveRegion live = polled().options(RegionOption.VERIFY_ALL).listener(told).watch()) {
      Region first = live.region();
      rename("this is not a region, and never was one, whatever it is called".getBytes());
      assertFalse(live.poll());
      RegionException problem = (RegionException) told.events.remove();
      assertEquals(Status.NOT_A_REGION, problem.status());
      assertTrue(problem.getMessage().contains(path.toString()), problem.getMessage());
      assertFalse(live.poll());
      Files.delete(path);
      assertFalse(live.poll());
      assertEquals(Status.NOT_FOUND, ((RegionException) told.events.remove()).status());
      publish(1);
      byte[] damaged = Files.readAllBytes(path);
      damaged[damaged.length / 2] ^= 1;
      rename(damaged);
      assertFalse(live.poll());
      assertEquals(Status.CHECKSUM, ((RegionException) told.events.remove()).status());
      assertFalse(live.poll());
      assertTrue(told.events.isEmpty());
      assertSame(first, live.region());
      assertEquals(0, version(live.copy(3)));
    }
  }

  @Test
  void the_first_region_has_to_be_good() throws IOException {
    long before = descriptors("live.ztc");
    rename(new byte[100]);
    fails(Status.NOT_A_REGION, path.toString(), () -> LiveRegion.watch(path));
    Files.delete(path);
    fails(Status.NOT_FOUND, path.toString(), () -> LiveRegion.watch(path));
    fails(
        Status.INVALID_ARGUMENT,
        "negative",
        () -> LiveRegion.builder(path).grace(Duration.ofNanos(-1)));
    assertEquals(before, descriptors("live.ztc"));
  }

  @Test
  void the_grace_period_decides_when_the_replaced_file_goes() throws IOException {
    AtomicLong time = new AtomicLong(Long.MAX_VALUE - 5); // a clock may wrap around
    try (LiveRegion live = polled().grace(Duration.ofNanos(10)).clock(time::get).watch()) {
      Region first = live.region();
      publish(1);
      assertTrue(live.poll());
      time.addAndGet(9);
      assertFalse(live.poll());
      assertTrue(first.isOpen());
      assertEquals(0, version(ZeroTouchClone.copy(first, 1)));
      assertEquals(1, mappings(" (deleted)"));
      time.addAndGet(1);
      assertFalse(live.poll());
      assertFalse(first.isOpen());
      assertEquals(0, mappings(" (deleted)"));
      assertEquals(0, descriptors("live.ztc (deleted)"));
    }
  }

  /** The watch has taken the file then, and reports it once only. */
  @Test
  void a_swap_that_fails_for_lack_of_memory_is_made_by_a_later_poll() {
    AtomicInteger failures = new AtomicInteger(2);
    LongSupplier clock =
        () -> {
          if (failures.getAndDecrement() > 0) {
            throw new OutOfMemoryError("for a test");
          }
          return 0;
        };
    Told told = new Told();
    try (LiveRegion live = polled().clock(clock).listener(told).watch()) {
      publish(1);
      assertThrows(OutOfMemoryError.class, live::poll);
      assertEquals(0, version(live.copy(1)));
      assertThrows(OutOfMemoryError.class, live::poll);
      assertTrue(live.poll());
      assertEquals(1, version(live.copy(1)));
      assertSame(live.region(), told.events.poll());
      assertFalse(live.poll());
    }
  }

  @Test
  void a_read_that_meets_a_tombstone_is_made_once_more() {
    try (LiveRegion live = polled().watch()) {
      AtomicInteger calls = new AtomicInteger();
      int seen =
          live.read(
              region -> {
                if (calls.incrementAndGet() == 1) {
                  publish(1);
                  live.poll();
                }
                return version(ZeroTouchClone.copy(region, 0));
              });
      assertEquals(1, seen);
      assertEquals(2, calls.get());
      assertThrows(
          RegionClosedException.class,
          () ->
              live.read(
                  region -> {
                    publish(calls.incrementAndGet());
                    live.poll();
                    return ZeroTouchClone.copy(region, 0);
                  }));
      assertEquals(4, calls.get());
    }
  }

  @Test
  void a_snapshot_is_independent() throws IOException {
    Region snapshot;
    try (LiveRegion live = polled().watch()) {
      rename(new byte[500]); // the path has nothing to open any more
      snapshot = live.snapshot();
      assertNotSame(live.region(), snapshot);
    }
    try (snapshot) {
      assertEquals(0, version(ZeroTouchClone.copy(snapshot, 5)));
    }
    assertEquals(0, mappings(" (deleted)"));
  }

  @Test
  void a_closed_one_says_so_and_leaves_no_thread() throws Exception {
    LiveRegion live = LiveRegion.builder(path).interval(Duration.ofHours(1)).watch();
    Thread thread =
        Thread.getAllStackTraces().keySet().stream()
            .filter(t -> t.getName().equals("ztc-live " + path))
            .findAny()
            .orElseThrow();
    assertTrue(thread.isDaemon());
    live.close();
    live.close();
    thread.join();
    fails(RegionClosedException.class, Status.CLOSED, path.toString(), () -> live.copy(0));
    fails(RegionClosedException.class, Status.CLOSED, path.toString(), live::poll);
    fails(RegionClosedException.class, Status.CLOSED, path.toString(), live::snapshot);
    assertEquals(0, mappings(""));
    assertEquals(0, descriptors("live.ztc"));
  }

  @Test
  void a_listener_that_throws_does_not_end_the_watch() throws Exception {
    BlockingQueue<Throwable> caught = new LinkedBlockingQueue<>();
    Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
    Thread.setDefaultUncaughtExceptionHandler((thread, e) -> caught.add(e));
    LiveRegion.Listener angry =
        new LiveRegion.Listener() {
          @Override
          public void swapped(Region current) {
            throw new IllegalStateException("version " + version(ZeroTouchClone.copy(current, 0)));
          }
        };
    try (LiveRegion live =
        LiveRegion.builder(path).interval(Duration.ofMillis(1)).listener(angry).watch()) {
      for (int version = 1; version < 4; version++) {
        publish(version);
        assertEquals("version " + version, caught.poll(60, TimeUnit.SECONDS).getMessage());
        assertEquals(version, version(live.copy(0)));
      }
    } finally {
      Thread.setDefaultUncaughtExceptionHandler(before);
    }
  }

  @Test
  void what_a_listener_or_a_handler_throws_does_not_end_the_watch() throws Exception {
    BlockingQueue<Throwable> caught = new LinkedBlockingQueue<>();
    Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
    Thread.setDefaultUncaughtExceptionHandler(
        (thread, e) -> {
          caught.add(e);
          throw new IllegalStateException("from the handler");
        });
    LiveRegion.Listener angry =
        new LiveRegion.Listener() {
          @Override
          public void swapped(Region current) {
            Region other = Region.open(path);
            other.close();
            ZeroTouchClone.copy(other, 0);
          }
        };
    try (LiveRegion live =
        LiveRegion.builder(path).interval(Duration.ofMillis(1)).listener(angry).watch()) {
      for (int version = 1; version < 4; version++) {
        publish(version);
        assertTrue(caught.poll(60, TimeUnit.SECONDS) instanceof RegionClosedException);
        assertEquals(version, version(live.copy(0)));
      }
    } finally {
      Thread.setDefaultUncaughtExceptionHandler(before);
    }
  }

  @Test
  void durations_without_end_are_taken() {
    Duration endless = Duration.ofSeconds(Long.MAX_VALUE);
    try (LiveRegion live = LiveRegion.builder(path).interval(endless).grace(endless).watch()) {
      Region first = live.region();
      publish(1);
      assertTrue(live.poll());
      assertFalse(live.poll());
      assertEquals(1, version(live.copy(0)));
      assertTrue(first.isOpen());
    }
  }

  private static Thread started(Runnable work) {
    Thread thread = new Thread(work);
    thread.start();
    return thread;
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(60, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void a_listener_is_told_one_event_after_the_other_and_the_newest_last() throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    List<String> events = Collections.synchronizedList(new ArrayList<>());
    LiveRegion.Listener slow =
        new LiveRegion.Listener() {
          @Override
          public void swapped(Region current) {
            int version = version(ZeroTouchClone.copy(current, 0));
            events.add("begin " + version);
            if (version == 1) {
              inside.countDown();
              await(goOn);
            }
            events.add("end " + version);
          }
        };
    Duration hour = Duration.ofHours(1);
    try (LiveRegion live = polled().grace(hour).listener(slow).watch()) {
      publish(1);
      Thread one = started(live::poll);
      await(inside);
      publish(2);
      Thread two = started(live::poll);
      while (version(live.copy(0)) != 2) { // readers do not wait for a listener
        Thread.yield();
      }
      // Neither is in the listener's way now but the other.
      while (two.getState() == Thread.State.RUNNABLE) {
        Thread.yield();
      }
      goOn.countDown();
      one.join();
      two.join();
      assertEquals(List.of("begin 1", "end 1", "begin 2", "end 2"), events);
    }
  }

  @Test
  void what_a_listeners_own_poll_finds_is_told_behind_what_it_is_told_now() {
    List<String> events = new ArrayList<>();
    LiveRegion[] live = new LiveRegion[1];
    LiveRegion.Listener polling =
        new LiveRegion.Listener() {
          @Override
          public void swapped(Region current) {
            int version = version(ZeroTouchClone.copy(current, 0));
            events.add("begin " + version);
            if (version < 3) {
              publish(version + 1);
              assertTrue(live[0].poll());
            }
            events.add("end " + version);
          }
        };
    live[0] = polled().grace(Duration.ofHours(1)).listener(polling).watch();
    try (LiveRegion closing = live[0]) {
      publish(1);
      assertTrue(closing.poll());
      assertEquals(List.of("begin 1", "end 1", "begin 2", "end 2", "begin 3", "end 3"), events);
    }
  }

  @Test
  void neither_a_snapshot_nor_close_waits_for_a_look() throws Exception {
    CountDownLatch looking = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    LiveRegion live =
        polled()
            .beforeLook(
                () -> {
                  looking.countDown();
                  await(goOn);
                })
            .watch();
    AtomicBoolean swapped = new AtomicBoolean(true);
    Thread poller = started(() -> swapped.set(live.poll()));
    await(looking);
    try (Region snapshot = live.snapshot()) {
      assertEquals(0, version(ZeroTouchClone.copy(snapshot, 1)));
    }
    publish(1); // for the look to find
    live.close();
    assertFalse(live.region().isOpen());
    goOn.countDown();
    poller.join();
    assertFalse(swapped.get());
    assertEquals(0, mappings(""));
    assertEquals(0, descriptors("live.ztc"));
  }

  @Test
  void snapshots_taken_while_regions_are_swapped_are_whole() throws Exception {
    try (LiveRegion live = polled().watch()) {
      AtomicBoolean stop = new AtomicBoolean();
      AtomicInteger taken = new AtomicInteger();
      AtomicInteger wanted = new AtomicInteger();
      BlockingQueue<Throwable> wrong = new LinkedBlockingQueue<>();
      Runnable snapshots =
          () -> {
            int newest = 0;
            while (!stop.get() && wrong.isEmpty()) {
              if (taken.get() >= wanted.get()) { // each keeps an address until it is garbage
                Thread.yield();
                continue;
              }
              try (Region snapshot = live.snapshot()) {
                int version = version(ZeroTouchClone.copy(snapshot, 7));
                assertTrue(version >= newest, version + " after " + newest);
                newest = version;
                taken.incrementAndGet();
              } catch (Throwable e) {
                wrong.add(e);
              }
            }
          };
      List<Thread> threads = List.of(started(snapshots), started(snapshots));
      for (int version = 1; version <= 150 && wrong.isEmpty(); version++) {
        publish(version);
        wanted.addAndGet(6); // so that some are taken while the poll swaps
        assertTrue(live.poll());
        while (taken.get() < wanted.get() && wrong.isEmpty()) {
          Thread.yield();
        }
      }
      stop.set(true);
      for (Thread thread : threads) {
        thread.join();
      }
      for (Throwable e : wrong) {
        throw new AssertionError("a snapshot failed", e);
      }
    }
    assertEquals(0, descriptors("live.ztc"));
  }

  /** Readers of all kinds go on while regions come and go. */
  private final class Load implements AutoCloseable {
    final AtomicBoolean stop = new AtomicBoolean();
    final BlockingQueue<Throwable> wrong = new LinkedBlockingQueue<>();
    final List<AtomicLong> rounds = new ArrayList<>();
    final List<Thread> threads = new ArrayList<>();

    Load(LiveRegion live) {
      start(() -> version(live.copy(17)));
      CopyBuffer one = CopyBuffer.allocate();
      start(() -> version(live.copyInto(18, one)));
      CopyBuffer many = CopyBuffer.allocate();
      long[] indices = java.util.stream.LongStream.range(0, 64).toArray();
      start(
          () -> {
            BatchCopy batch = live.copyAll(indices, many);
            int version = version(batch.get(0));
            for (int i = 1; i < indices.length; i++) {
              assertEquals(version, version(batch.get(i)));
            }
            return version;
          });
    }

    private void start(java.util.function.IntSupplier read) {
      AtomicLong done = new AtomicLong();
      rounds.add(done);
      Thread thread =
          new Thread(
              () -> {
                int newest = 0;
                while (!stop.get()) {
                  try {
                    int version = read.getAsInt();
                    assertTrue(version >= newest, version + " after " + newest);
                    newest = version;
                  } catch (RegionClosedException e) {
                    // Two swaps came between the attempts; without a grace period that is allowed.
                    done.addAndGet(1L << 32);
                  } catch (Throwable e) {
                    wrong.add(e);
                  }
                  done.incrementAndGet();
                  Thread.yield();
                }
              });
      threads.add(thread);
      thread.start();
    }

    /** Returns when each reader has made some more rounds. */
    void letThemRead() {
      for (AtomicLong done : rounds) {
        int before = done.intValue();
        while (done.intValue() < before + 3) {
          Thread.onSpinWait();
          Thread.yield();
        }
      }
    }

    long refusals() {
      return rounds.stream().mapToLong(done -> done.get() >> 32).sum();
    }

    @Override
    public void close() {
      stop.set(true);
      for (Thread thread : threads) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          throw new AssertionError(e);
        }
      }
      for (Throwable e : wrong) {
        throw new AssertionError("a reader failed", e);
      }
    }
  }

  @Test
  void hundreds_of_swaps_under_readers_leave_nothing_of_the_old_files() throws Exception {
    try (LiveRegion live = polled().watch()) {
      try (Load load = new Load(live)) {
        for (int version = 1; version <= 300; version++) {
          publish(version);
          assertTrue(live.poll());
          assertEquals(0, mappings(" (deleted)"));
          load.letThemRead();
        }
      }
      assertEquals(300, version(live.copy(0)));
      assertEquals(1, mappings(""));
      assertEquals(1, descriptors("live.ztc"));
    }
    assertEquals(0, descriptors("live.ztc"));
  }

  @Test
  void within_the_grace_period_no_reader_is_refused() throws Exception {
    AtomicLong time = new AtomicLong();
    try (LiveRegion live = polled().grace(Duration.ofNanos(2)).clock(time::get).watch()) {
      try (Load load = new Load(live)) {
        for (int version = 1; version <= 200; version++) {
          publish(version);
          assertTrue(live.poll());
          load.letThemRead(); // so nobody is inside what is closed two swaps later
          assertTrue(mappings(" (deleted)") <= 2);
          time.incrementAndGet();
        }
        assertEquals(0, load.refusals());
      }
    }
  }

  /** Each region keeps its range of addresses until it is garbage; none for good. */
  @Test
  void more_swaps_than_a_process_has_regions_are_no_problem() throws Exception {
    byte[][] versions = new byte[2][];
    for (int i = 0; i < 2; i++) {
      publish(i);
      versions[i] = Files.readAllBytes(path);
    }
    try (LiveRegion live = polled().options(RegionOption.VERIFY_NONE).watch()) {
      int swaps = 0;
      for (int i = 0; swaps < 5000; i++) {
        assertTrue(i < 6000, "stuck after " + swaps + " swaps");
        rename(versions[i & 1]);
        swaps += live.poll() ? 1 : 0;
      }
    }
  }

  /** Regions that are closed, as many as a process can have, and kept from being collected. */
  private List<Region> closedRegions() {
    List<Region> closed = new ArrayList<>();
    RegionException full =
        assertThrows(
            RegionException.class,
            () -> {
              while (closed.size() < 5000) {
                Region region = Region.open(path, RegionOption.VERIFY_NONE);
                region.close();
                closed.add(region);
              }
            });
    assertEquals(Status.NO_MEMORY, full.status());
    return closed;
  }

  @Test
  void watching_finds_room_among_regions_that_are_closed() {
    List<Region> closed = closedRegions();
    closed.clear();
    try (LiveRegion live = polled().watch()) {
      assertEquals(0, version(live.copy(1)));
    }
  }

  @Test
  void a_swap_finds_room_among_regions_that_are_closed_and_reports_no_lack_of_it() {
    Told told = new Told();
    try (LiveRegion live = polled().listener(told).watch()) {
      publish(1);
      List<Region> closed = closedRegions();
      closed.clear();
      assertTrue(live.poll());
      assertEquals(1, version(live.copy(1)));
      assertSame(live.region(), told.events.poll());
      assertTrue(told.events.isEmpty(), told.events.toString());
    }
  }
}
