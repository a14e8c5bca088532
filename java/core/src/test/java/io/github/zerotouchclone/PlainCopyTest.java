package io.github.zerotouchclone;

import static io.github.zerotouchclone.Fixtures.fails;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.zerotouchclone.internal.Image;
import io.github.zerotouchclone.internal.PlainAccess;
import io.github.zerotouchclone.internal.TypedReader;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plain copies are read in a shorter way than others, with the same outcome for any bytes. */
class PlainCopyTest {
  @TempDir Path folder;

  /** Counts how often it is made. */
  record Part(String name, boolean flag, List<String> notes) {
    static int made;

    Part {
      made++;
    }
  }

  /** All that can be plain. */
  record Thing(
      long id,
      String text,
      int i,
      short s,
      byte b,
      double d,
      float f,
      List<String> tags,
      Part part,
      List<Part> parts,
      String last,
      int absent) {}

  /** The same as a bean, which says what it has. */
  static final class Bean {
    private final List<String> calls = new ArrayList<>();
    private Part part;

    public void setId(long id) {
      calls.add("id " + id);
    }

    public void setText(String text) {
      calls.add("text " + text);
    }

    public void setTags(List<String> tags) {
      calls.add("tags " + tags);
    }

    public void setPart(Part part) {
      this.part = part;
      calls.add("part " + part);
    }

    public void setLast(String last) {
      calls.add("last " + last);
    }

    @Override
    public String toString() {
      return calls.toString();
    }
  }

  private static Map<String, Object> part(String name, String... notes) {
    Map<String, Object> part = new LinkedHashMap<>();
    part.put("name", name);
    part.put("flag", notes.length > 1);
    part.put("notes", List.of(notes));
    return part;
  }

  private static Map<String, Object> thing(Object... changes) {
    Map<String, Object> thing = new LinkedHashMap<>();
    thing.put("id", 1L << 40);
    thing.put("text", "J\u00fcrgen, \u0416 and more");
    thing.put("not wanted", "of no field, but long");
    thing.put("i", -70_000);
    thing.put("s", (short) -300);
    thing.put("b", (byte) -3);
    thing.put("d", 0.5);
    thing.put("f", 1.5f);
    thing.put("tags", List.of("short", "longer than a slot", ""));
    thing.put("part", part("nested in the thing", "one", "two, which is longer"));
    thing.put("parts", List.of(part("first of two"), part("second", "a note of its own")));
    thing.put("last", "behind all others");
    for (int i = 0; i < changes.length; i += 2) {
      thing.put((String) changes[i], changes[i + 1]);
    }
    return thing;
  }

  private Region open(Object... records) {
    return Region.open(Fixtures.write(folder.resolve("r.ztc"), records));
  }

  private static Image image(Region region, int record) {
    byte[] copy = region.windows().copy(record);
    return new Image(copy, 0, copy.length, region.origin(), record);
  }

  private static Object plain(Class<?> type, Image image) {
    return PlainAccess.read(new TypedReader(type, false), image);
  }

  private static void assertPlain(Class<?> type, Image image) {
    Object plain = plain(type, image);
    assertNotNull(plain, type + " is not read as a plain one");
    assertEquals(new TypedReader(type, false).read(image).toString(), plain.toString());
  }

  @Test
  void an_ordinary_record_is_plain() {
    Object[] records = {thing(), thing("tags", List.of(), "parts", List.of())};
    try (Region region = open(records)) {
      for (int i = 0; i < records.length; i++) {
        assertPlain(Thing.class, image(region, i));
        assertPlain(Bean.class, image(region, i));
      }
      Thing thing = (Thing) plain(Thing.class, image(region, 0));
      assertEquals(1L << 40, thing.id());
      assertEquals("J\u00fcrgen, \u0416 and more", thing.text());
      assertEquals(-300, thing.s());
      assertEquals(1.5f, thing.f());
      assertEquals(0, thing.absent());
      assertEquals(List.of("short", "longer than a slot", ""), thing.tags());
      assertEquals(List.of("a note of its own"), thing.parts().get(1).notes());
    }
  }

