package io.github.zerotouchclone;

import static io.github.zerotouchclone.Fixtures.fails;
import static io.github.zerotouchclone.Fixtures.job;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** A view whose memory holds something else by now throws, whatever it is asked; others go on. */
class StalenessTest {
  @TempDir Path folder;
  private Region region;
  private CopyBuffer buffer;

  @BeforeEach
  void open() {
    region =
        Region.open(
            Fixtures.write(
                folder.resolve("r.ztc"),
                job(0),
                job(1),
                job(2),
                List.of(1, 2, 3),
                Map.of("empty", List.of())));
    buffer = CopyBuffer.allocate();
  }

  @AfterEach
  void close() {
    region.close();
    buffer.close();
  }

  private RecordCopy copyInto(long index) {
    return ZeroTouchClone.copyInto(region, index, buffer);
  }

  private static void assertStale(String reason, Executable use) {
    fails(StaleCopyException.class, Status.WRONG_STATE, reason, use);
  }

  /** Every use of a view of a map that has {@code lang}. */
  private void assertStale(RecordCopy view) {
    FieldHandle lang = region.field("lang");
    for (Executable use :
        List.<Executable>of(
            () -> view.getString("lang"),
            () -> view.getBoolean("html"),
            () -> view.getDouble("score"),
            () -> view.get("lang"),
            () -> view.has("lang"),
            () -> view.isNull("lang"),
            () -> view.type("lang"),
            () -> view.getInt(0),
            view::keys,
            view::size,
            view::type,
            view::byteSize,
            view::recordIndex,
            view::toObject,
            view::toMap,
            view::toCompactMap,
            view::typedText,
            view::detach,
            () -> view.as(Map.class),
            () -> lang.isPresent(view),
            () -> lang.type(view),
            () -> lang.getString(view),
            () -> lang.get(view))) {
      assertStale("detach()", use);
    }
    assertTrue(view.toString().contains("stale"), view.toString());
  }

  // --------------------------------------------------------------------------------- the cursor

  @Test
  void a_nested_view_is_stale_after_the_next_copy() {
    RecordCopy prefs = copyInto(0).getRecord("prefs");
    copyInto(1);
    assertStale(prefs);
  }

  @Test
  void a_nested_view_is_stale_after_a_copy_of_the_same_record() {
    RecordCopy prefs = copyInto(0).getRecord("prefs");
    copyInto(0);
    assertStale(prefs);
  }

  @Test
  void a_view_from_a_handle_is_stale_after_the_next_copy() {
    RecordCopy prefs = region.field("prefs").getRecord(copyInto(0));
    copyInto(1);
    assertStale(prefs);
  }

  @Test
  void a_view_of_an_empty_container_is_stale_too() {
    RecordCopy empty = copyInto(4).getRecord("empty");
    assertEquals(0, empty.size());
    copyInto(0);
    assertStale("detach()", empty::size);
    assertStale("detach()", empty::toObject);
  }

  @Test
  void the_cursor_is_stale_after_a_batch() {
    RecordCopy cursor = copyInto(0);
    ZeroTouchClone.copyAll(region, new long[] {1}, buffer);
    assertStale(cursor);
  }

  @Test
  void the_cursor_is_stale_after_a_copy_that_failed() {
    RecordCopy cursor = copyInto(0);
    fails(Status.OUT_OF_RANGE, "record 9", () -> copyInto(9));
    assertStale(cursor);
    fails(
        Status.OUT_OF_RANGE,
        "record 9",
        () -> ZeroTouchClone.copyAll(region, new long[] {9}, buffer));
    assertStale(cursor);
    assertEquals(1, copyInto(1).getInt("id"));
  }

  @Test
  void a_cursor_shows_the_record_that_was_copied_last() {
    RecordCopy cursor = copyInto(0);
    copyInto(1);
    assertEquals(1, cursor.getInt("id"));
    assertEquals(1, cursor.recordIndex());
  }

  @Test
  void a_closed_buffer_keeps_no_copy() {
    copyInto(0);
    assertTrue(buffer.image().bytes().length > 0);
    buffer.close();
    assertEquals(0, buffer.image().bytes().length);
  }

  @Test
  void views_are_stale_after_the_buffer_is_closed() {
    RecordCopy cursor = copyInto(0);
    RecordCopy prefs = cursor.getRecord("prefs");
    buffer.close();
    assertStale(cursor);
    assertStale(prefs);
    assertStale("the buffer is closed", () -> copyInto(0));
    assertStale(
        "the buffer is closed", () -> ZeroTouchClone.copyAll(region, new long[] {0}, buffer));
  }

