package io.github.zerotouchclone;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What copies allocate, in a JVM that does nothing else. */
class GarbageTest {
  private static final String RECORD = "([0-9]|[12][0-9]|3[0-2])";

  @TempDir Path folder;

  @Test
  void copies_into_a_buffer_make_no_garbage_and_others_only_their_result() throws Exception {
    Object[] records = new Object[64];
    for (int i = 0; i < records.length; i++) {
      Map<String, Object> record = new LinkedHashMap<>();
      record.put("id", i + 1L);
      record.put("small", i);
      record.put("flag", i % 2 == 0);
      record.put("lang", "de");
      record.put("name", "a name of 16 chr");
      record.put("raw", new byte[] {1, 2, 3});
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
    Path large = folder.resolve("large.ztc");
    try (RegionWriter writer = RegionWriter.create(large)) {
      for (long id = 0; id < 100_000; id++) {
        writer.add(Map.of("id", id, "text", "some text ".repeat(20)));
      }
      writer.publish();
    }
    Path references = folder.resolve("references.ztc"); // records that are mere references
    try (RegionWriter writer = RegionWriter.create(references)) {
      for (long id = 1; id < 9; id++) {
        SharedValue shared = writer.share(Map.of("id", id));
        writer.add(shared);
        writer.add(Map.of("id", id));
      }
      writer.publish();
    }
    ChildJvm.Result child =
        ChildJvm.run(
            List.of(),
            List.of(),
            "Garbage",
            path.toString(),
            large.toString(),
            references.toString());
    assertEquals(0, child.status(), child.output());
    assertTrue(child.output().contains("copyInto 0\n"), child.output());
    assertTrue(child.output().contains("getters 0\n"), child.output());
    assertTrue(child.output().contains("handles 0\n"), child.output());
    // At most the record; a compiler that sees that nobody keeps it may leave it out.
    assertTrue(matches("^typed " + RECORD + "$", child.output()), child.output());
    assertTrue(matches("^typed into " + RECORD + "$", child.output()), child.output());
    assertTrue(matches("^typed of 2 regions " + RECORD + "$", child.output()), child.output());
    assertTrue(matches("^typed of 7 regions " + RECORD + "$", child.output()), child.output());
    assertTrue(matches("^references 0$", child.output()), child.output());
    assertTrue(matches("^typed references " + RECORD + "$", child.output()), child.output());
    assertTrue(matches("^typed references into " + RECORD + "$", child.output()), child.output());
    assertTrue(child.output().contains("three fields 0\n"), child.output());
    // A string is 24 bytes, and its characters 16 and what they need in steps of 8.
    assertTrue(child.output().contains("a short string 48\n"), child.output());
    assertTrue(child.output().contains("a string 56\n"), child.output());
    // The batch and its 64 indices.
    assertTrue(matches("^batch ([0-9]{1,2}|[1-5][0-9]{2}|600)$", child.output()), child.output());
    // The buffer of the batches, whatever the number of records.
    assertTrue(matches("^scan [0-4]$", child.output()), child.output());
  }

  private static boolean matches(String line, String output) {
    return Pattern.compile(line, Pattern.MULTILINE).matcher(output).find();
  }
}
