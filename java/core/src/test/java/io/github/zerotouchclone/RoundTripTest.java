package io.github.zerotouchclone;

import static io.github.zerotouchclone.Graphs.assertSameGraph;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.github.zerotouchclone.internal.DeepStack;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written comes back: write, publish, open, copy, materialise. */
class RoundTripTest {
  @TempDir Path folder;

  /** A region of these records, read back record by record. */
  private List<Object> roundTrip(List<?> records) {
    Path path = folder.resolve("round-trip.ztc");
    try (RegionWriter writer = RegionWriter.create(path)) {
      for (int i = 0; i < records.size(); i++) {
        assertEquals(i, writer.add(records.get(i)));
      }
      writer.publish();
    }
    List<Object> copies = new ArrayList<>();
    try (Region region = Region.open(path, RegionOption.VERIFY_ALL)) {
      assertEquals(records.size(), region.count());
      CopyBuffer buffer = CopyBuffer.allocate();
      for (int i = 0; i < records.size(); i++) {
        RecordCopy copy = ZeroTouchClone.copy(region, i);
        copies.add(copy.toObject());
        assertSameGraph(records.get(i), copies.get(i));
        assertSameGraph(records.get(i), ZeroTouchClone.copyInto(region, i, buffer).toObject());
      }
    }
    return copies;
  }

  private Object roundTrip(Object record) {
    return roundTrip(Collections.singletonList(record)).get(0);
  }

  @Test
  void an_empty_region_has_no_records() {
    assertEquals(List.of(), roundTrip(List.of()));
  }

  @Test
  void every_scalar_is_a_record() {
    roundTrip(
        Arrays.asList(
            null,
            true,
            false,
            (byte) -128,
            (byte) 127,
            Short.MIN_VALUE,
            Short.MAX_VALUE,
            Integer.MIN_VALUE,
            Integer.MAX_VALUE,
            Long.MIN_VALUE,
            Long.MAX_VALUE,
            0,
            0L,
            1.5f,
            0.1,
            -0.0,
            0.0f,
            Double.NaN,
            Float.NaN,
            Double.NEGATIVE_INFINITY,
            Float.MIN_VALUE,
            "",
            "short",
            "a longer string",
            new byte[0],
            new byte[] {1, 2, 3}));
  }

  @Test
  void every_container_is_a_record() {
    roundTrip(
        List.of(
            List.of(),
            Map.of(),
            List.of(1, "a"),
            Map.of("k", 1L),
            new Object[] {1, "a"},
            new String[] {"x"},
            new Integer[0],
            new int[][] {{1}, {}, {2, 3}},
            new LinkedHashSet<>(List.of(3, 1, 2)),
            new TreeMap<>(Map.of("b", 1, "a", 2))));
  }

  @Test
  void every_typed_array_comes_back_as_it_was() {
    roundTrip(
        List.of(
            new short[] {1, -1},
            new int[] {1, -1},
            new long[] {1, -1},
            new float[] {1, -1},
            new double[] {1, -1},
            new short[0],
            new int[0],
            new long[0],
            new float[0],
            new double[0],
            Map.of("in", new int[] {5}, "a", new double[] {0.5})));
  }

  @Test
  void strings_of_every_length_and_kind_come_back() {
    List<Object> strings = new ArrayList<>();
    for (String unit : new String[] {"a", "é", "Ω", "😀", "\u0000", "\uFFFD", "\u0080", "\u07ff"}) {
      for (int length = 0; length < 20; length++) {
        strings.add(unit.repeat(length));
        strings.add("x" + unit.repeat(length) + "y");
      }
    }
    strings.add("é".repeat(100_000));
    strings.add("😀Ω".repeat(100_000));
    roundTrip(strings);
    roundTrip(List.of(strings));
  }

  @Test
  void keys_of_every_kind_come_back() {
    Map<String, Object> map = new LinkedHashMap<>();
    for (String key :
        new String[] {"", "a", "é", "Ω", "😀", "a.b", "[0]", "\"", "a\nb", "€€€€€€€"}) {
      map.put(key, key);
    }
    roundTrip(List.of(map, map, Map.of("only", map)));
  }

  @Test
  void integers_come_back_in_the_width_they_had() {
    Map<?, ?> copy = (Map<?, ?>) roundTrip((Object) Map.of("l", 5L, "i", 5, "s", (short) 5));
    assertEquals(Map.of("l", 5L, "i", 5, "s", (short) 5), copy);
  }

  @Test
  void maps_that_are_almost_alike_come_back() {
    Random random = new Random(11);
    List<Object> records = new ArrayList<>();
    for (int i = 0; i < 3000; i++) {
      records.add(almostAlike(random, 3));
    }
    roundTrip(records);
  }

  /** Mostly the same keys in the same order, now and then one less, one more, or another kind. */
  private static Map<Object, Object> almostAlike(Random random, int depth) {
    Map<Object, Object> map = new LinkedHashMap<>();
    for (int k = 0; k < 6 && random.nextInt(30) != 0; k++) {
      Object key = random.nextInt(40) != 0 ? "key " + k : List.of("other", "\ud800", 5).get(k % 3);
      Object value = random.nextInt(4) == 0 ? null : k;
      if (depth > 0 && k == 2) {
        value = almostAlike(random, depth - 1);
      } else if (depth > 0 && k == 4) {
        value = List.of(almostAlike(random, 0), almostAlike(random, 0), map.size());
      }
      map.put(key, value);
    }
    return map;
  }

