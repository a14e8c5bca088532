package io.github.zerotouchclone;

import static io.github.zerotouchclone.Fixtures.fails;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Records by key. */
class KeysTest {
  private static final List<String> STRINGS =
      List.of("user:42", "", "Jürgen", "新着", "\uD83D\uDE00", "\0", "x".repeat(65535));

  @TempDir Path folder;

  private Region keyed() {
    Path path = folder.resolve("keyed.ztc");
    try (RegionWriter writer = RegionWriter.create(path)) {
      for (String key : STRINGS) {
        writer.key(key).add(key);
      }
      writer.add("no key");
      writer.key(42).add(42L);
      writer.key(Long.MIN_VALUE).add(Long.MIN_VALUE);
      writer.key("user:42".getBytes(StandardCharsets.UTF_8)).add("bytes");
      writer.key(new byte[0]).add("no bytes");
      writer.publish();
    }
    return Region.open(path);
  }

  @Test
  void a_function_that_returns_an_int_gives_the_key_of_that_number() {
    Path path = folder.resolve("ints.ztc");
    try (RegionWriter writer = RegionWriter.create(path)) {
      writer.addAllKeyed(List.of("a", "bb").iterator(), String::length, 2);
      UnstorableValueException e =
          fails(
              UnstorableValueException.class,
              Status.UNSTORABLE,
              "record 3: $: a record's key is a String, a Long or a byte[], not a java.lang.Double",
              () ->
                  writer.addAllKeyed(
                      List.of("c", "d").iterator(), text -> text.equals("d") ? 0.5 : null, 2));
      assertEquals(3, e.record());
      assertEquals(3, writer.count());
      writer.publish();
    }
    try (Region region = Region.open(path)) {
      assertEquals(0, region.indexOf(1));
      assertEquals(1, region.indexOf(2));
    }
  }

  record Numbered(long id) {}

  @Test
  void a_record_with_a_key_becomes_an_object() {
    Path path = folder.resolve("objects.ztc");
    byte[] bytes = {7};
    try (RegionWriter writer = RegionWriter.create(path)) {
      writer.key("a").add(Map.of("id", 1L));
      writer.key(2).add(Map.of("id", 2L));
      writer.key(bytes).add(Map.of("id", 3L));
      writer.publish();
    }
    try (Region region = Region.open(path);
        LiveRegion live = LiveRegion.watch(path)) {
      assertEquals(new Numbered(1), ZeroTouchClone.copyByKey(region, "a", Numbered.class));
      assertEquals(new Numbered(2), ZeroTouchClone.copyByKey(region, 2, Numbered.class));
      assertEquals(new Numbered(3), ZeroTouchClone.copyByKey(region, bytes, Numbered.class));
      assertEquals(new Numbered(1), live.copyByKey("a", Numbered.class));
      assertEquals(new Numbered(2), live.copyByKey(2, Numbered.class));
      assertEquals(new Numbered(3), live.copyByKey(bytes, Numbered.class));
      assertEquals(1, live.copyByKey("a").getInt("id"));
      assertEquals(2, live.copyByKey(2).getInt("id"));
      assertEquals(3, live.copyByKey(bytes).getInt("id"));
      fails(Status.NO_SUCH_KEY, "key \"b\"", () -> live.copyByKey("b", Numbered.class));
    }
  }

  @Test
  @SuppressWarnings("deprecation")
  void a_character_is_refused_where_it_would_be_a_number() {
    try (RegionWriter writer = RegionWriter.create(folder.resolve("refused.ztc"))) {
      assertThrows(IllegalArgumentException.class, () -> writer.key('A'));
      writer.key("A").add("a record");
      writer.publish();
    }
    try (Region region = Region.open(folder.resolve("refused.ztc"));
        LiveRegion live = LiveRegion.watch(folder.resolve("refused.ztc"));
        CopyBuffer buffer = CopyBuffer.allocate()) {
      for (org.junit.jupiter.api.function.Executable use :
          List.<org.junit.jupiter.api.function.Executable>of(
              () -> region.indexOf('A'),
              () -> ZeroTouchClone.copyByKey(region, 'A'),
              () -> ZeroTouchClone.copyByKey(region, 'A', String.class),
              () -> ZeroTouchClone.copyByKey(region, 'A', buffer),
              () -> live.copyByKey('A'),
              () -> live.copyByKey('A', String.class))) {
        String message = assertThrows(IllegalArgumentException.class, use).getMessage();
        assertTrue(message.contains("give the string \"A\""), message);
      }
      assertEquals(0, region.indexOf("A"));
    }
  }

