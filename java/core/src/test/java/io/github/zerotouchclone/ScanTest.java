package io.github.zerotouchclone;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Spliterator;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
  void a_scan_ends_when_the_region_is_closed() {
    assertThrows(RegionClosedException.class, () -> region.forEachCopy(view -> region.close()));
    assertThrows(RegionClosedException.class, () -> region.stream().forEach(copy -> {}));
  }
}
