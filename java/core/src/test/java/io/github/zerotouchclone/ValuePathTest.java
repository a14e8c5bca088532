package io.github.zerotouchclone;

import static io.github.zerotouchclone.Fixtures.fails;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Paths into values in memory. */
class ValuePathTest {
  @TempDir Path folder;

  @Test
  void a_path_leads_to_what_copy_path_finds() {
    Map<String, Object> job = Fixtures.job(7);
    Path path = Fixtures.write(folder.resolve("jobs.ztc"), job);
    try (Region region = Region.open(path)) {
      for (String text :
          List.of(
              "id",
              "$.to",
              "prefs.lang",
              "prefs.nothing",
              "tags[2]",
              "[\"any key\"][0].sku",
              "$[\"any\\u0020key\"][1][0]")) {
        assertEquals(ZeroTouchClone.copyPath(region, 0, text), ValuePath.of(text).in(job), text);
      }
    }
    assertSame(job, ValuePath.of("$").in(job));
    assertNull(ValuePath.of("prefs.nothing").in(job));
    assertEquals("x", ValuePath.of("[1]").in(new Object[] {0, "x"}));
    assertEquals("prefs.lang", ValuePath.of("prefs.lang").toString());
  }

  @Test
  void a_path_that_leads_nowhere_says_where_it_ends() {
    Map<String, Object> job = Fixtures.job(7);
    fails(
        Status.NO_SUCH_KEY,
        "$.prefs.none is not there",
        () -> ValuePath.of("prefs.none.x").in(job));
    fails(
        Status.NO_SUCH_KEY,
        "$[\"no key\"] is not there",
        () -> ValuePath.of("[\"no key\"]").in(job));
    fails(Status.OUT_OF_RANGE, "$.tags[3] is not there", () -> ValuePath.of("tags[3]").in(job));
    fails(
        Status.OUT_OF_RANGE,
        "is not there",
        () -> ValuePath.of("tags[18446744073709551609]").in(job));
    fails(Status.TYPE_MISMATCH, "$.id.x needs a map", () -> ValuePath.of("id.x").in(job));
    fails(Status.TYPE_MISMATCH, "$.prefs[0] needs a list", () -> ValuePath.of("prefs[0]").in(job));
    assertEquals(2, fails(Status.BAD_PATH, "", () -> ValuePath.of("a..b")).offset());
    fails(Status.BAD_PATH, "", () -> ValuePath.of("a\0b"));
  }
}
