package io.github.zerotouchclone;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Inputs that are larger than the memory of the process that writes them. */
class LargeInputTest {
  private static final int RECORDS = 2_000_000;

  @TempDir Path folder;

  private static long number(String name, String output) {
    Matcher matcher = Pattern.compile(name + " (-?\\d+)").matcher(output);
    assertTrue(matcher.find(), output);
    return Long.parseLong(matcher.group(1));
  }

  @Test
  void memory_does_not_grow_with_the_records() throws Exception {
    ChildJvm.Result child =
        ChildJvm.run(
            // 256 MiB of its own in all, with what the JVM takes; no file counts.
            List.of("bash", "-c", "ulimit -d 262144; exec \"$@\"", "bash"),
            List.of("-Xms32m", "-Xmx32m", "-XX:+UseSerialGC", "-XX:+AlwaysPreTouch"),
            "LargeInput",
            folder.resolve("large.ztc").toString(),
            Integer.toString(RECORDS));
    assertEquals(0, child.status(), child.output());
    assertTrue(number("bytes", child.output()) > 400L << 20, child.output());
    assertEquals(RECORDS - 1, number("last", child.output()));
    // The index of the records alone has 27 MiB more by then, and that of the keys as many.
    assertTrue(number("grew by", child.output()) < 14 << 10, child.output());
  }
}
