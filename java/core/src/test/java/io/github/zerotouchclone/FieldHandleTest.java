package io.github.zerotouchclone;

import static io.github.zerotouchclone.Fixtures.fails;
import static io.github.zerotouchclone.Fixtures.job;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One field of many copies. */
class FieldHandleTest {
  @TempDir Path folder;

  private Region region(Object... records) {
    return Region.open(Fixtures.write(folder.resolve("r.ztc"), records));
  }

  @Test
  void a_handle_reads_what_the_getters_of_a_copy_read() {
    try (Region region = region(job(1), job(2))) {
      for (long i = 0; i < 2; i++) {
        RecordCopy copy = ZeroTouchClone.copy(region, i);
        RecordCopy prefs = copy.getRecord("prefs");
        assertEquals(copy.getLong("id"), region.field("id").getLong(copy));
        assertEquals(copy.getInt("id"), region.field("$.id").getInt(copy));
        assertEquals(copy.getString("to"), region.field("to").getString(copy));
        assertEquals(copy.getString("name"), region.field("name").getString(copy));
        assertEquals(prefs.getBoolean("html"), region.field("prefs.html").getBoolean(copy));
        assertEquals(prefs.getDouble("score"), region.field("prefs.score").getDouble(copy));
        assertEquals(prefs.getFloat("score"), region.field("prefs.score").getFloat(copy));
        assertEquals(ValueType.F64, region.field("prefs.score").type(copy));
        assertArrayEquals(copy.getBytes("raw"), region.field("raw").getBytes(copy));
        assertEquals(copy.getList("tags"), region.field("tags").getList(copy));
        assertEquals(copy.getMap("prefs"), region.field("prefs").getMap(copy));
        assertEquals("tag " + (i + 1), region.field("tags[2]").get(copy));
        assertEquals(6, region.field("numbers[1]").getInt(copy));
        assertEquals(6, region.field("numbers[1]").get(copy));
        assertEquals("x", region.field("[\"any key\"][0].sku").getString(copy));
        assertEquals(2, region.field("[\"any key\"][1][1]").getLong(copy));
      }
    }
  }

  @Test
  void a_view_from_a_handle_knows_its_whole_path() {
    try (Region region = region(job(1));
        CopyBuffer buffer = CopyBuffer.allocate()) {
      RecordCopy view =
          region.field("[\"any key\"][0]").getRecord(ZeroTouchClone.copyInto(region, 0, buffer));
      assertEquals("$[\"any key\"][0]", view.path());
      assertEquals("x", region.field("sku").getString(view));
      fails(Status.NO_SUCH_KEY, "$[\"any key\"][0].no: ", () -> region.field("no").get(view));
      fails(
          Status.TYPE_MISMATCH,
          "$[\"any key\"][0].sku: the value is of type STRING, not an integer",
          () -> region.field("sku").getInt(view));
      RecordCopy own = view.detach();
      ZeroTouchClone.copyInto(region, 0, buffer);
      assertThrows(StaleCopyException.class, () -> region.field("sku").getString(view));
      assertEquals("x", region.field("sku").getString(own));
      assertEquals("$[\"any key\"][0]", own.path());
    }
  }

