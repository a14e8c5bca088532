package io.github.zerotouchclone;

import static io.github.zerotouchclone.Fixtures.fails;
import static io.github.zerotouchclone.Fixtures.job;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.zerotouchclone.internal.Native;
import io.github.zerotouchclone.internal.RegionAccess;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Lazy access to a copy, and the errors of it. */
class RecordCopyTest {
  @TempDir Path folder;
  private Region region;
  private RecordCopy copy;

  @BeforeEach
  void open() {
    Path path = Fixtures.write(folder.resolve("jobs.ztc"), job(0), job(1), numbers(), null, "text");
    region = Region.open(path);
    copy = ZeroTouchClone.copy(region, 1);
  }

  @AfterEach
  void close() {
    region.close();
  }

  private static Map<String, Object> numbers() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("large", (1L << 53) + 1);
    map.put("max", Long.MAX_VALUE);
    map.put("min", Long.MIN_VALUE);
    map.put("third", 1.0 / 3);
    map.put("half", 0.5f);
    map.put("nan", Double.NaN);
    map.put("small", (byte) 3);
    map.put("floats", new float[] {0.5f});
    map.put("empty", List.of());
    map.put("nothing", Map.of());
    return map;
  }

  @Test
  void getters_by_key_decode_one_field() {
    assertEquals(1, copy.getLong("id"));
    assertEquals(1, copy.getInt("id"));
    assertEquals("user1@example.org", copy.getString("to"));
    assertEquals("Jürgen Größer 1", copy.getString("name"));
    assertFalse(copy.getRecord("prefs").getBoolean("html"));
    assertEquals(0.5, copy.getRecord("prefs").getDouble("score"));
    assertEquals(0.5f, copy.getRecord("prefs").getFloat("score"));
    assertArrayEquals(new byte[] {1, 2, 3}, copy.getBytes("raw"));
    assertEquals(List.of("a", "b", "tag 1"), copy.getList("tags"));
    assertEquals("de", copy.getMap("prefs").get("lang"));
    assertEquals(1L, copy.get("id"));
  }

  @Test
  void getters_by_index_decode_one_element() {
    assertEquals("tag 1", copy.getRecord("tags").getString(2));
    RecordCopy mixed = copy.getRecord("any key");
    assertEquals("x", mixed.getRecord(0).getString("sku"));
    assertEquals(2, mixed.getRecord(1).getInt(1));
    assertEquals(List.of(1, 2), mixed.getList(1));
    assertEquals(Map.of("sku", "x"), mixed.getMap(0));
    assertEquals(7L, mixed.getLong(2));
    assertEquals(7.0, mixed.getDouble(2));
    assertEquals(7, mixed.get(2));
  }

  @Test
  void big_integers_and_decimals_are_primitives_if_they_fit_exactly() {
    Map<String, Object> record = new LinkedHashMap<>();
    record.put("price", new BigDecimal("19.99"));
    record.put("whole", new BigDecimal("5.0"));
    record.put("unsigned", new Ext(1, 7L));
    record.put("large", BigInteger.ONE.shiftLeft(64));
    record.put("odd", BigInteger.ONE.shiftLeft(64).add(BigInteger.ONE));
    Path path = Fixtures.write(folder.resolve("big.ztc"), record);
    try (Region big = Region.open(path)) {
      RecordCopy n = ZeroTouchClone.copy(big, 0);
      assertEquals(19.99, n.getDouble("price"));
      assertEquals(19.99, big.field("price").getDouble(n));
      assertEquals(5, n.getInt("whole"));
      assertEquals(5.0f, n.getFloat("whole"));
      assertEquals(7, n.getLong("unsigned"));
      assertEquals(7, big.field("unsigned").getLong(n));
      assertEquals(0x1p64, n.getDouble("large"));
      assertEquals(0x1p64f, big.field("large").getFloat(n));
      fails(Status.LOSSY, "$.price: 19.99 does not fit long", () -> n.getLong("price"));
      fails(Status.LOSSY, "$.price: 19.99 does not fit float", () -> n.getFloat("price"));
      String odd = "$.odd: 18446744073709551617 does not fit ";
      fails(Status.LOSSY, odd + "long", () -> n.getInt("odd"));
      fails(Status.LOSSY, odd + "double", () -> n.getDouble("odd"));
      fails(Status.LOSSY, odd + "double", () -> big.field("odd").getDouble(n));
    }
  }

  @Test
  void a_typed_array_is_read_like_a_list_or_as_a_whole() {
    RecordCopy numbers = copy.getRecord("numbers");
    assertEquals(ValueType.ARRAY, numbers.type());
    assertEquals(3, numbers.size());
    assertEquals(6, numbers.getInt(1));
    assertEquals(ValueType.I32, numbers.type(1));
    assertEquals(6, numbers.get(1));
    assertArrayEquals(new int[] {5, 6, 1}, (int[]) numbers.toObject());
    assertEquals(0.5, ZeroTouchClone.copy(region, 2).getRecord("floats").getDouble(0));
  }

  @Test
  void a_copy_says_what_it_has() {
    assertEquals(ValueType.MAP, copy.type());
    assertEquals(8, copy.size());
    assertEquals(
        List.of("id", "to", "name", "tags", "prefs", "raw", "numbers", "any key"), copy.keys());
    assertTrue(copy.has("to"));
    assertFalse(copy.has("nope"));
    assertTrue(copy.getRecord("prefs").isNull("nothing"));
    assertFalse(copy.isNull("to"));
    assertEquals(ValueType.I64, copy.type("id"));
    assertEquals(ValueType.LIST, copy.type("tags"));
    assertEquals(1, copy.recordIndex());
    assertEquals("$", copy.path());
    assertEquals("$[\"any key\"][0]", copy.getRecord("any key").getRecord(0).path());
  }

  @Test
  void a_character_for_a_key_is_an_error_that_says_what_keys_are() {
    fails(
        RegionException.class,
        Status.TYPE_MISMATCH,
        "$: the value is of type MAP, not a list or array; the keys of a map are strings",
        () -> copy.getString('a'));
  }

  @Test
  void keys_are_the_same_objects_as_literals() {
    assertSame("id", copy.keys().get(0));
    assertSame("id", copy.toMap().keySet().iterator().next());
  }

  @Test
  void a_stored_null_is_null_for_getters_of_objects() {
    RecordCopy prefs = copy.getRecord("prefs");
    assertNull(prefs.getString("nothing"));
    assertNull(prefs.getBytes("nothing"));
    assertNull(prefs.getRecord("nothing"));
    assertNull(prefs.getList("nothing"));
    assertNull(prefs.getMap("nothing"));
    assertNull(prefs.get("nothing"));
    fails(Status.TYPE_MISMATCH, "NULL, not an integer", () -> prefs.getInt("nothing"));
  }

  @Test
  void records_that_are_no_containers_are_objects() {
    assertNull(ZeroTouchClone.copy(region, 3).toObject());
    assertEquals(ValueType.NULL, ZeroTouchClone.copy(region, 3).type());
    assertEquals("text", ZeroTouchClone.copy(region, 4).toObject());
    assertEquals(ValueType.STRING, ZeroTouchClone.copy(region, 4).type());
    fails(Status.TYPE_MISMATCH, "$: ", () -> ZeroTouchClone.copy(region, 4).getString("a"));
    fails(Status.TYPE_MISMATCH, "$: ", () -> ZeroTouchClone.copy(region, 4).size());
  }

  @Test
  void empty_containers_are_views_like_others() {
    RecordCopy numbers = ZeroTouchClone.copy(region, 2);
    RecordCopy empty = numbers.getRecord("empty");
    assertEquals(ValueType.LIST, empty.type());
    assertEquals(0, empty.size());
    assertEquals(List.of(), empty.toObject());
    assertEquals("[]", empty.typedText());
    fails(Status.OUT_OF_RANGE, "$.empty[0]: there are no elements", () -> empty.getInt(0));
    RecordCopy nothing = numbers.getRecord("nothing");
    assertEquals(Map.of(), nothing.toMap());
    assertEquals(List.of(), nothing.keys());
    assertFalse(nothing.has("a"));
    fails(Status.NO_SUCH_KEY, "$.nothing.a", () -> nothing.getInt("a"));
    assertEquals(2, nothing.recordIndex());
  }

  @Test
  void a_missing_key_names_its_path() {
    fails(Status.NO_SUCH_KEY, "record 1: $.prefs.nope", () -> copy.getRecord("prefs").get("nope"));
    fails(Status.NO_SUCH_KEY, "record 1: $[\"a b\"]", () -> copy.getString("a b"));
  }

  @Test
  void a_wrong_type_names_its_path_and_both_types() {
    String got = "record 1: $.to: the value is of type STRING, not ";
    fails(Status.TYPE_MISMATCH, got + "an integer", () -> copy.getInt("to"));
    fails(Status.TYPE_MISMATCH, got + "an integer", () -> copy.getLong("to"));
    fails(Status.TYPE_MISMATCH, got + "an integer", () -> copy.getDouble("to"));
    fails(Status.TYPE_MISMATCH, got + "a boolean", () -> copy.getBoolean("to"));
    fails(Status.TYPE_MISMATCH, got + "bytes", () -> copy.getBytes("to"));
    fails(Status.TYPE_MISMATCH, got + "a list", () -> copy.getList("to"));
    fails(Status.TYPE_MISMATCH, got + "a map", () -> copy.getMap("to"));
    fails(Status.TYPE_MISMATCH, got + "a map, list", () -> copy.getRecord("to"));
    fails(Status.TYPE_MISMATCH, "$.id: ", () -> copy.getString("id"));
    fails(Status.TYPE_MISMATCH, "$.prefs.score: ", () -> copy.getRecord("prefs").getInt("score"));
    fails(Status.TYPE_MISMATCH, "$: the value is of type MAP", () -> copy.getString(0));
    fails(Status.TYPE_MISMATCH, "$.tags: ", () -> copy.getRecord("tags").getString("x"));
    fails(Status.TYPE_MISMATCH, "$.tags: ", () -> copy.getRecord("tags").toMap());
  }

  @Test
  void an_element_that_is_not_there_names_its_path_and_the_valid_range() {
    RecordCopy tags = copy.getRecord("tags");
    fails(Status.OUT_OF_RANGE, "$.tags[3]: valid indices are 0 to 2", () -> tags.getString(3));
    fails(Status.OUT_OF_RANGE, "$.tags[-1]: valid", () -> tags.getString(-1));
  }

  @Test
  void numbers_never_lose_digits() {
    RecordCopy n = ZeroTouchClone.copy(region, 2);
    fails(Status.LOSSY, "$.large: 9007199254740993 does not fit int", () -> n.getInt("large"));
    fails(Status.LOSSY, "$.large: 9007199254740993 does not fit d", () -> n.getDouble("large"));
    fails(Status.LOSSY, "$.max: ", () -> n.getDouble("max"));
    assertEquals(-0x1p63, n.getDouble("min"));
    fails(Status.LOSSY, "$.third: 0.3333333333333333 does not fit f", () -> n.getFloat("third"));
    assertEquals(0.5, n.getDouble("half"));
    assertTrue(Double.isNaN(n.getDouble("nan")));
    assertTrue(Float.isNaN(n.getFloat("nan")));
    assertEquals(3, n.getInt("small"));
    assertEquals(3f, n.getFloat("small"));
  }

  @Test
  void a_copy_outlives_its_region() {
    region.close();
    assertEquals("user1@example.org", copy.getString("to"));
    Graphs.assertSameGraph(job(1), copy.toMap());
  }

  @Test
  void every_materialisation_is_fresh_and_mutable() {
    Map<String, Object> first = copy.toMap();
    first.put("to", 1);
    ((List<?>) first.get("tags")).clear();
    Graphs.assertSameGraph(job(1), copy.toMap());
    assertNotSame(copy.getBytes("raw"), copy.getBytes("raw"));
  }

  @Test
  void a_path_delivers_one_value() {
    assertEquals("de", ZeroTouchClone.copyPath(region, 1, "prefs.lang"));
    assertEquals("x", ZeroTouchClone.copyPath(region, 1, "$[\"any key\"][0].sku"));
    assertEquals(List.of(1, 2), ZeroTouchClone.copyPath(region, 1, "[\"any key\"][1]"));
    assertEquals(1L, ZeroTouchClone.copyPath(region, 1, "id"));
    assertNull(ZeroTouchClone.copyPath(region, 1, "prefs.nothing"));
    Graphs.assertSameGraph(job(1), ZeroTouchClone.copyPath(region, 1, "$"));
  }

  @Test
  void a_path_without_a_value_is_an_error() {
    fails(Status.NO_SUCH_KEY, "record 1", () -> ZeroTouchClone.copyPath(region, 1, "prefs.nope"));
    fails(Status.OUT_OF_RANGE, "tags[9]", () -> ZeroTouchClone.copyPath(region, 1, "tags[9]"));
    fails(Status.TYPE_MISMATCH, "id.x", () -> ZeroTouchClone.copyPath(region, 1, "id.x"));
    fails(Status.BAD_PATH, "record 1", () -> ZeroTouchClone.copyPath(region, 1, "prefs..lang"));
    fails(Status.OUT_OF_RANGE, "record 99 is out", () -> ZeroTouchClone.copyPath(region, 99, "a"));
  }

  @Test
  void text_that_no_key_can_be_finds_nothing() {
    Map<String, Object> many = new LinkedHashMap<>();
    for (int i = 0; i < 300_000; i++) { // too many for the schema: a map that holds its own keys
      many.put("日" + i, i);
    }
    many.put("日?", "question mark");
    Path path = Fixtures.write(folder.resolve("keys.ztc"), many);
    try (Region keys = Region.open(path)) {
      RecordCopy map = ZeroTouchClone.copy(keys, 0);
      assertTrue(map.has("日?"));
      assertFalse(map.has("日\ud800"));
      fails(Status.BAD_PATH, "日", () -> ZeroTouchClone.copyPath(keys, 0, "日\ud800"));
    }
    fails(Status.BAD_PATH, "id", () -> ZeroTouchClone.copyPath(region, 1, "id\0.prefs"));
  }

  @Test
  void an_index_out_of_range_names_the_valid_range() {
    String valid = " is out of the range of this region: valid are 0 to 4";
    fails(Status.OUT_OF_RANGE, "record 5" + valid, () -> ZeroTouchClone.copy(region, 5));
    fails(Status.OUT_OF_RANGE, "record -1" + valid, () -> ZeroTouchClone.copy(region, -1));
    fails(
        Status.OUT_OF_RANGE,
        "record " + Long.MIN_VALUE,
        () -> ZeroTouchClone.copy(region, Long.MIN_VALUE));
  }

  @Test
  void a_damaged_root_is_met_by_the_first_access() throws Exception {
    Path path = Fixtures.write(folder.resolve("damaged.ztc"), job(0), job(1));
    byte[] file = Files.readAllBytes(path);
    try (Region sound = Region.open(path)) {
      file[(int) RegionAccess.recordOffset(sound, 1)] = 99;
    }
    Files.write(path, file);
    try (Region damaged = Region.open(path);
        CopyBuffer buffer = CopyBuffer.allocate()) {
      for (RecordCopy view :
          List.of(ZeroTouchClone.copy(damaged, 1), ZeroTouchClone.copyInto(damaged, 1, buffer))) {
        assertEquals(1, view.recordIndex());
        assertTrue(view.byteSize() > 0);
        String kind = "record 1: byte 0 of the copy: there is no node of kind 99";
        fails(CorruptRegionException.class, Status.CORRUPT, kind, view::type);
        fails(CorruptRegionException.class, Status.CORRUPT, kind, view::toObject);
      }
      assertEquals(0, ZeroTouchClone.copyInto(damaged, 0, buffer).getInt("id"));
    }
    try (Region checked = Region.open(path, RegionOption.VERIFY_RECORD)) {
      fails(
          CorruptRegionException.class,
          Status.CHECKSUM,
          "record 1: ",
          () -> ZeroTouchClone.copy(checked, 1));
    }
  }

  // ---------------------------------------------------------------------------------- buffers

  @Test
  void a_buffer_has_one_cursor() {
    CopyBuffer buffer = CopyBuffer.allocate();
    RecordCopy first = ZeroTouchClone.copyInto(region, 0, buffer);
    assertEquals(0, first.getInt("id"));
    assertSame(first, ZeroTouchClone.copyInto(region, 1, buffer));
    assertEquals(1, first.getInt("id"));
    Graphs.assertSameGraph(job(1), first.toMap());
  }

  @Test
  void views_of_a_buffer_get_stale() {
    CopyBuffer buffer = CopyBuffer.allocate();
    RecordCopy prefs = ZeroTouchClone.copyInto(region, 0, buffer).getRecord("prefs");
    String lang = prefs.getString("lang");
    RecordCopy kept = prefs.detach();
    ZeroTouchClone.copyInto(region, 1, buffer);
    assertStale(prefs);
    assertEquals("de", lang);
    assertEquals("$.prefs", kept.path());
    assertEquals(0, kept.recordIndex());
    assertEquals(0.0, kept.getDouble("score"));
  }

  private static void assertStale(RecordCopy view) {
    for (org.junit.jupiter.api.function.Executable use :
        List.<org.junit.jupiter.api.function.Executable>of(
            () -> view.getString("lang"),
            () -> view.get("lang"),
            () -> view.has("lang"),
            view::keys,
            view::size,
            view::type,
            view::toObject,
            view::toMap,
            view::typedText,
            view::detach)) {
      fails(StaleCopyException.class, Status.WRONG_STATE, "detach()", use);
    }
  }

  @Test
  void a_closed_buffer_leaves_stale_views_and_takes_no_copy() {
    CopyBuffer buffer = CopyBuffer.allocate();
    RecordCopy cursor = ZeroTouchClone.copyInto(region, 0, buffer);
    buffer.close();
    buffer.close();
    assertStale(cursor);
    fails(
        StaleCopyException.class,
        Status.WRONG_STATE,
        "the buffer is closed; copy into a new one, of CopyBuffer.allocate()",
        () -> ZeroTouchClone.copyInto(region, 0, buffer));
  }

  @Test
  void a_failed_copy_leaves_the_cursor_stale() {
    CopyBuffer buffer = CopyBuffer.allocate();
    RecordCopy cursor = ZeroTouchClone.copyInto(region, 0, buffer);
    fails(Status.OUT_OF_RANGE, "record 9", () -> ZeroTouchClone.copyInto(region, 9, buffer));
    assertStale(cursor);
  }

  @Test
  void a_batch_has_its_copies_in_order() {
    CopyBuffer buffer = CopyBuffer.allocate();
    long[] indices = {4, 1, 0, 1, 3};
    BatchCopy batch = ZeroTouchClone.copyAll(region, indices, buffer);
    indices[0] = 77;
    assertEquals(5, batch.size());
    assertEquals(4, batch.index(0));
    assertEquals("text", batch.get(0).toObject());
    Graphs.assertSameGraph(job(1), batch.get(3).toMap());
    int k = 0;
    for (RecordCopy one : batch) {
      assertEquals(batch.index(k++), one.recordIndex());
    }
    assertEquals(5, k);
    List<Object> shown = new ArrayList<>();
    List<Object> each = new ArrayList<>();
    batch.forEachCopy(view -> shown.add(view.recordIndex() + " " + view.typedText()));
    batch.forEach(view -> each.add(view.recordIndex() + " " + view.typedText()));
    assertEquals(each, shown);
    assertEquals(5, shown.size());
    fails(Status.OUT_OF_RANGE, "no copy 5 in a batch of 5", () -> batch.get(5));
    RecordCopy kept = batch.get(1).getRecord("prefs").detach();
    ZeroTouchClone.copyInto(region, 0, buffer);
    fails(StaleCopyException.class, Status.WRONG_STATE, "", () -> batch.get(0));
    assertEquals("de", kept.getString("lang"));
  }

  @Test
  void a_batch_behind_a_longer_or_shorter_one_has_its_own_copies() {
    CopyBuffer buffer = CopyBuffer.allocate();
    for (long[] indices : new long[][] {{1, 0, 4, 1}, {4}, {0, 4}, {}, {4, 4, 0, 1, 3, 0}}) {
      BatchCopy batch = ZeroTouchClone.copyAll(region, indices, buffer);
      assertEquals(indices.length, batch.size());
      int k = 0;
      for (RecordCopy view : batch) {
        assertEquals(ZeroTouchClone.copy(region, indices[k]).typedText(), view.typedText());
        k++;
      }
      assertEquals(indices.length, k);
      assertEquals(indices.length, batch.as(Binding.of(Object.class)).size());
      fails(Status.OUT_OF_RANGE, "in a batch of " + k, () -> batch.get(indices.length));
    }
  }

  @Test
  void a_view_of_a_damaged_copy_in_a_batch_says_so_when_it_is_read() throws IOException {
    byte[] bytes = Files.readAllBytes(Path.of(region.path()));
    bytes[(int) Native.recordOffset(region.handle(), 1)] = 99;
    Path path = Files.write(folder.resolve("damaged.ztc"), bytes);
    try (Region damaged = Region.open(path)) {
      BatchCopy batch =
          ZeroTouchClone.copyAll(damaged, new long[] {0, 1, 4}, CopyBuffer.allocate());
      RecordCopy view = batch.get(1);
      assertEquals(1, view.recordIndex());
      assertEquals(copy.byteSize(), view.byteSize());
      assertEquals("$", view.path());
      String reason = "record 1: byte 0 of the copy: there is no node of kind 99";
      for (Executable use :
          List.<Executable>of(view::type, () -> view.getInt("id"), view::toObject)) {
        fails(CorruptRegionException.class, Status.CORRUPT, reason, use);
      }
      fails(CorruptRegionException.class, Status.CORRUPT, reason, () -> view.detach().getInt("id"));
      assertEquals(0, batch.get(0).getInt("id"));
      assertEquals("text", batch.get(2).toObject());
    }
  }

  @Test
  void an_empty_batch_is_empty() {
    assertEquals(0, ZeroTouchClone.copyAll(region, new long[0], CopyBuffer.allocate()).size());
  }

  @Test
  void a_batch_with_a_bad_index_names_it() {
    long[] indices = {0, 1, 5};
    fails(
        Status.OUT_OF_RANGE,
        "record 5 is out",
        () -> ZeroTouchClone.copyAll(region, indices, CopyBuffer.allocate()));
  }

  @Test
  void a_large_batch_takes_several_native_calls() {
    Object[] records = new Object[20_000];
    Arrays.setAll(records, i -> i % 1000 == 7 ? "long ".repeat(50_000) : "record " + i);
    try (Region many = Region.open(Fixtures.write(folder.resolve("many.ztc"), records))) {
      long[] indices = new long[records.length];
      Arrays.setAll(indices, i -> records.length - 1 - i);
      BatchCopy batch = ZeroTouchClone.copyAll(many, indices, CopyBuffer.allocate());
      for (int k = 0; k < indices.length; k++) {
        assertEquals(records[(int) indices[k]], batch.get(k).toObject());
      }
    }
  }

  @Test
  void views_may_be_any_number_of_references_deep() {
    Map<String, Object> cycle = new LinkedHashMap<>();
    cycle.put("self", cycle);
    cycle.put("n", 7);
    Path path = Fixtures.write(folder.resolve("cycle.ztc"), cycle);
    int depth = 20_000;
    try (Region region = Region.open(path);
        CopyBuffer buffer = CopyBuffer.allocate()) {
      RecordCopy view = ZeroTouchClone.copyInto(region, 0, buffer);
      for (int i = 0; i < depth; i++) {
        view = view.getRecord("self");
      }
      RecordCopy last = view;
      assertEquals("$" + ".self".repeat(depth), last.path());
      assertTrue(last.toString().length() < 1200, "as messages, " + last.toString().length());
      assertEquals(last.path(), last.detach().path());
      assertEquals(7, last.detach().getInt("n"));
      String message =
          Fixtures.fails(Status.NO_SUCH_KEY, ".self.nope: ", () -> last.getString("nope"))
              .getMessage();
      assertTrue(message.startsWith(path + ": record 0: $.self.self"), message);
      assertTrue(message.length() < 1200, message);
      Fixtures.fails(Status.TYPE_MISMATCH, " ... ", () -> last.get(0));
    }
  }
}
