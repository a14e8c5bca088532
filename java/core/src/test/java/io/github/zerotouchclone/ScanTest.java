package io.github.zerotouchclone;

import static io.github.zerotouchclone.Fixtures.fails;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.github.zerotouchclone.internal.Native;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Spliterator;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Looking at all records of a region. */
class ScanTest {
  private static final int RECORDS = 1000;
  @TempDir Path folder;
  private Region region;

  @BeforeEach
  void open() {
    Object[] records = LongStream.range(0, RECORDS).boxed().toArray();
    region = Region.open(Fixtures.write(folder.resolve("r.ztc"), records));
  }

  @AfterEach
  void close() {
    region.close();
  }

  @Test
  void a_stream_has_all_records_in_order_as_independent_copies() {
    List<RecordCopy> copies = region.stream().toList();
    region.close();
    assertEquals(RECORDS, copies.size());
    for (int i = 0; i < RECORDS; i++) {
      assertEquals((long) i, copies.get(i).toObject());
    }
  }

  @Test
  void a_parallel_stream_sees_each_record_once() {
    ConcurrentHashMap<Object, Boolean> seen = new ConcurrentHashMap<>();
    long sum = region.stream().parallel().mapToLong(copy -> see(seen, copy)).sum();
    assertEquals(RECORDS * (RECORDS - 1L) / 2, sum);
    assertEquals(RECORDS, seen.size());
  }

  private static long see(ConcurrentHashMap<Object, Boolean> seen, RecordCopy copy) {
    assertEquals(null, seen.put(copy.recordIndex(), true));
    return (Long) copy.toObject();
  }

  @Test
  void no_record_is_passed_by_a_call_without_an_action() {
    Spliterator<RecordCopy> records = region.spliterator();
    assertThrows(NullPointerException.class, () -> records.tryAdvance(null));
    assertTrue(records.tryAdvance(copy -> assertEquals(0L, copy.toObject())));
  }

  @Test
  void splitting_halves_and_keeps_the_exact_sizes() {
    Spliterator<RecordCopy> rest = region.spliterator();
    assertTrue(rest.hasCharacteristics(Spliterator.SIZED | Spliterator.SUBSIZED));
    assertTrue(rest.tryAdvance(copy -> assertEquals(0L, copy.toObject())));
    Spliterator<RecordCopy> first = rest.trySplit();
    assertEquals(499, first.getExactSizeIfKnown());
    assertEquals(500, rest.getExactSizeIfKnown());
    List<Object> indices = new ArrayList<>();
    first.forEachRemaining(copy -> indices.add(copy.toObject()));
    assertEquals(1L, indices.get(0));
    assertEquals(499L, indices.get(498));
    assertFalse(first.tryAdvance(copy -> {}));
    assertEquals(null, first.trySplit());
  }

  @Test
  void a_scan_shows_every_record_through_one_view_that_is_stale_afterwards() {
    List<RecordCopy> views = new ArrayList<>();
    List<Object> values = new ArrayList<>();
    region.forEachCopy(
        view -> {
          views.add(view);
          values.add(view.toObject());
        });
    assertEquals(LongStream.range(0, RECORDS).boxed().toList(), values);
    assertEquals(1, views.stream().distinct().count());
    assertThrows(StaleCopyException.class, () -> views.get(0).toObject());
  }

  @Test
  void a_scan_of_records_of_all_sizes_keeps_the_order() {
    Object[] records = new Object[5000];
    Random random = new Random(4);
    for (int i = 0; i < records.length; i++) {
      // Batches of all that are asked for, of fewer, and of one that is larger than any before.
      records[i] = i % 997 == 500 ? "x".repeat(300_000) : "y".repeat(random.nextInt(i + 1));
    }
    try (Region sizes = Region.open(Fixtures.write(folder.resolve("sizes.ztc"), records))) {
      List<Object> seen = new ArrayList<>();
      sizes.forEachCopy(
          view -> {
            assertEquals(seen.size(), view.recordIndex());
            seen.add(view.toObject());
          });
      assertEquals(List.of(records), seen);
    }
  }

  @Test
  void what_the_action_throws_ends_the_scan_at_that_record() {
    IllegalStateException enough = new IllegalStateException();
    List<Long> seen = new ArrayList<>();
    Exception thrown =
        assertThrows(
            IllegalStateException.class,
            () ->
                region.forEachCopy(
                    view -> {
                      seen.add(view.recordIndex());
                      if (view.recordIndex() == 200) { // behind the first batch
                        throw enough;
                      }
                    }));
    assertSame(enough, thrown);
    assertEquals(LongStream.rangeClosed(0, 200).boxed().toList(), seen);
    long[] again = {0}; // the region is as good as before
    region.forEachCopy(view -> again[0]++);
    assertEquals(RECORDS, again[0]);
  }

  @Test
  void a_scan_shows_the_records_before_a_damaged_one() throws IOException {
    long offset = Native.recordOffset(region.handle(), 700);
    byte[] bytes = Files.readAllBytes(Path.of(region.path()));
    bytes[(int) offset + 8] ^= 1;
    Path path = Files.write(folder.resolve("damaged.ztc"), bytes);
    try (Region damaged = Region.open(path, RegionOption.VERIFY_RECORD)) {
      List<Long> seen = new ArrayList<>();
      fails(
          CorruptRegionException.class,
          Status.CHECKSUM,
          "record 700: ",
          () -> damaged.forEachCopy(view -> seen.add(view.recordIndex())));
      assertEquals(LongStream.range(0, 700).boxed().toList(), seen);
    }
  }

  @Test
  void scans_beside_and_inside_each_other_do_not_meet() {
    long[] sums = new long[2];
    region.forEachCopy(
        outer -> {
          if (outer.recordIndex() % 500 == 0) {
            region.forEachCopy(inner -> sums[1] += (Long) inner.toObject());
          }
          sums[0] += (Long) outer.toObject();
        });
    long all = RECORDS * (RECORDS - 1L) / 2;
    assertEquals(all, sums[0]);
    assertEquals(2 * all, sums[1]);
    assertEquals(
        8 * all,
        IntStream.range(0, 8)
            .parallel()
            .mapToLong(
                i -> {
                  long[] sum = {0};
                  region.forEachCopy(view -> sum[0] += (Long) view.toObject());
                  return sum[0];
                })
            .sum());
  }

  @Test
  void an_empty_region_is_scanned_without_a_call() {
    try (Region empty = Region.open(Fixtures.write(folder.resolve("empty.ztc")))) {
      empty.forEachCopy(view -> fail());
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {127, 200}) // the last of the first batch, and inside the second one
  void a_scan_ends_at_the_record_after_a_close(long last) {
    List<Long> seen = new ArrayList<>();
    assertThrows(
        RegionClosedException.class,
        () ->
            region.forEachCopy(
                view -> {
                  seen.add(view.recordIndex());
                  if (view.recordIndex() == last) {
                    region.close();
                  }
                }));
    assertEquals(last + 1, seen.size());
  }

  @Test
  void a_scan_ends_when_the_region_is_closed() {
    assertThrows(RegionClosedException.class, () -> region.forEachCopy(view -> region.close()));
    assertThrows(RegionClosedException.class, () -> region.stream().forEach(copy -> {}));
  }
}
