package io.github.zerotouchclone;

import static io.github.zerotouchclone.Fixtures.fails;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Values that are stored once for many records. */
class SharedValueTest {
  @TempDir Path folder;

  private Region publish(RegionWriter writer) {
    writer.publish();
    return Region.open(folder.resolve("shared.ztc"), RegionOption.VERIFY_ALL);
  }

  private RegionWriter writer() {
    return RegionWriter.create(folder.resolve("shared.ztc"));
  }

  @Test
  void a_handle_stands_for_the_value() {
    RegionWriter writer = writer();
    SharedValue list = writer.share(List.of(1, "x"));
    SharedValue text = writer.share("text");
    SharedValue nothing = writer.share(null);
    writer.add(List.of(list, text, list, nothing));
    writer.add(list);
    writer.add(text);
    writer.add(Map.of("k", list));
    try (Region region = publish(writer)) {
      assertEquals("[&1[1i32,\"x\"],\"text\",*1,null]", ZeroTouchClone.copy(region, 0).typedText());
      List<?> first = (List<?>) ZeroTouchClone.copy(region, 0).toObject();
      assertSame(first.get(0), first.get(2));
      assertEquals(List.of(1, "x"), ZeroTouchClone.copy(region, 1).toObject());
      assertEquals("text", ZeroTouchClone.copy(region, 2).toObject());
      Object again = ZeroTouchClone.copy(region, 3).get("k");
      assertEquals(first.get(0), again);
      assertNotSame(first.get(0), again);
    }
  }

  @Test
  void the_object_itself_is_stored_once_from_then_on() throws IOException {
    ObjectsTest.Dog dog = new ObjectsTest.Dog("x".repeat(10_000), 1);
    RegionWriter writer = writer();
    writer.add(List.of(dog));
    writer.share(dog);
    for (int i = 0; i < 100; i++) {
      writer.add(List.of(i, dog, dog));
    }
    try (Region region = publish(writer)) {
      assertTrue(Files.size(folder.resolve("shared.ztc")) < 60_000);
      List<?> list = (List<?>) ZeroTouchClone.copy(region, 100).toObject();
      assertSame(list.get(1), list.get(2));
      assertEquals(10_000, ((String) ((Map<?, ?>) list.get(1)).get("name")).length());
    }
  }

  @Test
  void sharing_twice_gives_the_same_handle() {
    RegionWriter writer = writer();
    List<Object> list = new ArrayList<>();
    SharedValue first = writer.share(list);
    assertSame(first, writer.share(list));
    assertSame(first, writer.share(first));
    writer.close();
  }

  @Test
  void shared_values_may_be_inside_each_other_and_lead_to_themselves() {
    RegionWriter writer = writer();
    List<Object> cycle = new ArrayList<>(List.of("cycle"));
    cycle.add(cycle);
    SharedValue inner = writer.share(cycle);
    List<Object> outer = List.of(inner, cycle, 7);
    writer.share(outer);
    writer.add(Map.of("outer", outer));
    try (Region region = publish(writer)) {
      assertEquals(
          "{\"outer\":[&1[\"cycle\",*1],*1,7i32]}", ZeroTouchClone.copy(region, 0).typedText());
    }
  }

  @Test
  void what_is_stored_is_the_value_when_it_was_shared() {
    RegionWriter writer = writer();
    List<Object> list = new ArrayList<>(List.of(1));
    writer.share(list);
    list.add(2);
    writer.add(List.of(list));
    try (Region region = publish(writer)) {
      assertEquals("[[1i32]]", ZeroTouchClone.copy(region, 0).typedText());
    }
  }

  @Test
  void a_value_that_cannot_be_shared_leaves_the_writer_usable() {
    RegionWriter writer = writer();
    UnstorableValueException e =
        fails(
            UnstorableValueException.class,
            Status.UNSTORABLE,
            "shared value: $.a: ",
            () -> writer.share(Map.of("a", new Object())));
    assertEquals(-1, e.record());
    SharedValue fine = writer.share(List.of("fine"));
    writer.add(fine);
    try (Region region = publish(writer)) {
      assertEquals(List.of("fine"), ZeroTouchClone.copy(region, 0).toObject());
    }
  }

  @Test
  void a_handle_of_another_writer_is_refused() {
    try (RegionWriter writer = writer();
        RegionWriter other = RegionWriter.create(folder.resolve("other.ztc"))) {
      SharedValue shared = other.share(List.of(1));
      fails(Status.UNSTORABLE, "$[0]: the shared value is", () -> writer.add(List.of(shared)));
    }
  }

  @Test
  void large_shared_values_are_stored() {
    RegionWriter writer = writer();
    int[] large = new int[5_000_000];
    large[4_999_999] = 7;
    writer.share(large);
    writer.add(List.of(1, large));
    try (Region region = publish(writer)) {
      int[] copy = (int[]) ZeroTouchClone.copy(region, 0).get(1);
      assertEquals(7, copy[4_999_999]);
    }
  }
}