  @Test
  void a_record_is_found_by_its_key() {
    try (Region region = keyed()) {
      for (int i = 0; i < STRINGS.size(); i++) {
        assertEquals(i, region.indexOf(STRINGS.get(i)));
        assertEquals(STRINGS.get(i), ZeroTouchClone.copyByKey(region, STRINGS.get(i)).toObject());
      }
      int next = STRINGS.size() + 1;
      assertEquals(next, region.indexOf(42));
      assertEquals(next + 1, region.indexOf(Long.MIN_VALUE));
      assertEquals(next + 2, region.indexOf("user:42".getBytes(StandardCharsets.UTF_8)));
      assertEquals(next + 3, region.indexOf(new byte[0]));
      assertEquals(next + 3, region.keyCount());
      assertEquals(42L, ZeroTouchClone.copyByKey(region, 42).toObject());
      assertEquals("no bytes", ZeroTouchClone.copyByKey(region, new byte[0]).toObject());
    }
  }

  @Test
  void a_record_is_copied_by_key_into_a_buffer() {
    try (Region region = keyed();
        CopyBuffer buffer = CopyBuffer.allocate()) {
      RecordCopy cursor = ZeroTouchClone.copyByKey(region, "Jürgen", buffer);
      assertEquals("Jürgen", cursor.toObject());
      assertSame(cursor, ZeroTouchClone.copyByKey(region, 42, buffer));
      assertEquals(42L, cursor.toObject());
      ZeroTouchClone.copyByKey(region, new byte[0], buffer);
      assertEquals("no bytes", cursor.toObject());
      fails(Status.NO_SUCH_KEY, "\"none\"", () -> ZeroTouchClone.copyByKey(region, "none", buffer));
      assertEquals("no bytes", cursor.toObject());
    }
  }

  @Test
  void an_absent_key_is_minus_one_or_an_exception_that_says_the_key() {
    try (Region region = keyed()) {
      for (String absent :
          List.of("user:43", "42", "?", "\uFFFD", "\uD83D", "a\uDE00", "x".repeat(70000))) {
        assertEquals(-1, region.indexOf(absent));
      }
      assertEquals(-1, region.indexOf(43));
      assertEquals(-1, region.indexOf(new byte[] {42, 0, 0, 0, 0, 0, 0, 0}));
      assertEquals(-1, region.indexOf(new byte[70000]));
      fails(
          Status.NO_SUCH_KEY,
          region.path() + ": no record has the key \"a \\\"b\\\"\"",
          () -> ZeroTouchClone.copyByKey(region, "a \"b\""));
      fails(Status.NO_SUCH_KEY, "the key 43", () -> ZeroTouchClone.copyByKey(region, 43));
      fails(
          Status.NO_SUCH_KEY,
          "the key x\"00ff\"",
          () -> ZeroTouchClone.copyByKey(region, new byte[] {0, -1}));
      fails(
          Status.NO_SUCH_KEY,
          "the key \"" + "y".repeat(64) + "\"...",
          () -> ZeroTouchClone.copyByKey(region, "y".repeat(65)));
      assertThrows(NullPointerException.class, () -> region.indexOf((String) null));
    }
  }

  @Test
  void a_key_with_an_unpaired_surrogate_is_not_the_question_mark_that_it_would_become() {
    Path path = folder.resolve("question.ztc");
    try (RegionWriter writer = RegionWriter.create(path)) {
      writer.key("?").add(1);
      writer.key("\uFFFD").add(2);
      writer.publish();
    }
    try (Region region = Region.open(path)) {
      assertEquals(-1, region.indexOf("\uD83D"));
    }
  }

  @Test
  void a_region_without_keys_says_so() {
    try (Region region = Region.open(Fixtures.write(folder.resolve("plain.ztc"), 1, 2))) {
      assertEquals(0, region.keyCount());
      assertEquals(-1, region.indexOf("x"));
      fails(
          Status.NO_SUCH_KEY,
          "no record has the key \"x\"; no record of this region has one",
          () -> ZeroTouchClone.copyByKey(region, "x"));
    }
  }

