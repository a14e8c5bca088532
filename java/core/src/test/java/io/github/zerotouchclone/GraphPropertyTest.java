package io.github.zerotouchclone;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.BeforeProperty;

/** Random graphs of objects: written, published, opened, copied and made objects again. */
class GraphPropertyTest {
  private Path folder;

  @BeforeProperty
  void makeFolder() throws IOException {
    folder = Files.createTempDirectory("graphs");
  }

  @AfterProperty
  void removeFolder() throws IOException {
    for (String name : List.of("serial.ztc", "parallel.ztc")) {
      Files.deleteIfExists(folder.resolve(name));
    }
    Files.delete(folder);
  }

  @Provide
  Arbitrary<List<Recipe>> recipes() {
    return Recipe.any().list().ofMinSize(1).ofMaxSize(4);
  }

  @Property(tries = 150, seed = "4", edgeCases = EdgeCasesMode.NONE)
  void what_is_written_comes_back_for_any_number_of_threads(@ForAll("recipes") List<Recipe> recipes)
      throws IOException {
    List<Object> records = new ArrayList<>();
    for (int i = 0; i < 24; i++) { // more than one batch
      records.add(recipes.get(i % recipes.size()).make());
    }
    Path path = Fixtures.write(folder.resolve("serial.ztc"), records.toArray());
    try (Region region = Region.open(path, RegionOption.VERIFY_ALL)) {
      assertEquals(records.size(), region.count());
      CopyBuffer buffer = CopyBuffer.allocate();
      for (int i = 0; i < records.size(); i++) {
        Graphs.assertSameGraph(records.get(i), ZeroTouchClone.copy(region, i).toObject());
        RecordCopy view = ZeroTouchClone.copyInto(region, i, buffer);
        Graphs.assertSameGraph(records.get(i), view.toObject());
        Graphs.assertSameGraph(records.get(i), view.as(Object.class));
      }
    }
    byte[] serial = Files.readAllBytes(path);
    for (int threads = 1; threads <= 3; threads += 2) {
      Path parallel = folder.resolve("parallel.ztc");
      try (RegionWriter writer = RegionWriter.create(parallel)) {
        writer.addAll(records.iterator(), threads);
        writer.publish();
      }
      assertArrayEquals(serial, Files.readAllBytes(parallel));
    }
  }
}
