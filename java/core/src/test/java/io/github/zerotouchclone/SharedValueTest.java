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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

  record Held(Set<Object> set, Map<Object, String> map) {}

  record Step(List<Integer> list) {}

  /** The lists come first, by reference: their content comes last. */
  record Route(List<List<Integer>> all, Set<List<Integer>> set, Map<List<Integer>, String> map) {}

  record Walk(List<List<Integer>> all, Set<Step> steps) {}

  @Test
  void typed_sets_and_maps_keep_all_elements_that_others_refer_to() {
    RegionWriter writer = writer();
    List<Integer> a = new ArrayList<>(List.of(1));
    List<Integer> b = new ArrayList<>(List.of(2));
    writer.share(a);
    writer.share(b);
    writer.add(new Held(Set.of(a, b), Map.of(a, "a", b, "b")));
    writer.add(new Route(List.of(a, b), Set.of(a, b), Map.of(a, "a", b, "b")));
    writer.add(new Walk(List.of(a, b), Set.of(new Step(a), new Step(b))));
    try (Region region = publish(writer)) {
      Held held = ZeroTouchClone.copy(region, 0, Held.class);
      assertEquals(Set.of(a, b), held.set);
      assertEquals(Map.of(a, "a", b, "b"), held.map);
      assertTrue(held.set.contains(a));
      assertEquals("b", held.map.get(b));
      Route route = ZeroTouchClone.copy(region, 1, Route.class);
      assertEquals(List.of(a, b), route.all);
      assertEquals(Set.of(a, b), route.set);
      assertEquals(Map.of(a, "a", b, "b"), route.map);
      Walk walk = ZeroTouchClone.copy(region, 2, Walk.class);
      assertEquals(List.of(a, b), walk.all);
      assertEquals(Set.of(new Step(a), new Step(b)), walk.steps);
    }
  }

  /** Told by its name, and in a cycle with those that it knows. */
  static final class Person {
    public String name;
    public Set<Person> friends;

    @Override
    public boolean equals(Object other) {
      return other instanceof Person person && person.name.equals(name);
    }

    @Override
    public int hashCode() {
      return name == null ? 0 : name.hashCode();
    }
  }

  @Test
  void beans_that_are_in_sets_of_each_other_are_told_by_their_content() {
    List<Person> people = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      Person person = new Person();
      person.name = "person " + i;
      person.friends = new HashSet<>();
      people.add(person);
    }
    RegionWriter writer = writer();
    people.forEach(person -> person.friends.addAll(people));
    people.forEach(writer::share);
    writer.add(people);
    try (Region region = publish(writer)) {
      List<Person> read = ZeroTouchClone.copy(region, 0).as(Binding.listOf(Person.class));
      assertEquals(people, read);
      for (Person person : read) {
        assertEquals(new HashSet<>(read), person.friends);
      }
    }
  }
}
