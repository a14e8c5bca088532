package io.github.zerotouchclone.internal;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.zerotouchclone.Region;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Methods that every record or value passes stay small enough for the compiler to inline them. */
class HotCodeTest {
  private static int size(Class<?> type, String method) {
    Map<String, Integer> sizes = HotCode.sizes(type);
    assertTrue(sizes.containsKey(method), method + " in " + sizes);
    return sizes.get(method);
  }

  @ParameterizedTest
  @ValueSource(strings = {"count", "size", "keyCount"})
  void to_ask_a_region_for_a_number_is_to_read_a_field(String method) {
    assertTrue(size(Region.class, method) <= 5, method); // load this, get the field, return it
  }
}
