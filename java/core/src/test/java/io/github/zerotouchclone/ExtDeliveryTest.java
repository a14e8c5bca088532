package io.github.zerotouchclone;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.MonthDay;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What stored ext values of registered types are in Java. */
class ExtDeliveryTest {
  @TempDir Path folder;

  private static Ext ext(int id, Object... payload) {
    return new Ext(id, payload.length == 1 ? payload[0] : Arrays.asList(payload));
  }

  private RecordCopy copy(Object record) {
    Path path = Fixtures.write(folder.resolve("ext.ztc"), record);
    try (Region region = Region.open(path, RegionOption.VERIFY_ALL)) {
      return ZeroTouchClone.copy(region, 0);
    }
  }

  private Object delivered(Object value) {
    return copy(value).toObject();
  }

  @Test
  void registered_values_are_what_java_has_for_them() {
    Ext date = ext(9, -5, (byte) 2, (byte) 28);
    Ext dateTime = ext(11, date, ext(10, 86_399_999_999_999L));
    Ext offset = ext(12, ext(11, ext(9, 2024, 7, 1), ext(10, 0L)), 7200);
    Map<Ext, Object> expected = new LinkedHashMap<>();
    expected.put(ext(1, -1L), BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE));
    expected.put(ext(1, 5L), BigInteger.valueOf(5));
    expected.put(ext(2, new byte[] {-1, 0}), BigInteger.valueOf(-256));
    expected.put(ext(3, -2, new byte[] {7}), new BigDecimal(BigInteger.valueOf(7), -2));
    expected.put(ext(4, 0xd800), '\ud800');
    expected.put(ext(6, 1, "x"), List.of(1, "x"));
    expected.put(ext(8, -1L, 999_999_999), Instant.ofEpochSecond(-1, 999_999_999));
    expected.put(date, LocalDate.of(-5, 2, 28));
    expected.put(ext(10, 1L), LocalTime.ofNanoOfDay(1));
    expected.put(dateTime, LocalDateTime.of(LocalDate.of(-5, 2, 28), LocalTime.MAX));
    expected.put(offset, OffsetDateTime.parse("2024-07-01T00:00+02:00"));
    expected.put(
        ext(13, offset, "Europe/Berlin"),
        ZonedDateTime.parse("2024-07-01T00:00+02:00[Europe/Berlin]"));
    expected.put(ext(14, -1L, 1), Duration.ofSeconds(-1, 1));
    expected.put(ext(15, 1, -2, 3), Period.of(1, -2, 3));
    expected.put(
        ext(16, new byte[] {0, 0, 0, 0, 0, 0, 0, 1, -1, -1, -1, -1, -1, -1, -1, -2}),
        new UUID(1, -2));
    expected.put(ext(17, "a.Colour", "RED"), "RED");
    expected.put(ext(18, "a.Point", Map.of("x", 1)), Map.of("x", 1));
    expected.put(ext(18, "a.Empty", Map.of()), Map.of());
    expected.put(ext(19, "name"), "name");
    expected.put(ext(20, List.of(1)), List.of(1));
    expected.put(ext(20, 7), 7);
    expected.put(new Ext(21, new short[] {'a', (short) 0xdc00}), "a\udc00");
    expected.put(ext(22, "mailto:a@b.example"), URI.create("mailto:a@b.example"));
    expected.put(ext(23, ext(10, 0L), 3600), OffsetTime.parse("00:00+01:00"));
    expected.put(ext(24, -5), Year.of(-5));
    expected.put(ext(25, 2024, (byte) 2), YearMonth.of(2024, 2));
    expected.put(ext(26, (byte) 2, 29), MonthDay.of(2, 29));
    expected.put(ext(27, "Europe/Berlin"), ZoneId.of("Europe/Berlin"));
    expected.put(ext(27, "+01:00"), ZoneOffset.ofHours(1));
    expected.forEach(
        (stored, value) -> {
          assertEquals(value, delivered(stored), stored::toString);
          assertEquals(List.of(value), delivered(List.of(stored)), stored::toString);
          assertEquals(value, copy(List.of(stored)).get(0), stored::toString);
        });
  }

  @Test
  void a_payload_of_another_form_stays_an_ext() {
    for (Ext stored :
        List.of(
            ext(1, 5),
            ext(2, new byte[0]),
            ext(2, "12"),
            ext(3, 1L << 40, new byte[] {7}),
            ext(3, List.of(1)),
            ext(4, -1),
            ext(4, 0x10000),
            ext(5, 7),
            ext(6, Map.of()),
            ext(7, 1, 2, 3),
            ext(8, Long.MAX_VALUE, 0),
            ext(8, 1L, 1_000_000_000),
            ext(9, 2023, 2, 29),
            ext(10, -1L),
            ext(11, ext(9, 2023, 2, 29), ext(10, 1L)),
            ext(12, ext(11, ext(9, 2023, 2, 1), ext(10, 1L)), 1_000_000),
            ext(13, ext(12, ext(11, ext(9, 1, 1, 1), ext(10, 1L)), 0), "No/Where"),
            ext(16, new byte[15]),
            ext(17, "class", 7),
            ext(18, "class", List.of()),
            ext(19, 1),
            ext(21, new int[] {1}),
            ext(22, "not a uri"),
            ext(23, ext(10, -1L), 0),
            ext(23, ext(10, 1L), 1_000_000),
            ext(24, 1_000_000_000),
            ext(24, 1L << 40),
            ext(25, 2024, 13),
            ext(26, 2, 30),
            ext(27, "No/Where"),
            ext(27, 5))) {
      Ext read = assertInstanceOf(Ext.class, delivered(stored));
      assertEquals(stored.id(), read.id());
    }
  }

  @Test
  void texts_are_strings_for_whoever_asks_for_a_string() {
    RecordCopy copy =
        copy(
            Arrays.asList(
                ext(4, (int) 'c'),
                ext(16, new byte[16]),
                ext(17, "a.Colour", "RED"),
                ext(19, "symbol"),
                new Ext(21, new short[] {(short) 0xd800}),
                ext(22, "a:b")));
    assertEquals("c", copy.getString(0));
    assertEquals(new UUID(0, 0).toString(), copy.getString(1));
    assertEquals("RED", copy.getString(2));
    assertEquals("symbol", copy.getString(3));
    assertEquals("\ud800", copy.getString(4));
    assertEquals("a:b", copy.getString(5));
    Fixtures.fails(
        Status.TYPE_MISMATCH, "not a string", () -> copy(List.of(ext(3, 1, 2))).getString(0));
  }

  @Test
  void a_set_is_a_mutable_set_in_order() {
    @SuppressWarnings("unchecked")
    Set<Object> set = (Set<Object>) delivered(ext(5, "z", 1, ext(16, new byte[16]), null));
    assertEquals(Arrays.asList("z", 1, new UUID(0, 0), null), new ArrayList<>(set));
    assertTrue(set.add("new"));
    assertFalse(set.add("z"));
    assertEquals(Set.of(), delivered(new Ext(5, List.of())));
  }

  @Test
  void a_set_of_containers_tells_them_by_equality() {
    @SuppressWarnings("unchecked")
    Set<Object> set =
        (Set<Object>) delivered(ext(5, List.of(1), Map.of("a", ext(5, List.of(2), 3)), 7));
    assertEquals(Set.of(List.of(1), Map.of("a", Set.of(List.of(2), 3)), 7), set);
    assertTrue(set.contains(List.of(1)));
    assertTrue(set.remove(List.of(1)));
    assertEquals(2, set.size());
  }

  @Test
  void a_map_may_have_any_keys() {
    @SuppressWarnings("unchecked")
    Map<Object, Object> map =
        (Map<Object, Object>) delivered(ext(7, 1, "one", List.of(2), List.of("two")));
    assertEquals(Map.of(1, "one", List.of(2), List.of("two")), map);
    assertEquals("one", map.put(1, "ONE"));
    assertEquals("ONE", map.get(1));
    assertEquals(List.of("two"), map.remove(List.of(2)));
    assertEquals(mapOf(1, 2L, null, 3), delivered(ext(7, 1, 2L, null, 3)));
    assertEquals(Map.of(), delivered(new Ext(7, List.of())));
  }

  private static Map<Object, Object> mapOf(Object... entries) {
    Map<Object, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < entries.length; i += 2) {
      map.put(entries[i], entries[i + 1]);
    }
    return map;
  }

  @Test
  void equal_elements_of_a_set_are_told_by_identity() {
    Set<?> set = (Set<?>) delivered(ext(5, mapOf("a", 1), mapOf("a", 1)));
    assertEquals(2, set.size());
    Iterator<?> elements = set.iterator();
    Object first = elements.next();
    assertNotSame(first, elements.next());
    assertTrue(set.contains(first));
    assertFalse(set.contains(Map.of("a", 1)));
  }

  @Test
  void a_constant_and_its_name_are_two_elements() {
    assertEquals(2, ((Set<?>) delivered(ext(5, ext(17, "a.Colour", "RED"), "RED"))).size());
    assertEquals(
        2, ((Map<?, ?>) delivered(ext(7, ext(1, 5L), 1, ext(2, new byte[] {5}), 2))).size());
  }

  @Test
  void a_set_of_maps_that_lead_back_to_it_is_delivered() {
    Map<Object, Object> parent = new LinkedHashMap<>();
    Map<Object, Object> child = mapOf("parent", parent);
    parent.put("children", new Ext(5, new ArrayList<>(List.of(child, mapOf("parent", parent)))));
    Map<?, ?> read = (Map<?, ?>) delivered(parent);
    Set<?> children = (Set<?>) read.get("children");
    assertEquals(2, children.size());
    for (Object each : children) {
      assertSame(read, ((Map<?, ?>) each).get("parent"));
      assertTrue(children.contains(each));
    }
  }

  @Test
  void an_object_and_a_weak_reference_keep_identity() {
    Map<Object, Object> fields = new LinkedHashMap<>();
    Ext node = new Ext(18, Arrays.asList("Node", fields));
    fields.put("self", node);
    fields.put("weak", new Ext(20, node));
    Map<?, ?> read = (Map<?, ?>) delivered(node);
    assertSame(read, read.get("self"));
    assertSame(read, read.get("weak"));
  }

  @Test
  void a_payload_that_others_refer_to_stays_an_ext() {
    List<Object> elements = new ArrayList<>(List.of(1));
    List<?> read = (List<?>) delivered(List.of(new Ext(5, elements), elements));
    assertSame(((Ext) read.get(0)).payload(), read.get(1));
  }

  @Test
  void a_set_whose_hash_would_take_forever_is_delivered() {
    // 2^60 visits, and then elements that all have one hash code.
    List<Object> doubled = new ArrayList<>(List.of("leaf"));
    for (int i = 0; i < 60; i++) {
      doubled = new ArrayList<>(List.of(doubled, doubled));
    }
    assertEquals(1, ((Set<?>) delivered(ext(5, Arrays.asList(doubled)))).size());
    List<Object> colliding = new ArrayList<>();
    for (int i = 0; i < 200_000; i++) {
      colliding.add(List.of(i, -31 * i));
    }
    assertEquals(200_000, ((Set<?>) delivered(new Ext(5, colliding))).size());
  }

  @Test
  void a_set_with_an_element_twice_is_corrupt() {
    Fixtures.fails(Status.CORRUPT, "the same key twice", () -> delivered(ext(5, "a", "a")));
    Fixtures.fails(Status.CORRUPT, "the same key twice", () -> delivered(ext(7, 1, 2, 1, 3)));
  }

  /**
   * Values of which many have one hash code, and that no hash map can order, or not with others.
   */
  @Test
  void sets_and_maps_of_what_collides_fall_back_to_identity() {
    Set<Object> periods = new LinkedHashSet<>();
    Set<Object> mixed = new LinkedHashSet<>();
    Map<Object, Object> map = new LinkedHashMap<>();
    for (int i = 1; i <= 200; i++) {
      Period period = Period.of(256 * (200 - i), i, 0);
      assertEquals(256 * 200, period.hashCode());
      periods.add(period);
      map.put(period, i);
      long same = (long) i << 32 | i;
      assertEquals(0, Long.hashCode(same));
      mixed.add(i % 2 == 0 ? (Object) same : Double.longBitsToDouble(same));
    }
    for (Object collides : List.of(periods, mixed, map)) {
      Object read = delivered(collides);
      Collection<?> keys = read instanceof Map<?, ?> m ? m.keySet() : (Collection<?>) read;
      Object first = keys.iterator().next();
      assertTrue(keys.contains(first));
      Object written = collides instanceof Map<?, ?> m ? m.keySet() : collides;
      assertEquals(List.copyOf((Collection<?>) written), List.copyOf(keys));
      assertFalse(keys.contains(equalTo(first)), "told by identity: " + first);
    }
  }

  private static Object equalTo(Object key) {
    return key instanceof Period period
        ? Period.of(period.getYears(), period.getMonths(), period.getDays())
        : Double.valueOf(((Double) key).doubleValue());
  }

  /** Comparing one of the others with the large one takes milliseconds. */
  @Test
  @Timeout(value = 100, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void sets_and_maps_of_large_decimals_are_not_ordered() {
    List<Object> numbers = new ArrayList<>(Decimals.alike(100_000, 30_000));
    Set<?> many = (Set<?>) delivered(new Ext(5, numbers));
    assertEquals(numbers, List.copyOf(many));
    // Few enough to be told by equality.
    List<Object> few = numbers.subList(0, 60);
    for (Object read : (List<?>) delivered(Collections.nCopies(400, new Ext(5, few)))) {
      Set<?> set = (Set<?>) read;
      assertEquals(few, List.copyOf(set));
      assertTrue(set.contains(new BigDecimal(few.get(59).toString())));
      assertFalse(set.contains(numbers.get(60)));
    }
    List<Object> pairs = new ArrayList<>();
    numbers.subList(0, 10_000).forEach(number -> pairs.addAll(List.of(number, 1)));
    assertEquals(10_000, ((Map<?, ?>) delivered(new Ext(7, pairs))).size());
  }
}