  /** Knows who called its constructor. */
  record Curious(long id) {
    static boolean plain;

    Curious {
      plain = StackWalker.getInstance().walk(frames -> frames.anyMatch(Curious::isPlain));
    }

    private static boolean isPlain(StackWalker.StackFrame frame) {
      return frame.getClassName().endsWith(".internal.Plain");
    }
  }

  @Test
  void a_copy_to_an_object_takes_the_shorter_way() {
    try (Region region = open(thing(), thing("last", null))) {
      assertEquals(1L << 40, ZeroTouchClone.copy(region, 0, Curious.class).id());
      assertTrue(Curious.plain);
      assertEquals(1L << 40, ZeroTouchClone.copy(region, 1, Curious.class).id());
      assertFalse(Curious.plain);
    }
  }

  @Test
  void objects_by_way_of_a_buffer_take_the_shorter_way() {
    long[] first = {0};
    try (Region region = open(thing());
        CopyBuffer buffer = CopyBuffer.allocate()) {
      for (Runnable way :
          List.<Runnable>of(
              () -> ZeroTouchClone.copyInto(region, 0, buffer, Curious.class),
              () -> ZeroTouchClone.copyInto(region, 0, buffer).as(Curious.class),
              () -> ZeroTouchClone.copyAll(region, first, buffer, Curious.class),
              () -> ZeroTouchClone.copyAll(region, first, buffer).get(0).as(Curious.class),
              () -> ZeroTouchClone.copy(region, 0).as(Curious.class),
              () -> region.forEachCopy(Binding.of(Curious.class), object -> {}))) {
        Curious.plain = false;
        way.run();
        assertTrue(Curious.plain);
      }
    }
  }

  /** Copies into the buffer that it is made from. */
  record Intruder(String name, boolean flag, List<String> notes) {
    static Runnable copies;

    Intruder {
      copies.run();
    }
  }

  record Host(Intruder part, List<Intruder> parts, String last) {
    static String made;

    Host {
      made = part + " " + parts + " " + last;
    }
  }

  /** What is overwritten was checked as something else. */
  @Test
  void a_constructor_that_copies_into_the_buffer_does_not_change_what_is_being_read() {
    byte[] ones = new byte[4000];
    Arrays.fill(ones, (byte) -1);
    long[] first = {0, 0};
    try (Region region = open(thing(), ones, thing("last", "of another record"));
        CopyBuffer buffer = CopyBuffer.allocate()) {
      Intruder.copies = () -> {};
      ZeroTouchClone.copy(region, 0, Host.class);
      String expected = Host.made;
      assertTrue(expected.endsWith("behind all others"), expected);
      ZeroTouchClone.copyInto(region, 1, buffer); // grown, so that copies stay where they are
      List<Runnable> copies =
          List.of(
              () -> ZeroTouchClone.copyInto(region, 1, buffer),
              () -> ZeroTouchClone.copyAll(region, new long[] {1, 2}, buffer),
              () -> ZeroTouchClone.copyInto(region, 2, buffer, Thing.class));
      List<Runnable> ways =
          List.of(
              () -> ZeroTouchClone.copyInto(region, 0, buffer, Host.class),
              () -> ZeroTouchClone.copyAll(region, first, buffer, Host.class));
      for (Runnable copy : copies) {
        Intruder.copies = copy;
        for (Runnable way : ways) {
          Host.made = null;
          fails(StaleCopyException.class, Status.WRONG_STATE, "holds a later copy", way::run);
          assertEquals(expected, Host.made);
        }
      }
    }
  }

