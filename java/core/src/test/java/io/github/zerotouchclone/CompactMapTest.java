package io.github.zerotouchclone;

import static io.github.zerotouchclone.Fixtures.fails;
import static io.github.zerotouchclone.Fixtures.job;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Unmodifiable maps that share their keys. */
class CompactMapTest {
  @TempDir Path folder;

  private Map<String, Object> written(Map<String, Object> map, boolean compact) {
    Path path = Fixtures.write(folder.resolve("r.ztc"), map);
    try (Region region = Region.open(path)) {
      RecordCopy copy = ZeroTouchClone.copy(region, 0);
      return compact ? copy.toCompactMap() : copy.toMap();
    }
  }

  private static Map<String, Object> plain(int size) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < size; i++) {
      map.put("key " + (31 * i % size), i % 3 == 0 ? null : "v" + i);
    }
    map.put("list", Arrays.asList(1, null, List.of(), Map.of(), Map.of("a", "b")));
    return map;
  }

  @Test
  void it_keeps_the_contract_of_maps() {
    for (int size : new int[] {0, 1, 7, 100}) {
      Map<String, Object> expected = plain(size);
      Map<String, Object> map = written(expected, true);
      assertEquals(expected, map);
      assertEquals(map, expected);
      assertEquals(map, written(expected, true));
      assertEquals(expected.hashCode(), map.hashCode());
      assertEquals(expected.toString(), map.toString());
      assertEquals(expected.size(), map.size());
      assertEquals(new ArrayList<>(expected.keySet()), new ArrayList<>(map.keySet()));
      assertEquals(new ArrayList<>(expected.values()), new ArrayList<>(map.values()));
      assertEquals(new ArrayList<>(expected.entrySet()), new ArrayList<>(map.entrySet()));
      assertEquals(expected.entrySet(), map.entrySet());
      assertEquals(expected.entrySet().hashCode(), map.entrySet().hashCode());
      List<String> seen = new ArrayList<>();
      map.forEach((key, value) -> seen.add(key));
      assertEquals(new ArrayList<>(expected.keySet()), seen);
      for (String key : expected.keySet()) {
        assertTrue(map.containsKey(key));
        assertEquals(expected.get(key), map.get(key));
        assertEquals(expected.get(key), map.getOrDefault(key, "default"));
        assertTrue(map.entrySet().contains(new HashMap.SimpleEntry<>(key, expected.get(key))));
        assertFalse(map.entrySet().contains(new HashMap.SimpleEntry<>(key, "no")));
      }
      assertNull(map.get("no"));
      assertEquals("default", map.getOrDefault("no", "default"));
      assertFalse(map.containsKey(null));
      assertFalse(map.containsKey(7));
      Map<String, Object> changed = new HashMap<>(expected);
      changed.put("list", 1);
      assertNotEquals(map, changed);
      assertNotEquals(map, written(changed, true));
      changed.remove("list");
      assertNotEquals(map, changed);
    }
  }

  @Test
  void maps_with_other_keys_or_another_order_are_compared_by_entries() {
    Map<String, Object> turned = new LinkedHashMap<>();
    turned.put("b", 1);
    turned.put("a", 1);
    assertNotEquals(written(Map.of("a", 1), true), written(Map.of("b", 1), true));
    assertEquals(written(new TreeMap<>(turned), true), written(turned, true));
  }

  @Test
  void neither_it_nor_what_is_in_it_can_be_changed() {
    Map<String, Object> map = written(plain(3), true);
    unsupported(() -> map.put("key 1", 1));
    unsupported(() -> map.put("new", 1));
    unsupported(() -> map.remove("no"));
    unsupported(map::clear);
    unsupported(() -> map.entrySet().clear());
    unsupported(() -> map.keySet().remove("list"));
    unsupported(() -> map.values().clear());
    unsupported(() -> map.entrySet().iterator().next().setValue(1));
    Iterator<String> keys = map.keySet().iterator();
    keys.next();
    unsupported(keys::remove);
    List<?> list = (List<?>) map.get("list");
    unsupported(() -> list.remove(0));
    unsupported(list::clear);
    unsupported(() -> ((List<?>) list.get(2)).add(null));
    unsupported(() -> ((Map<?, ?>) list.get(3)).put(null, null));
    unsupported(() -> ((Map<?, ?>) list.get(4)).remove("a"));
    list.toArray()[0] = "x";
    assertEquals(1, list.get(0));
  }

  private static void unsupported(Executable action) {
    assertThrows(UnsupportedOperationException.class, action);
  }

  @Test
  void it_holds_what_the_mutable_map_holds() {
    for (int i = 0; i < 3; i++) {
      Map<String, Object> ordinary = written(job(i), false);
      Map<String, Object> map = written(job(i), true);
      assertEquals(ordinary.keySet(), map.keySet());
      for (String key : List.of("id", "to", "name", "tags", "prefs", "any key")) {
        assertEquals(ordinary.get(key), map.get(key));
      }
      assertArrayEquals(new byte[] {1, 2, 3}, (byte[]) map.get("raw"));
      assertArrayEquals(new int[] {5, 6, i}, (int[]) map.get("numbers"));
    }
  }

  @Test
  void rows_shared_values_and_cycles_keep_their_identity() {
    List<Object> rows = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("sku", "s" + i);
      row.put("n", i);
      rows.add(row);
    }
    Map<String, Object> record = new LinkedHashMap<>();
    record.put("rows", rows);
    record.put("again", rows);
    record.put("third", rows.get(3));
    record.put("set", Set.of("a"));
    record.put("me", record);
    Map<String, Object> map = written(record, true);
    List<?> read = (List<?>) map.get("rows");
    assertEquals(rows, read);
    assertSame(read, map.get("again"));
    assertSame(read.get(3), map.get("third"));
    assertSame(map, map.get("me"));
    assertEquals(Set.of("a"), map.get("set"));
    assertEquals(5, new HashSet<>(read).size());
    unsupported(() -> read.remove(0));
    unsupported(() -> ((Map<?, ?>) read.get(0)).remove("sku"));
  }

  @Test
  void maps_whose_keys_do_not_repeat_are_unmodifiable_too() {
    Object[] records = new Object[200];
    for (int i = 0; i < records.length; i++) { // together they fill the schema
      Map<String, Object> record = new LinkedHashMap<>();
      for (int k = 0; k < 500; k++) {
        record.put("a key that does not repeat " + i + " " + k, (long) k);
      }
      records[i] = record;
    }
    try (Region region = Region.open(Fixtures.write(folder.resolve("r.ztc"), records))) {
      int last = records.length - 1;
      assertTrue(region.shapes().size() < records.length, "all maps got a shape");
      Map<String, Object> map = ZeroTouchClone.copy(region, last).toCompactMap();
      assertEquals(records[last], map);
      assertEquals(map, records[last]);
      assertEquals(((Map<?, ?>) records[last]).toString(), map.toString());
      assertEquals(7L, map.get("a key that does not repeat " + last + " 7"));
      unsupported(() -> map.put("x", 1));
      unsupported(() -> map.remove("x"));
      unsupported(() -> map.entrySet().iterator().next().setValue(1));
    }
  }

  @Test
  void a_view_makes_one_that_stays_and_only_maps_do() {
    Path path = Fixtures.write(folder.resolve("r.ztc"), Map.of("in", job(1), "none", Map.of()), 7);
    try (Region region = Region.open(path);
        CopyBuffer buffer = CopyBuffer.allocate()) {
      RecordCopy cursor = ZeroTouchClone.copyInto(region, 0, buffer);
      RecordCopy view = cursor.getRecord("in");
      Map<String, Object> map = view.toCompactMap();
      assertEquals(Map.of(), cursor.getRecord("none").toCompactMap());
      fails(Status.TYPE_MISMATCH, "$.in.tags: ", () -> view.getRecord("tags").toCompactMap());
      RecordCopy next = ZeroTouchClone.copyInto(region, 1, buffer);
      fails(Status.TYPE_MISMATCH, "$: ", next::toCompactMap);
      assertThrows(StaleCopyException.class, view::toCompactMap);
      assertEquals("user1@example.org", map.get("to"));
    }
  }
}
