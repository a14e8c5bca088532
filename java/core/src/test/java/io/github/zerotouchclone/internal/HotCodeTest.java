package io.github.zerotouchclone.internal;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.zerotouchclone.Region;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Methods that every record or value passes stay small enough for the compiler to inline them. */
class HotCodeTest {
  private static int size(Class<?> type, String method) {
    Map<String, Integer> sizes = HotCode.sizes(type);
    assertTrue(sizes.containsKey(method), method + " in " + sizes);
    return sizes.get(method);
  }

  /** C2 inlines hot methods up to this size: -XX:FreqInlineSize on x86-64 and AArch64. */
  private static final int MOST = 325;

  @ParameterizedTest
  @CsvSource({
    "Decoder, value",
    "Decoder, fillMap",
    "Decoder, fillPlainMap",
    "Decoder, fillList",
    "Node, open",
    "Node, parse",
    "Node, child",
    "EventEncoder, value",
    "EventEncoder, map",
    "Windows, copy",
  })
  void what_every_value_passes_is_small(String type, String method) throws Exception {
    int size = size(Class.forName("io.github.zerotouchclone.internal." + type), method);
    assertTrue(size < MOST, type + "." + method + " has " + size + " bytes");
  }

  @ParameterizedTest
  @ValueSource(strings = {"count", "size", "keyCount"})
  void to_ask_a_region_for_a_number_is_to_read_a_field(String method) {
    assertTrue(size(Region.class, method) <= 5, method); // load this, get the field, return it
  }
}
