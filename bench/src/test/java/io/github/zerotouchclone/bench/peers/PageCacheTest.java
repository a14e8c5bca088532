package io.github.zerotouchclone.bench.peers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PageCacheTest {

  @TempDir Path folder;

  @Test
  void a_file_that_is_dropped_before_it_reached_the_disk_is_whole() throws IOException {
    byte[] content = new byte[(3 << 20) + 17];
    new Random(1).nextBytes(content);
    Path file = Files.write(folder.resolve("file"), content);

    PageCache.readInOrder(file);

    assertArrayEquals(content, Files.readAllBytes(file));
  }

  @Test
  void a_file_that_is_not_there_is_named() {
    Path file = folder.resolve("none");

    IOException e = assertThrows(IOException.class, () -> PageCache.readInOrder(file));

    assertTrue(e.getMessage().contains(file.toString()), e::toString);
  }
}
