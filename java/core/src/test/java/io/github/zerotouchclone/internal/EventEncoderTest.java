package io.github.zerotouchclone.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.zerotouchclone.UnstorableValueException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The bytes of the event stream. */
class EventEncoderTest {
  private final EventEncoder encoder = new EventEncoder("test");

  private String events(Object... records) {
    for (int i = 0; i < records.length; i++) {
      encoder.add(records[i], null, i);
    }
    byte[] events = Arrays.copyOf(encoder.events(), encoder.size());
    encoder.clear();
    return HexFormat.ofDelimiter(" ").formatHex(events);
  }

  @Test
  void scalars_are_an_opcode_and_their_bytes() {
    assertEquals("00 3f 02 3f 01 3f", events(null, true, false));
    assertEquals("03 fb 3f 04 fb ff 3f", events((byte) -5, (short) -5));
    assertEquals("05 fb ff ff ff 3f 06 05 00 00 00 00 00 00 00 3f", events(-5, 5L));
    assertEquals("07 00 00 c0 3f 3f 08 00 00 00 00 00 00 f8 3f 3f", events(1.5f, 1.5));
    assertEquals("14 02 00 00 00 01 ff 3f", events(new byte[] {1, -1}));
  }

  @Test
  void strings_are_latin1_if_they_can_be() {
    assertEquals("11 02 00 00 00 61 fc 3f", events("aü"));
    assertEquals("13 04 00 00 00 61 00 a9 03 3f", events("aΩ"));
  }

  @Test
  void typed_arrays_are_packed() {
    assertEquals("15 03 02 00 00 00 01 00 ff ff 3f", events(new short[] {1, -1}));
    assertEquals("15 04 01 00 00 00 01 00 00 00 3f", events(new int[] {1}));
  }

  @Test
  void a_key_is_defined_once_and_then_a_number() {
    assertEquals(
        "21 2c 01 01 00 00 00 61 05 01 00 00 00 23 3f 21 2d 00 00 00 00 00 23 3f",
        events(Map.of("a", 1), Collections.singletonMap("a", null)));
  }

  @Test
  void a_container_that_is_met_again_gets_a_label_in_front() {
    List<Object> list = new ArrayList<>();
    list.add(list);
    assertEquals("30 00 00 00 00 20 31 00 00 00 00 23 3f", events(list));
    List<Object> inner = new ArrayList<>(List.of(1));
    assertEquals(
        "20 30 00 00 00 00 20 05 01 00 00 00 23 31 00 00 00 00 23 3f",
        events(List.of(inner, inner)));
  }

  @Test
  void a_failed_record_leaves_no_event_and_no_key() {
    Map<String, Object> bad = new LinkedHashMap<>();
    bad.put("k", 1);
    bad.put("l", new Object());
    encoder.add(true, null, 0);
    assertThrows(UnstorableValueException.class, () -> encoder.add(bad, null, 1));
    assertEquals(
        "02 3f 21 2c 01 01 00 00 00 6b 00 23 3f", // "k" is defined, not used
        events(Collections.singletonMap("k", null)));
  }

  @Test
  void a_map_whose_last_key_is_not_a_string_is_written_anew() {
    Map<Object, Object> mixed = new LinkedHashMap<>();
    mixed.put("k", new ArrayList<>());
    mixed.put(1, 2);
    assertEquals(
        "22 07 00 00 00 20 11 01 00 00 00 6b 20 23 05 01 00 00 00 05 02 00 00 00 23 23 3f"
            + " 21 2c 01 01 00 00 00 6b 00 23 3f", // nothing of it knows "k"
        events(mixed, Collections.singletonMap("k", null)));
  }

  @Test
  void maps_with_the_same_keys_at_the_same_place_get_a_list_and_then_only_values() {
    assertEquals(
        "21 2c 01 01 00 00 00 61 01 2c 01 01 00 00 00 62 01 23 3f"
            + " 21 2d 00 00 00 00 01 2d 01 00 00 00 01 23 3f"
            + " 21 2d 00 00 00 00 01 2d 01 00 00 00 01"
            + " 2e 02 00 00 00 00 00 00 00 01 00 00 00 23 3f"
            + " 2f 00 00 00 00 01 02 23 3f",
        events(ab(false), ab(false), ab(false), ab(true)));
  }

  @Test
  void a_map_leaves_the_list_where_its_keys_differ() {
    events(ab(false), ab(false), ab(false));
    Map<String, Object> longer = ab(true);
    longer.put("c", true);
    assertEquals(
        "2f 00 00 00 00 02 23 3f" // a prefix
            + " 21 2d 01 00 00 00 02 23 3f" // after another key than before the others
            + " 2f 00 00 00 00 01 02 2c 01 01 00 00 00 63 02 23 3f",
        events(Map.of("a", true), Map.of("b", true), longer));
  }

  @Test
  void a_failed_record_leaves_no_list() {
    events(ab(false), ab(false));
    Map<String, Object> inner = ab(true);
    Map<String, Object> bad = new LinkedHashMap<>();
    bad.put("a", ab(false));
    bad.put("b", List.of(inner, ab(true), ab(true), ab(true), new Object()));
    assertThrows(UnstorableValueException.class, () -> encoder.add(bad, null, 2));
    String plain = "21 2d 00 00 00 00 01 2d 01 00 00 00 01";
    assertEquals(
        plain
            + " 23 3f "
            + plain
            + " 23 3f "
            + plain
            + " 2e 02 00 00 00 00 00 00 00 01 00 00 00 23 3f 2f 00 00 00 00 01 01 23 3f",
        events(ab(false), ab(false), ab(false), ab(false)));
  }

  private static Map<String, Object> ab(boolean b) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("a", false);
    map.put("b", b);
    return map;
  }
}
