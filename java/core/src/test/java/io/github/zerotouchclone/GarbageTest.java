package io.github.zerotouchclone;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What copies allocate, in a JVM that does nothing else. */
class GarbageTest {
  @TempDir Path folder;

  @Test
  void copies_into_a_buffer_make_no_garbage_and_typed_copies_only_their_result() throws Exception {
    Object[] records = new Object[64];
    for (int i = 0; i < records.length; i++) {
      Map<String, Object> record = new LinkedHashMap<>();
      record.put("id", i + 1L);
      record.put("small", i);
      record.put("flag", i % 2 == 0);
      record.put("text", "text that is not read ".repeat(i));
      Map<String, Object> prefs = new LinkedHashMap<>();
      for (int k = 0; k < i % 20; k++) { // more shapes than a handle remembers
        prefs.put("k" + k, true);
      }
      prefs.put(i % 7 == 0 ? "no score" : "score", i * 0.5);
      record.put("prefs", prefs);
      record.put("rows", List.of(Map.of("n", 1), Map.of("n", 2), Map.of("n", i)));
      record.put("ints", new int[] {1, 1000 + i});
      records[i] = record;
    }
    Path path = Fixtures.write(folder.resolve("r.ztc"), records);
    ChildJvm.Result child = ChildJvm.run(List.of(), List.of(), "Garbage", path.toString());
    assertEquals(0, child.status(), child.output());
    assertTrue(child.output().contains("copyInto 0\n"), child.output());
    assertTrue(child.output().contains("getters 0\n"), child.output());
    assertTrue(child.output().contains("handles 0\n"), child.output());
    assertTrue(child.output().contains("typed 32\n"), child.output());
  }
}