  @Test
  void rows_references_empty_and_self_describing_maps_are_led_through() {
    List<Object> rows = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      rows.add(new LinkedHashMap<>(Map.of("sku", "s" + i)));
    }
    Map<String, Object> record = new LinkedHashMap<>();
    record.put("rows", rows);
    record.put("again", rows);
    record.put("empty", Map.of());
    record.put("none", List.of());
    record.put("nothing", null);
    Object[] records = new Object[100_000 / 500];
    for (int i = 0; i < records.length; i++) { // keys that do not repeat fill the schema
      Map<String, Object> odd = new LinkedHashMap<>();
      for (int k = 0; k < 500; k++) {
        odd.put("a key that does not repeat " + i + " " + k, (long) k);
      }
      records[i] = odd;
    }
    records[0] = record;
    try (Region region = region(records)) {
      RecordCopy copy = ZeroTouchClone.copy(region, 0);
      assertEquals("s3", region.field("rows[3].sku").getString(copy));
      assertEquals("s4", region.field("again[4].sku").getString(copy));
      assertEquals(Map.of("sku", "s4"), region.field("again[4]").getMap(copy));
      assertTrue(region.field("empty").isPresent(copy));
      assertTrue(region.field("nothing").isNull(copy));
      assertNull(region.field("nothing").getString(copy));
      assertNull(region.field("nothing").getRecord(copy));
      assertEquals(0, region.field("none").getRecord(copy).size());
      fails(Status.NO_SUCH_KEY, "$.empty.x: ", () -> region.field("empty.x").get(copy));
      fails(
          Status.OUT_OF_RANGE,
          "$.none[0]: there are no elements",
          () -> region.field("none[0].x").get(copy));
      fails(
          Status.NO_SUCH_KEY, "$.empty.x: ", () -> region.field("x").get(copy.getRecord("empty")));
      int last = records.length - 1;
      assertEquals(
          499,
          region
              .field("[\"a key that does not repeat " + last + " 499\"]")
              .getLong(ZeroTouchClone.copy(region, last)));
    }
  }

  @Test
  void a_field_that_is_not_there_is_not_present_and_an_error_says_where_the_path_ends() {
    try (Region region = region(job(1), "text", Arrays.asList(1, null))) {
      RecordCopy copy = ZeroTouchClone.copy(region, 0);
      RecordCopy text = ZeroTouchClone.copy(region, 1);
      absent(region, copy, "prefs.none.x", Status.NO_SUCH_KEY, "record 0: $.prefs.none: the map");
      absent(region, copy, "[\"a key\"]", Status.NO_SUCH_KEY, "$[\"a key\"]: ");
      absent(region, copy, "tags[3]", Status.OUT_OF_RANGE, "$.tags[3]: valid indices are 0 to 2");
      absent(region, copy, "tags[18446744073709551609]", Status.OUT_OF_RANGE, "0 to 2");
      absent(region, copy, "id.x", Status.TYPE_MISMATCH, "$.id: the value is of type I64, not a");
      absent(region, copy, "prefs[0]", Status.TYPE_MISMATCH, "$.prefs: the value is of type MAP");
      absent(region, copy, "numbers[0][0]", Status.TYPE_MISMATCH, "$.numbers[0]: ");
      absent(region, copy, "prefs.nothing.x", Status.TYPE_MISMATCH, "$.prefs.nothing: ");
      absent(region, text, "id", Status.TYPE_MISMATCH, "$: the value is of type STRING, not a map");
      absent(region, ZeroTouchClone.copy(region, 2), "[1].x", Status.TYPE_MISMATCH, "$[1]: ");
    }
  }

  private static void absent(
      Region region, RecordCopy copy, String path, Status status, String message) {
    FieldHandle field = region.field(path);
    assertFalse(field.isPresent(copy));
    fails(status, message, () -> field.get(copy));
    fails(status, message, () -> field.getLong(copy));
  }

  @Test
  void values_that_do_not_fit_are_errors_that_name_the_path() {
    try (Region region = region(Map.of("a", Map.of("max", Long.MAX_VALUE, "third", 1 / 3.0)))) {
      RecordCopy copy = ZeroTouchClone.copy(region, 0);
      String max = "$.a.max: 9223372036854775807 does not fit ";
      fails(Status.LOSSY, max + "int", () -> region.field("a.max").getInt(copy));
      fails(Status.LOSSY, max + "double", () -> region.field("a.max").getDouble(copy));
      fails(Status.LOSSY, "$.a.third: ", () -> region.field("a.third").getFloat(copy));
      fails(Status.TYPE_MISMATCH, "$.a.max: ", () -> region.field("a.max").getBoolean(copy));
      fails(Status.TYPE_MISMATCH, "$.a.max: ", () -> region.field("a.max").getRecord(copy));
    }
  }

  @Test
  void a_path_that_is_malformed_or_has_no_step_makes_no_handle() {
    try (Region region = region(job(1))) {
      assertEquals(2, fails(Status.BAD_PATH, "", () -> region.field("a..b")).offset());
      fails(Status.BAD_PATH, "names no field: $", () -> region.field("$"));
      assertEquals("prefs.lang", region.field("prefs.lang").toString());
    }
  }

  @Test
  void one_handle_serves_more_shapes_than_it_remembers_and_other_regions() {
    Object[] records = shapes();
    try (Region region = region(records);
        Region other = Region.open(Fixtures.write(folder.resolve("o.ztc"), reversed(records)))) {
      FieldHandle field = region.field("in.id");
      for (int round = 0; round < 3; round++) {
        for (int i = 0; i < records.length; i++) {
          check(field, ZeroTouchClone.copy(region, i), i);
          check(field, ZeroTouchClone.copy(other, records.length - 1 - i), i);
        }
      }
    }
  }

  /** Maps with the key at as many places, and every fifth without it. */
  private static Object[] shapes() {
    Object[] records = new Object[50];
    for (int i = 0; i < records.length; i++) {
      Map<String, Object> inner = new LinkedHashMap<>();
      for (int k = 0; k < i; k++) {
        inner.put("k" + k, k);
      }
      inner.put(i % 5 == 0 ? "other" : "id", (long) i);
      records[i] = Map.of("in", inner);
    }
    return records;
  }

  private static Object[] reversed(Object[] records) {
    Object[] reversed = new Object[records.length];
    for (int i = 0; i < records.length; i++) {
      reversed[i] = records[records.length - 1 - i];
    }
    return reversed;
  }

  private static void check(FieldHandle field, RecordCopy copy, int i) {
    assertEquals(i % 5 != 0, field.isPresent(copy), () -> "record " + i);
    if (i % 5 != 0) {
      assertEquals(i, field.getLong(copy));
    }
  }

  @Test
  void threads_share_a_handle_while_it_learns() throws Exception {
    Object[] records = shapes();
    int threads = 4;
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try (Region region = region(records)) {
      for (int round = 0; round < 50; round++) {
        FieldHandle field = region.field("in.id");
        CyclicBarrier start = new CyclicBarrier(threads);
        List<Future<?>> all = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
          int first = 13 * t;
          Callable<Void> reader =
              () -> {
                start.await();
                try (CopyBuffer buffer = CopyBuffer.allocate()) {
                  for (int n = 0; n < records.length; n++) {
                    int i = (first + n) % records.length;
                    check(field, ZeroTouchClone.copyInto(region, i, buffer), i);
                  }
                }
                return null;
              };
          all.add(pool.submit(reader));
        }
        for (Future<?> reader : all) {
          reader.get();
        }
      }
    } finally {
      pool.shutdown();
    }
  }
}
