package io.github.zerotouchclone.junit;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.zerotouchclone.Region;
import io.github.zerotouchclone.RegionWriter;
import io.github.zerotouchclone.internal.RegionAccess;
import io.github.zerotouchclone.junit.internal.NativePageWatch;
import io.github.zerotouchclone.junit.internal.PageWatch;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Regions for tests, and ways to hit their pages. */
final class Regions {
  private static final Pattern MARK = Pattern.compile("r(\\d{6})\\.");

  private Regions() {}

  /** Tests that need the kernel's help are aborted without it, unless it is required. */
  static void assumeScan() {
    String problem = new NativePageWatch().unavailable();
    assumeTrue(isRequired("scan") || problem == null, "not available here, because " + problem);
  }

  static boolean isRequired(String capability) {
    String required = System.getenv("ZTC_REQUIRE");
    return required != null && List.of(required.split(",")).contains(capability);
  }

  /** Each record repeats its own number, so that the file's bytes tell where it lies. */
  static Path write(Path file, int records) {
    try (RegionWriter writer = RegionWriter.create(file)) {
      for (int i = 0; i < records; i++) {
        writer.add(String.format("r%06d.", i).repeat(20 + i % 50));
      }
      writer.publish();
    }
    return file;
  }

  /** The numbers that are written in a page of a file. */
  static TreeSet<Integer> recordsIn(Path file, int page) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    int size = new NativePageWatch().pageSize();
    // A mark that begins in the page before belongs to both.
    int from = Math.max(0, page * size - 7);
    int to = Math.min(bytes.length, (page + 1) * size + 7);
    Matcher marks =
        MARK.matcher(new String(Arrays.copyOfRange(bytes, from, to), StandardCharsets.ISO_8859_1));
    TreeSet<Integer> found = new TreeSet<>();
    while (marks.find()) {
      found.add(Integer.valueOf(marks.group(1)));
    }
    return found;
  }

  /** Stores a byte of a page to itself, past all that this library does. */
  static void storeSilently(Region region, long page) {
    PageWatch hook = new NativePageWatch();
    hook.storeSilently(RegionAccess.base(region) + page * hook.pageSize() + 100);
  }
}
