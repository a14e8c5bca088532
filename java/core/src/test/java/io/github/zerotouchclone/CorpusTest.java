package io.github.zerotouchclone;

import static io.github.zerotouchclone.Fixtures.fails;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Java reads the corpus as every other reader does: a record a line, or the status of the error.
 */
class CorpusTest {
  private static List<Path> regions() throws IOException {
    try (Stream<Path> files = Files.list(Fixtures.source("native", "test", "corpus"))) {
      return files
          .filter(file -> file.toString().endsWith(".ztc"))
          .sorted()
          .collect(Collectors.toList());
    }
  }

  @Test
  void there_is_a_corpus() throws IOException {
    assertTrue(regions().size() >= 10, regions().toString());
  }

  @TestFactory
  Stream<DynamicTest> every_region_of_the_corpus() throws IOException {
    return regions().stream()
        .map(
            region -> DynamicTest.dynamicTest(region.getFileName().toString(), () -> read(region)));
  }

  private static void read(Path path) throws IOException {
    String name = path.getFileName().toString();
    Path text = path.resolveSibling(name.substring(0, name.length() - 4) + ".txt");
    String expected = Files.readString(text);
    if (name.startsWith("bad-")) {
      fails(
          Status.valueOf(expected.strip()),
          path.toString(),
          () -> Region.open(path, RegionOption.VERIFY_ALL));
      return;
    }
    try (Region region = Region.open(path, RegionOption.VERIFY_ALL)) {
      CopyBuffer buffer = CopyBuffer.allocate();
      List<String> lines = new ArrayList<>();
      for (long i = 0; i < region.count(); i++) {
        RecordCopy copy = ZeroTouchClone.copy(region, i);
        lines.add(copy.typedText() + "\n");
        copy.toObject();
        assertEquals(copy.typedText(), ZeroTouchClone.copyInto(region, i, buffer).typedText());
      }
      assertEquals(expected, String.join("", lines));
    }
  }
}