  // ------------------------------------------------------------------------------------- batches

  @Test
  void a_batch_and_its_views_are_stale_after_the_next_batch() {
    BatchCopy first = ZeroTouchClone.copyAll(region, new long[] {0, 1}, buffer);
    RecordCopy view = first.get(0);
    RecordCopy prefs = view.getRecord("prefs");
    BatchCopy second = ZeroTouchClone.copyAll(region, new long[] {2}, buffer);
    assertStale(view);
    assertStale(prefs);
    assertStale("detach()", () -> first.get(0));
    assertStale("detach()", () -> first.as(Binding.of(Map.class)));
    assertEquals(2, second.get(0).getInt("id"));
  }

  @Test
  void an_iterator_is_stale_in_the_midst_of_its_batch() {
    Iterator<RecordCopy> batch =
        ZeroTouchClone.copyAll(region, new long[] {0, 1}, buffer).iterator();
    batch.next();
    copyInto(2);
    assertTrue(batch.hasNext());
    assertStale("detach()", batch::next);
  }

  @Test
  void views_of_a_copy_are_stale_when_the_batch_shows_the_next_one() {
    BatchCopy batch = ZeroTouchClone.copyAll(region, new long[] {0, 1}, buffer);
    List<RecordCopy> views = new ArrayList<>(List.of(batch.get(0)));
    batch.forEachCopy(
        copy -> {
          views.forEach(this::assertStale);
          views.add(copy.getRecord("prefs"));
          assertEquals(copy.recordIndex(), batch.get((int) copy.recordIndex()).getInt("id"));
        });
    assertEquals(3, views.size());
    assertEquals(1, batch.get(1).getInt("id"));
  }

  @Test
  void a_batch_ends_where_an_action_copies_into_its_buffer() {
    BatchCopy batch = ZeroTouchClone.copyAll(region, new long[] {0, 1}, buffer);
    List<Long> seen = new ArrayList<>();
    assertStale(
        "the buffer holds a later copy now",
        () ->
            batch.forEachCopy(
                copy -> {
                  seen.add(copy.recordIndex());
                  copyInto(2);
                }));
    assertEquals(List.of(0L), seen);
    assertStale(
        "the buffer of this view is closed",
        () -> {
          BatchCopy other = ZeroTouchClone.copyAll(region, new long[] {0, 1}, buffer);
          other.forEachCopy(copy -> buffer.close());
        });
  }

  @Test
  void a_batch_is_stale_after_the_buffer_is_closed() {
    BatchCopy batch = ZeroTouchClone.copyAll(region, new long[] {0, 1}, buffer);
    buffer.close();
    assertStale("the buffer of this view is closed", () -> batch.get(0));
    assertStale("the buffer of this view is closed", () -> batch.as(Binding.of(Map.class)));
  }

  @Test
  void views_of_one_batch_stay_beside_each_other() {
    BatchCopy batch = ZeroTouchClone.copyAll(region, new long[] {0, 1}, buffer);
    RecordCopy first = batch.get(0);
    RecordCopy second = batch.get(1);
    assertEquals(0, first.getInt("id"));
    assertEquals(1, second.getInt("id"));
  }

  // --------------------------------------------------------------------------------------- scans

  @Test
  void a_view_that_is_kept_past_its_call_of_a_scan_is_stale() {
    List<RecordCopy> nested = new ArrayList<>();
    List<RecordCopy> kept = new ArrayList<>();
    List<RecordCopy> cursors = new ArrayList<>();
    region.forEachCopy(
        view -> {
          if (!nested.isEmpty()) {
            assertStale(nested.get(nested.size() - 1)); // in the same batch
          }
          if (view.recordIndex() < 3) {
            nested.add(view.getRecord("prefs"));
            kept.add(view.detach());
          }
          cursors.add(view);
        });
    assertEquals(3, nested.size());
    nested.forEach(this::assertStale);
    cursors.forEach(this::assertStale);
    assertEquals(2, kept.get(2).getInt("id"));
  }

  // ----------------------------------------------------------------- what does not make them stale

