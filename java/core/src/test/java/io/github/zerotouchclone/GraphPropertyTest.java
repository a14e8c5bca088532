package io.github.zerotouchclone;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;
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
    try (Stream<Path> files = Files.list(folder)) {
      files.forEach(file -> file.toFile().delete());
    }
    folder.toFile().delete(); // fails if a try that shrinking gave up still writes; no matter
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
        if (view.type() == ValueType.MAP) {
          Graphs.assertSameCompactGraph(records.get(i), view.toCompactMap());
        }
        assertSameInside(records.get(i), view);
      }
      long[] all = LongStream.range(0, region.count()).toArray();
      for (RecordCopy view : ZeroTouchClone.copyAll(region, all, buffer)) {
        Graphs.assertSameGraph(records.get((int) view.recordIndex()), view.toObject());
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

  /** Checks what a typed binding makes: an object of that type, with the same graphs inside. */
  private static void assertSameInside(Object source, RecordCopy view) {
    if (source instanceof Recipe.Bean bean) {
      assertSameInside(source, inside(bean), inside(view.as(Recipe.Bean.class)));
    } else if (source instanceof LinkedHashMap<?, ?> map) {
      Map<?, ?> copy = view.as(Map.class);
      assertEquals(List.copyOf(map.keySet()), List.copyOf(copy.keySet()));
      assertSameInside(source, new ArrayList<>(map.values()), new ArrayList<>(copy.values()));
    } else if (source instanceof ArrayList<?> list) {
      List<?> copy = view.as(List.class);
      assertSameInside(source, new ArrayList<>(list), new ArrayList<>(copy));
    }
  }

  /**
   * What references lead to is one object for each type it is wanted as. Values that lead back to
   * the object of the typed binding reach an untyped one there, with content of its own.
   */
  private static void assertSameInside(Object container, List<Object> values, List<Object> copies) {
    if (Graphs.leadsBack(container)) {
      Graphs.assertSameUnrolled(values, copies);
    } else {
      Graphs.assertSameGraph(values, copies);
    }
  }

  private static List<Object> inside(Recipe.Bean bean) {
    return new ArrayList<>(Arrays.asList(bean.getFirst(), bean.size, bean.last));
  }

  @Property(tries = 150, seed = "5", edgeCases = EdgeCasesMode.NONE)
  void what_is_shared_comes_back_in_every_record(@ForAll("recipes") List<Recipe> recipes) {
    List<Object> records = new ArrayList<>();
    Path path = folder.resolve("shared.ztc");
    try (RegionWriter writer = RegionWriter.create(path)) {
      for (Recipe recipe : recipes) {
        Object value = recipe.make();
        SharedValue handle = writer.share(value);
        writer.add(value);
        records.add(value);
        writer.add(Arrays.asList(handle, 1, handle));
        records.add(new ArrayList<>(Arrays.asList(value, 1, value)));
      }
      writer.publish();
    }
    try (Region region = Region.open(path, RegionOption.VERIFY_ALL);
        CopyBuffer buffer = CopyBuffer.allocate()) {
      for (int i = 0; i < records.size(); i++) {
        Graphs.assertSameGraph(records.get(i), ZeroTouchClone.copy(region, i).toObject());
        RecordCopy view = ZeroTouchClone.copyInto(region, i, buffer);
        Graphs.assertSameGraph(records.get(i), view.toObject());
      }
    }
  }
}
