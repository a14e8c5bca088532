package io.github.zerotouchclone;

import static io.github.zerotouchclone.Fixtures.fails;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Records encoded by several threads. */
class ParallelWritingTest {
  @TempDir Path folder;

  private byte[] serial(List<?> records) throws IOException {
    return Files.readAllBytes(Fixtures.write(folder.resolve("serial.ztc"), records.toArray()));
  }

  private byte[] parallel(List<?> records, int threads) throws IOException {
    Path path = folder.resolve("parallel.ztc");
    try (RegionWriter writer = RegionWriter.create(path)) {
      assertEquals(records.size(), writer.addAll(records.iterator(), threads));
      assertEquals(records.size(), writer.count());
      writer.publish();
    }
    return Files.readAllBytes(path);
  }

  @Test
  void any_number_of_threads_gives_the_same_bytes() throws IOException {
    for (long seed = 1; seed <= 2; seed++) {
      Random random = new Random(seed);
      List<Object> records = new ArrayList<>();
      for (int i = 0; i < 12_000; i++) {
        // Keys keep coming that were never seen before.
        records.add(
            i % 7 == 0
                ? Graphs.random(random)
                : Map.of("id", i, "key " + i / 100, Fixtures.job(i), "only " + i, i));
      }
      byte[] expected = serial(records);
      for (int threads : new int[] {1, 2, 3, 8}) {
        assertArrayEquals(
            expected, parallel(records, threads), "seed " + seed + ", threads " + threads);
      }
    }
  }