  @Test
  void views_outlive_their_region() {
    RecordCopy prefs = copyInto(1).getRecord("prefs");
    BatchCopy batch;
    try (CopyBuffer other = CopyBuffer.allocate()) {
      batch = ZeroTouchClone.copyAll(region, new long[] {0, 1}, other);
      region.close();
      assertEquals("de", prefs.getString("lang"));
      assertEquals("de", region.field("lang").getString(prefs));
      assertEquals(1, batch.get(1).getInt("id"));
      assertEquals(2, batch.as(Binding.of(Map.class)).size());
    }
    assertThrows(RegionClosedException.class, () -> copyInto(0));
    assertStale(prefs);
  }

  @Test
  void another_buffer_and_an_independent_copy_leave_them_alone() {
    RecordCopy prefs = copyInto(1).getRecord("prefs");
    RecordCopy independent = ZeroTouchClone.copy(region, 0);
    try (CopyBuffer other = CopyBuffer.allocate()) {
      ZeroTouchClone.copyInto(region, 2, other);
    }
    assertEquals("de", prefs.getString("lang"));
    copyInto(2);
    assertEquals(0, independent.getInt("id"));
    assertFalse(independent.toString().contains("stale"), independent.toString());
  }

  @Test
  void a_handle_serves_copies_of_another_region_with_other_shapes() {
    FieldHandle lang = region.field("prefs.lang");
    assertEquals("de", lang.getString(copyInto(0)));
    Path path =
        Fixtures.write(
            folder.resolve("other.ztc"),
            Map.of("prefs", Map.of("lang", "fr")),
            Map.of("prefs", List.of("lang")));
    try (Region other = Region.open(path)) {
      region.close();
      assertEquals("fr", lang.getString(ZeroTouchClone.copyInto(other, 0, buffer)));
      RecordCopy list = ZeroTouchClone.copyInto(other, 1, buffer);
      fails(Status.TYPE_MISMATCH, "$.prefs", () -> lang.getString(list));
      RecordCopy before = ZeroTouchClone.copyInto(other, 0, buffer).getRecord("prefs");
      ZeroTouchClone.copyInto(other, 1, buffer);
      assertStale("detach()", () -> region.field("lang").getString(before));
      assertEquals("fr", lang.getString(ZeroTouchClone.copy(other, 0)));
    }
  }

  @Test
  void what_getters_returned_stays() {
    RecordCopy cursor = copyInto(1);
    int[] numbers = cursor.getIntArray("numbers");
    var view = cursor.getBuffer("numbers");
    byte[] raw = cursor.getBytes("raw");
    Map<String, Object> prefs = cursor.getMap("prefs");
    Map<String, Object> compact = cursor.toCompactMap();
    List<String> keys = cursor.keys();
    copyInto(3);
    buffer.close();
    assertEquals(List.of(5, 6, 1), List.of(numbers[0], numbers[1], numbers[2]));
    assertEquals(5, view.order(java.nio.ByteOrder.LITTLE_ENDIAN).getInt(0));
    assertEquals(3, raw.length);
    assertEquals("de", prefs.get("lang"));
    assertEquals("user1@example.org", compact.get("to"));
    assertEquals("id", keys.get(0));
  }

  /** Copies another record into the buffer while an object is made of the first one. */
  static final class Mover {
    static Runnable move;
    public Inner inner;
    public String text;
    public List<String> list;

    static final class Inner {
      Inner() {
        move.run();
      }
    }
  }

  @Test
  void a_copy_that_a_constructor_overwrites_is_stale_and_not_damaged() {
    Map<String, Object> record = new LinkedHashMap<>();
    record.put("inner", Map.of("q", 1));
    record.put("text", "longer than what a slot has room for");
    record.put("list", List.of("x", "y".repeat(100)));
    byte[] junk = new byte[4000];
    Arrays.fill(junk, (byte) 0xee);
    Path path = Fixtures.write(folder.resolve("moved.ztc"), record, junk);
    try (Region moved = Region.open(path)) {
      Mover.move = () -> ZeroTouchClone.copyInto(moved, 1, buffer);
      RecordCopy cursor = ZeroTouchClone.copyInto(moved, 0, buffer);
      assertStale("detach()", () -> cursor.as(Mover.class));
      long[] twice = {0, 0};
      BatchCopy batch = ZeroTouchClone.copyAll(moved, twice, buffer);
      assertStale("detach()", () -> batch.as(Binding.of(Mover.class)));
      RecordCopy second = ZeroTouchClone.copyAll(moved, twice, buffer).get(1);
      assertStale("detach()", () -> second.as(Mover.class));
    } finally {
      Mover.move = null;
    }
  }
}
