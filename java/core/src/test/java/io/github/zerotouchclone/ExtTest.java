package io.github.zerotouchclone;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExtTest {
  @TempDir Path folder;

  private Region region(Object... records) {
    Path path = folder.resolve("ext.ztc");
    try (RegionWriter writer = RegionWriter.create(path)) {
      for (Object record : records) {
        writer.add(record);
      }
      writer.publish();
    }
    return Region.open(path);
  }

  @Test
  void extIsStoredWithItsIdAndPayload() {
    Object decimal = new Ext(3, List.of(2, new byte[] {7}));
    Object unknown = new Ext(0xfedc_ba98, null);
    try (Region region = region(decimal, Map.of("x", Arrays.asList(unknown, 1)))) {
      assertEquals("ext(3,[2i32,x\"07\"])", ZeroTouchClone.copy(region, 0).typedText());
      RecordCopy second = ZeroTouchClone.copy(region, 1);
      assertEquals("{\"x\":[ext(4275878552,null),1i32]}", second.typedText());
      Ext read = (Ext) ((List<?>) second.toMap().get("x")).get(0);
      assertEquals(0xfedc_ba98, read.id());
    }
  }

  @Test
  void extThatIsMetTwiceOrInsideItselfIsOneObject() {
    Ext self = Ext.incomplete(20);
    self.complete(new ArrayList<>(List.of(self)));
    try (Region region = region(List.of(self, self))) {
      assertEquals("[&1ext(20,[*1]),*1]", ZeroTouchClone.copy(region, 0).typedText());
      List<?> read = (List<?>) ZeroTouchClone.copy(region, 0).toObject();
      assertSame(read.get(0), read.get(1));
    }
  }

  @Test
  void unstorablePayloadIsNamedByItsPath() {
    try (RegionWriter writer = RegionWriter.create(folder.resolve("bad.ztc"))) {
      Object record = Map.of("a", new Ext(5, List.of(new Object())));
      UnstorableValueException e =
          assertThrows(UnstorableValueException.class, () -> writer.add(record));
      assertEquals("$.a[0][0]", e.valuePath());
    }
  }

  @Test
  void shapesAreTheKeyListsOfMaps() {
    Object nested = new java.util.LinkedHashMap<>(Map.of("q", List.of(Map.of("r", 1))));
    try (Region region = region(nested, nested, Map.of("r", 5), 7)) {
      assertEquals(
          java.util.Set.of(List.of("q"), List.of("r")), java.util.Set.copyOf(region.shapes()));
    }
  }
}
