package io.github.zerotouchclone.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Values that references make larger, or deeper, than what is stored. */
class SharedValuesTest {
  @Test
  @Timeout(value = 100, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void valuesThatMeetDifferentPartnersInTurnAreComparedInAFewSteps() {
    List<Object> x = new ArrayList<>();
    Collections.addAll(x, x, x);
    List<Object> y = new ArrayList<>();
    List<Object> z = new ArrayList<>();
    Collections.addAll(y, z, z);
    Collections.addAll(z, y, y);
    assertEquals("$", Difference.path(x, y));
    List<Object> last = new ArrayList<>(z);
    Collections.addAll(x, 1);
    Collections.addAll(y, 1);
    last.add(2);
    z.set(1, last);
    z.add(1);
    assertEquals("$[0][1][2]", Difference.path(x, y));
  }

  @Test
  void keysInPathsAreThoseOfAllOtherMessages() {
    String key = "a b \ud83d\ude00";
    String path = Difference.path(Map.of(key, 1), Map.of(key, 2));
    assertEquals("$[\"a b \ud83d\ude00\"]", path);
  }

  @Test
  void theSizeOfJsonIsLimitedInsideOfContainersToo() {
    String text = "s".repeat(1000);
    JsonWriter json = new JsonWriter(100_000);
    for (Object value :
        List.of(
            Collections.nCopies(1000, text),
            Collections.nCopies(1000, text.getBytes()),
            Map.of("list", Collections.nCopies(1000, Map.of(text, 1))),
            new long[100_000],
            "s".repeat(200_000))) {
      Failure failure =
          assertThrows(Failure.class, () -> json.line(value, "record 0", new Output()));
      assertTrue(failure.getMessage().contains("cannot share values"), failure.getMessage());
    }
  }
}