  @Test
  void a_map_with_many_keys_that_do_not_repeat_comes_back() {
    Map<String, Object> words = new LinkedHashMap<>();
    for (int i = 0; i < 40_000; i++) {
      words.put("word" + i * 31, i);
    }
    roundTrip(List.of(words, words));
    Path path = folder.resolve("round-trip.ztc");
    try (Region region = Region.open(path)) {
      RecordCopy copy = ZeroTouchClone.copy(region, 1);
      for (int i = 0; i < 40_000; i += 371) {
        assertEquals(i, copy.getInt("word" + i * 31));
      }
    }
  }

  @Test
  void an_object_that_is_met_twice_is_one_object() {
    List<Object> shared = new ArrayList<>(List.of(1));
    Map<String, Object> record = new LinkedHashMap<>();
    record.put("a", shared);
    record.put("b", Map.of("inner", shared));
    record.put("c", shared);
    Map<?, ?> copy = (Map<?, ?>) roundTrip((Object) record);
    assertSame(copy.get("a"), copy.get("c"));
    assertSame(copy.get("a"), ((Map<?, ?>) copy.get("b")).get("inner"));
  }

  @Test
  void equal_objects_stay_two_objects() {
    List<?> copy = (List<?>) roundTrip((Object) List.of(List.of(1), List.of(1)));
    assertNotSame(copy.get(0), copy.get(1));
  }

  @Test
  void the_empty_constants_of_the_jdk_do_not_become_one_mutable_object() {
    Path path = folder.resolve("constants.ztc");
    try (RegionWriter writer = RegionWriter.create(path)) {
      writer.add(List.of(List.of(), List.of(), Collections.emptyList(), Map.of(), Map.of()));
      writer.publish();
    }
    try (Region region = Region.open(path)) {
      assertEquals("[[],[],[],{},{}]", ZeroTouchClone.copy(region, 0).typedText());
    }
  }

  @Test
  void an_empty_list_of_ones_own_keeps_its_identity() {
    List<Object> empty = new ArrayList<>();
    List<?> copy = (List<?>) roundTrip((Object) List.of(empty, empty));
    assertSame(copy.get(0), copy.get(1));
  }

  @Test
  void a_record_may_contain_itself() {
    Map<String, Object> self = new LinkedHashMap<>();
    self.put("self", self);
    List<Object> list = new ArrayList<>();
    list.add(list);
    Object[] array = new Object[1];
    array[0] = array;
    roundTrip(List.of(self, list, array));
  }

  @Test
  void parents_and_children_may_know_each_other() {
    Map<String, Object> parent = new LinkedHashMap<>();
    List<Object> children = new ArrayList<>();
    parent.put("children", children);
    for (int i = 0; i < 300; i++) {
      Map<String, Object> child = new LinkedHashMap<>();
      child.put("parent", parent);
      child.put("previous", children.isEmpty() ? null : children.get(i - 1));
      child.put("siblings", children);
      children.add(child);
    }
    roundTrip((Object) parent);
  }

  @Test
  void a_typed_array_may_be_shared() {
    int[] array = {1, 2};
    List<?> copy = (List<?>) roundTrip((Object) List.of(array, List.of(array)));
    assertSame(copy.get(0), ((List<?>) copy.get(1)).get(0));
  }

  @Test
  void sharing_ends_at_the_record() {
    List<Object> shared = new ArrayList<>(List.of("x"));
    List<Object> copies = roundTrip(List.of(shared, shared));
    assertNotSame(copies.get(0), copies.get(1));
  }

  @Test
  void nesting_to_the_limit_comes_back() throws Throwable {
    Object value = new int[] {7};
    for (int i = 0; i < 511; i++) {
      value = i % 2 == 0 ? List.of(value) : Map.of("k", value);
    }
    Object deepest = value;
    DeepStack.run(() -> roundTrip(deepest));
  }

  @Test
  void a_chain_of_references_may_be_longer_than_the_limit() {
    List<Object> all = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      List<Object> next = new ArrayList<>();
      next.add(i == 0 ? null : all.get(i - 1));
      all.add(next);
    }
    roundTrip((Object) all);
    Path path = folder.resolve("round-trip.ztc");
    try (Region region = Region.open(path)) {
      Object last = ZeroTouchClone.copy(region, 0).get(1999);
      for (int i = 0; i < 1999; i++) {
        last = ((List<?>) last).get(0);
      }
      assertNull(((List<?>) last).get(0));
    }
  }

  @Test
  void large_records_and_many_records_come_back() {
    List<Object> records = new ArrayList<>();
    records.add(new int[3_000_000]);
    for (int i = 0; i < 20_000; i++) {
      records.add(Map.of("id", i, "name", "record number " + i));
    }
    records.add("y".repeat(20 << 20));
    records.add("after");
    roundTrip(records);
  }

  @Test
  void random_graphs_come_back() {
    for (long seed = 1; seed <= 20; seed++) {
      Random random = new Random(seed);
      List<Object> records = new ArrayList<>();
      for (int i = 0; i < 300; i++) {
        records.add(Graphs.random(random));
      }
      try {
        roundTrip(records);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
  }
}
