package io.github.zerotouchclone.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CachesTest {

  @TempDir Path folder;

  @Test
  void the_last_level_is_the_largest_that_the_kernel_describes() throws IOException {
    String[] sizes = {"48K", "32K", "2048K", "260M"};
    for (int i = 0; i < sizes.length; i++) {
      Path cache = Files.createDirectory(folder.resolve("index" + i));
      Files.writeString(cache.resolve("size"), sizes[i] + "\n");
    }
    Files.createFile(folder.resolve("uevent"));

    assertEquals(260L << 20, Caches.of(folder).lastLevel());
  }

  @Test
  void a_region_that_the_cache_holds_is_called_so() {
    Caches caches = new Caches(260L << 20);

    assertEquals(
        "48 MiB, 0.2 x the last-level cache: *random* stays in it", caches.compared(48L << 20));
    assertEquals("1024 MiB, 3.9 x the last-level cache", caches.compared(1024L << 20));
    assertEquals("not made", caches.compared(0));
  }

  @Test
  void a_kernel_that_does_not_say_is_no_error() throws IOException {
    Caches caches = Caches.of(folder.resolve("none"));

    assertEquals("unknown", Caches.mebibytes(caches.lastLevel()));
    assertEquals("48 MiB", caches.compared(48L << 20));
  }
}