  @Test
  void many_different_parts_are_plain() {
    List<Object> parts = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      parts.add(part("part " + i, "a note of part " + i, "" + i));
    }
    try (Region region = open(thing("parts", parts))) {
      assertPlain(Thing.class, image(region, 0));
      assertEquals(100, ((Thing) plain(Thing.class, image(region, 0))).parts().size());
    }
  }

  record InSet(Set<String> tags) {}

  record CopiedOnWrite(CopyOnWriteArrayList<String> tags) {}

  record Queued(PriorityQueue<String> tags) {}

  record Doubled(ArrayDeque<String> tags) {}

  @Test
  void elements_that_are_told_apart_or_added_at_once_are_not_plain() {
    try (Region region = open(thing(), thing("tags", List.of()))) {
      for (int i = 0; i < 2; i++) {
        Image image = image(region, i);
        assertNull(plain(InSet.class, image));
        assertNull(plain(CopiedOnWrite.class, image));
        assertNull(plain(Queued.class, image));
        assertPlain(Doubled.class, image);
      }
    }
  }

  /** The fields of these things are as a plain one's, but for one that is last or inside. */
  @Test
  void what_is_not_plain_is_read_the_other_way_and_made_once() {
    Map<String, Object> shared = part("shared by two");
    Object[] records = {
      thing("last", null),
      thing("last", URI.create("x:y")),
      thing("part", shared, "parts", List.of(shared)),
      thing("i", 5L),
      thing("s", 5),
      thing("b", 5),
      thing("d", 5),
      thing("f", 5),
      thing("part", null),
      thing("part", Map.of()),
      thing("part", Map.of("name", "the only map with one key")),
      thing("tags", Set.of("in a set")),
      thing("tags", Arrays.asList("text and", null)),
      thing("parts", List.of(part("x"), Map.of("name", "has no flag"))),
      thing("parts", Arrays.asList(part("x"), null)),
    };
    Set<Integer> otherKeys = Set.of(10, 13); // which have a shape if there are two of them
    assertReadTheOtherWay("", records);
    for (int i = 0; i < records.length; i++) { // so that the shapes say what these have
      String where = "only record " + i + ": ";
      if (otherKeys.contains(i)) {
        assertReadAsTheOtherWay(where, records[i], records[i]);
      } else {
        assertReadTheOtherWay(where, records[i], records[i]);
      }
    }
  }

  private void assertReadTheOtherWay(String where, Object... records) {
    try (Region region = open(records)) {
      for (int i = 0; i < records.length; i++) {
        assertNull(plain(Thing.class, image(region, i)), where + "record " + i);
      }
    }
    assertReadAsTheOtherWay(where, records);
  }

  private void assertReadAsTheOtherWay(String where, Object... records) {
    try (Region region = open(records)) {
      for (int i = 0; i < records.length; i++) {
        Part.made = 0;
        Object expected = new TypedReader(Thing.class, false).read(image(region, i));
        int once = Part.made;
        Part.made = 0;
        assertEquals(expected, ZeroTouchClone.copy(region, i, Thing.class), where + "record " + i);
        assertEquals(once, Part.made, where + "record " + i);
      }
    }
  }

  @Test
  void any_change_of_a_byte_is_met_as_if_there_were_no_shorter_way() {
    TypedReader reader = new TypedReader(Thing.class, false);
    int plain = 0;
    int read = 0;
    int refused = 0;
    try (Region region = open(thing(), thing())) {
      byte[] sound = image(region, 0).toArray();
      for (int i = 0; i < 255 * sound.length; i++) {
        byte[] changed = sound.clone();
        changed[i / 255] += (byte) (1 + i % 255);
        Image image = new Image(changed, 0, changed.length, region.origin(), 0);
        String what = "byte " + i / 255 + " is " + changed[i / 255];
        Object shorter = PlainAccess.read(reader, image);
        try {
          Object expected = reader.read(image);
          assertTrue(shorter == null || shorter.equals(expected), what);
          read++;
        } catch (RegionException e) {
          assertNull(shorter, what);
          refused++;
        }
        plain += shorter == null ? 0 : 1;
      }
      String counts = plain + " plain, " + read + " read, " + refused + " refused";
      assertTrue(plain > sound.length && read > plain && refused > sound.length, counts);
    }
  }
}
