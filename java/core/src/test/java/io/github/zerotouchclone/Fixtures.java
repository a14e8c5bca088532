package io.github.zerotouchclone;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.function.Executable;

/** What several tests need. */
final class Fixtures {
  private Fixtures() {}

  /** Publishes a region of these records. */
  static Path write(Path path, Object... records) {
    try (RegionWriter writer = RegionWriter.create(path)) {
      for (Object record : records) {
        writer.add(record);
      }
      writer.publish();
    }
    return path;
  }

  /** A record like those of the demo. */
  static Map<String, Object> job(int id) {
    Map<String, Object> prefs = new LinkedHashMap<>();
    prefs.put("html", id % 2 == 0);
    prefs.put("lang", "de");
    prefs.put("score", id * 0.5);
    prefs.put("nothing", null);
    Map<String, Object> job = new LinkedHashMap<>();
    job.put("id", (long) id);
    job.put("to", "user" + id + "@example.org");
    job.put("name", "Jürgen Größer " + id);
    job.put("tags", List.of("a", "b", "tag " + id));
    job.put("prefs", prefs);
    job.put("raw", new byte[] {1, 2, 3});
    job.put("numbers", new int[] {5, 6, id});
    job.put("any key", List.of(Map.of("sku", "x"), List.of(1, 2), 7));
    return job;
  }

  /** Checks status and message of the exception that an action ends in. */
  static <T extends RegionException> T fails(
      Class<T> type, Status status, String message, Executable action) {
    T e = assertThrows(type, action);
    assertEquals(status, e.status(), e.getMessage());
    assertTrue(e.getMessage().contains(message), e.getMessage());
    return e;
  }

  static RegionException fails(Status status, String message, Executable action) {
    return fails(RegionException.class, status, message, action);
  }

  /** The folder of a module's file in the source tree, whatever the working directory. */
  static Path source(String first, String... more) {
    Path core = Path.of(System.getProperty("basedir", System.getProperty("user.dir")));
    Path root = core.toAbsolutePath().resolve("../..").normalize();
    assertTrue(Files.exists(root.resolve("native/include/ztc/ztc.h")), "no source tree at " + root);
    return root.resolve(Path.of(first, more));
  }
}