  /** A look-up that meets a close is right or an exception; it never says that there is no key. */
  @Test
  void close_may_race_with_look_ups() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(3);
    keyed().close();
    try {
      for (int round = 0; round < 60; round++) {
        Region region = Region.open(folder.resolve("keyed.ztc"));
        CountDownLatch running = new CountDownLatch(3);
        List<Future<Boolean>> readers =
            List.of(
                pool.submit(() -> right(running, () -> region.indexOf("user:42") == 0)),
                pool.submit(() -> right(running, () -> region.indexOf(42) == STRINGS.size() + 1)),
                pool.submit(
                    () ->
                        right(
                            running,
                            () ->
                                ZeroTouchClone.copyByKey(region, "Jürgen")
                                    .toObject()
                                    .equals("Jürgen"))));
        running.await();
        region.close();
        for (Future<Boolean> reader : readers) {
          assertTrue(reader.get(), "round " + round);
        }
      }
    } finally {
      pool.shutdownNow();
    }
  }

  /** Looks up until the region is closed; whether all was right until then. */
  private static boolean right(CountDownLatch running, BooleanSupplier lookUp) {
    boolean right = true;
    try {
      for (int i = 0; ; i++) {
        right &= lookUp.getAsBoolean();
        if (i == 50) {
          running.countDown();
        }
      }
    } catch (RegionClosedException e) {
      return right;
    }
  }

  @Test
  void a_closed_region_says_so() {
    Region region = keyed();
    region.close();
    fails(RegionClosedException.class, Status.CLOSED, "closed", () -> region.indexOf("user:42"));
    fails(
        RegionClosedException.class,
        Status.CLOSED,
        "closed",
        () -> ZeroTouchClone.copyByKey(region, 42));
  }

  @Test
  void two_records_with_one_key_fail_the_publish_and_are_named() {
    Path path = folder.resolve("twice.ztc");
    try (RegionWriter writer = RegionWriter.create(path)) {
      writer.key("same").add(0);
      writer.add(1);
      writer.key("same").add(2);
      fails(
          Status.DUPLICATE_KEY,
          "records 0 and 2 have the same key, \"same\"",
          () -> writer.publish());
    }
    assertEquals(0, folder.toFile().list().length);
    assertEquals(false, Files.exists(path));
  }

  @Test
  void a_record_that_cannot_be_stored_takes_its_key_with_it() {
    Path path = folder.resolve("dropped.ztc");
    try (RegionWriter writer = RegionWriter.create(path)) {
      writer.key("first").add(1);
      RegionWriter keyed = writer.key("second");
      assertThrows(
          UnstorableValueException.class,
          () -> keyed.add(Map.of("thread", Thread.currentThread())));
      writer.key("second").add(2);
      writer.add(3);
      writer.publish();
    }
    try (Region region = Region.open(path, RegionOption.VERIFY_ALL)) {
      assertEquals(0, region.indexOf("first"));
      assertEquals(1, region.indexOf("second"));
      assertEquals(2, region.keyCount());
    }
  }

  @Test
  void keys_that_no_record_can_have_are_refused_at_once() {
    try (RegionWriter writer = RegionWriter.create(folder.resolve("refused.ztc"))) {
      writer.add(0);
      UnstorableValueException e =
          assertThrows(UnstorableValueException.class, () -> writer.key("a\uD83D"));
      assertEquals(Status.UNSTORABLE, e.status());
      assertEquals(1, e.record());
      fails(Status.TOO_LARGE, "70000 bytes", () -> writer.key(new byte[70000]));
      fails(Status.TOO_LARGE, "80000 bytes", () -> writer.key("é".repeat(40000)));
      writer.key("one");
      fails(Status.WRONG_STATE, "record 1 has a key already", () -> writer.key("two"));
      fails(Status.WRONG_STATE, "no record for it", writer::publish);
      writer.add(1);
      writer.publish();
      fails(Status.WRONG_STATE, "", () -> writer.key("late"));
    }
  }

  @Test
  void many_keys_of_all_kinds_are_found() {
    Path path = folder.resolve("many.ztc");
    try (RegionWriter writer = RegionWriter.create(path)) {
      for (int i = 0; i < 20000; i++) {
        switch (i % 3) {
          case 0 -> writer.key("user:" + i);
          case 1 -> writer.key(i);
          default -> writer.key(("user:" + i).getBytes(StandardCharsets.UTF_8));
        }
        writer.add(i);
      }
      writer.publish();
    }
    try (Region region = Region.open(path)) {
      for (int i = 0; i < 20000; i++) {
        byte[] bytes = ("user:" + i).getBytes(StandardCharsets.UTF_8);
        assertEquals(i % 3 == 0 ? i : -1, region.indexOf("user:" + i));
        assertEquals(i % 3 == 1 ? i : -1, region.indexOf(i));
        assertEquals(i % 3 == 2 ? i : -1, region.indexOf(bytes));
      }
    }
  }
}