  @Test
  void large_and_small_values_mix() throws IOException {
    List<Object> records = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      records.add(i % 300 == 299 ? new int[500_000] : List.of(i));
    }
    records.add("x".repeat(20 << 20));
    records.add("end");
    assertArrayEquals(serial(records), parallel(records, 3));
  }

  @Test
  void it_may_be_mixed_with_single_records_keys_and_shared_values() throws IOException {
    Path path = folder.resolve("mixed.ztc");
    List<Object> common = new ArrayList<>(List.of("common"));
    List<Object> records = new ArrayList<>();
    for (int i = 0; i < 3000; i++) {
      records.add(new ArrayList<>(List.of((long) i, common)));
    }
    try (RegionWriter writer = RegionWriter.create(path)) {
      writer.add("first");
      writer.share(common);
      writer.addAllKeyed(records.iterator(), record -> ((List<?>) record).get(0), 2);
      writer.key("last").add("last");
      assertEquals(0, writer.addAll(Collections.emptyIterator(), 4));
      writer.publish();
    }
    try (Region region = Region.open(path, RegionOption.VERIFY_ALL)) {
      assertEquals(3002, region.count());
      assertEquals(3001, region.indexOf("last"));
      for (int i = 0; i < 3000; i += 97) {
        assertEquals(i + 1, region.indexOf((long) i));
        assertEquals(
            List.of((long) i, List.of("common")), ZeroTouchClone.copy(region, i + 1).toObject());
      }
      assertTrue(Files.size(path) < 400_000);
    }
  }

  @Test
  void a_value_that_cannot_be_stored_ends_it_after_those_before() throws IOException {
    List<Object> records = new ArrayList<>();
    for (int i = 0; i < 5000; i++) {
      records.add(Map.of("id", i, "new key " + i, i));
    }
    byte[] expected = serial(append(records.subList(0, 3210), Map.of("new key 4999", 1)));
    records.set(3210, Map.of("bad", new Object()));
    records.set(3300, Map.of("worse", new Object()));
    for (int threads : new int[] {1, 2, 5}) {
      Path path = folder.resolve("ends.ztc");
      try (RegionWriter writer = RegionWriter.create(path)) {
        UnstorableValueException e =
            fails(
                UnstorableValueException.class,
                Status.UNSTORABLE,
                "record 3210: $.bad: ",
                () -> writer.addAll(records.iterator(), threads));
        assertEquals(3210, e.record());
        assertEquals(3210, writer.count());
        writer.add(Map.of("new key 4999", 1));
        writer.publish();
      }
      assertArrayEquals(expected, Files.readAllBytes(path));
    }
  }

  private static List<Object> append(List<Object> list, Object last) {
    List<Object> result = new ArrayList<>(list);
    result.add(last);
    return result;
  }

  private static Iterator<Object> iterator(long count, LongFunction<Object> values) {
    return LongStream.range(0, count).mapToObj(values).iterator();
  }

  @Test
  void an_exception_of_the_iterator_or_a_value_comes_through() {
    IllegalStateException thrown = new IllegalStateException("no more");
    Path path = folder.resolve("thrown.ztc");
    try (RegionWriter writer = RegionWriter.create(path)) {
      Iterator<Object> values =
          iterator(
              1000,
              i -> {
                if (i == 700) {
                  throw thrown;
                }
                return "value " + i;
              });
      assertSame(thrown, assertThrows(IllegalStateException.class, () -> writer.addAll(values, 2)));
      assertEquals(700, writer.count());
      Iterator<Object> keyed = iterator(100, i -> i);
      assertSame(
          thrown,
          assertThrows(
              IllegalStateException.class,
              () ->
                  writer.addAllKeyed(
                      keyed,
                      value -> {
                        if (value.equals(50L)) {
                          throw thrown;
                        }
                        return value;
                      },
                      2)));
      assertEquals(750, writer.count());
      writer.publish();
    }
    try (Region region = Region.open(path, RegionOption.VERIFY_ALL)) {
      assertEquals("value 699", ZeroTouchClone.copy(region, 699).toObject());
      assertEquals(749, region.indexOf(49L));
    }
  }

  @SuppressWarnings("unchecked")
  private static <E extends Exception> RuntimeException sneak(Exception e) throws E {
    throw (E) e;
  }

  /** As languages without checked exceptions throw them. */
  @Test
  void a_checked_exception_comes_through_as_it_is() {
    IOException thrown = new IOException("no more");
    try (RegionWriter writer = RegionWriter.create(folder.resolve("checked.ztc"))) {
      Iterator<Object> values =
          iterator(
              10,
              i -> {
                if (i == 7) {
                  throw ParallelWritingTest.<RuntimeException>sneak(thrown);
                }
                return i;
              });
      assertSame(thrown, assertThrows(IOException.class, () -> writer.addAll(values, 2)));
      assertEquals(7, writer.count());
      Iterator<Object> keyed = iterator(10, i -> i);
      assertSame(
          thrown,
          assertThrows(
              IOException.class,
              () ->
                  writer.addAllKeyed(
                      keyed,
                      value -> {
                        throw ParallelWritingTest.<RuntimeException>sneak(thrown);
                      },
                      1)));
    }
  }

  @Test
  @Timeout(60) // it would wait for ever
  void several_threads_encode() throws Exception {
    // Each of two values waits for the other one, so one thread alone would never end.
    CountDownLatch both = new CountDownLatch(2);
    Set<Thread> threads = ConcurrentHashMap.newKeySet();
    class Waiting {
      @SuppressWarnings("unused")
      @Field("thread")
      public String getThread() throws InterruptedException {
        threads.add(Thread.currentThread());
        both.countDown();
        both.await();
        return "done";
      }
    }
    // After records as large as these, each batch has one.
    List<Object> records = new ArrayList<>(Collections.nCopies(110, "y".repeat(300_000)));
    records.set(100, new Waiting());
    records.set(101, new Waiting());
    parallel(records, 2);
    assertEquals(2, threads.size());
    for (Thread thread : threads) {
      thread.join();
    }
  }

  @Test
  void the_iterator_is_not_far_ahead_of_the_writer() throws IOException {
    AtomicLong encoded = new AtomicLong();
    AtomicLong ahead = new AtomicLong();
    class Counting {
      @SuppressWarnings("unused")
      @Field("bytes")
      public byte[] getBytes() {
        encoded.incrementAndGet();
        return new byte[10_000];
      }
    }
    Iterator<Object> values =
        iterator(
            3000,
            i -> {
              ahead.accumulateAndGet(i - encoded.get(), Math::max);
              return new Counting();
            });
    try (RegionWriter writer = RegionWriter.create(folder.resolve("ahead.ztc"))) {
      assertEquals(3000, writer.addAll(values, 2));
    }
    // 2 batches a thread of 128 KiB, and one that is being taken.
    assertTrue(ahead.get() <= 5 * 16, ahead.toString());
  }

  @Test
  void a_value_that_writes_to_its_writer_is_refused() {
    try (RegionWriter writer = RegionWriter.create(folder.resolve("inside.ztc"))) {
      Iterator<Object> values = iterator(3, i -> writer.add(i));
      fails(Status.WRONG_STATE, "being added", () -> writer.addAll(values, 1));
      assertThrows(
          IllegalArgumentException.class, () -> writer.addAll(Collections.emptyIterator(), 0));
    }
  }

  @Test
  void a_writer_that_is_given_up_leaves_nothing() throws IOException {
    Iterator<Object> endless =
        new Iterator<>() {
          private int i;

          @Override
          public boolean hasNext() {
            return true;
          }

          @Override
          public Object next() {
            if (i++ == 20_000) {
              throw new NoSuchElementException();
            }
            return Fixtures.job(i);
          }
        };
    try (RegionWriter writer = RegionWriter.create(folder.resolve("none.ztc"))) {
      assertThrows(NoSuchElementException.class, () -> writer.addAll(endless, 2));
    }
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(), files.toList());
    }
  }

  @Test
  void null_is_a_record() throws IOException {
    List<Object> records = Arrays.asList(null, 1, null);
    assertArrayEquals(serial(records), parallel(records, 2));
    Map<String, Object> map = new LinkedHashMap<>();
    assertArrayEquals(serial(List.of(map)), parallel(List.of(map), 2));
  }

  @Test
  void any_number_of_threads_will_do() {
    Path path = folder.resolve("threads.ztc");
    try (RegionWriter writer = RegionWriter.create(path)) {
      assertEquals(100, writer.addAll(Collections.nCopies(100, "r").iterator(), 1 << 30));
      assertEquals(100, writer.addAll(Collections.nCopies(100, "r").iterator(), Integer.MAX_VALUE));
      writer.publish();
    }
    try (Region region = Region.open(path)) {
      assertEquals(200, region.count());
    }
  }
}
