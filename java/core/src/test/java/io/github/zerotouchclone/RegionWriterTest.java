package io.github.zerotouchclone;

import static io.github.zerotouchclone.Fixtures.fails;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Period;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What cannot be stored, and what a writer leaves behind. */
class RegionWriterTest {
  @TempDir Path folder;

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().collect(Collectors.toList());
    }
  }

  /** A value that is refused leaves the record unwritten and the writer usable. */
  private void refused(Status status, String place, Object value) {
    Path path = folder.resolve("refused.ztc");
    try (RegionWriter writer = RegionWriter.create(path)) {
      writer.add(Map.of("first", 1));
      UnstorableValueException e =
          fails(
              UnstorableValueException.class,
              status,
              "record 1: " + place + ": ",
              () -> writer.add(value));
      assertEquals(1, e.record());
      assertEquals(place, e.valuePath());
      assertTrue(e.getMessage().startsWith(path + ": "), e.getMessage());
      assertEquals(1, writer.count());
      assertEquals(1, writer.add(Map.of("first", 2, "second", 3)));
      writer.publish();
    }
    try (Region region = Region.open(path, RegionOption.VERIFY_ALL)) {
      assertEquals(2, region.count());
      assertEquals(Map.of("first", 1), ZeroTouchClone.copy(region, 0).toMap());
      assertEquals(Map.of("first", 2, "second", 3), ZeroTouchClone.copy(region, 1).toMap());
    }
  }

  @Test
  void unsupported_types_name_their_place() {
    refused(Status.UNSTORABLE, "$", new Object());
    refused(Status.UNSTORABLE, "$.at", Map.of("at", new java.util.Date()));
    refused(Status.UNSTORABLE, "$[1].a", List.of(1, Map.of("a", Thread.currentThread())));
    refused(Status.UNSTORABLE, "$[0]", new Object[] {String.class});
    refused(Status.UNSTORABLE, "$", new StringBuilder("text"));
    refused(Status.UNSTORABLE, "$[0]", Set.of(new Object()));
    refused(Status.UNSTORABLE, "$", (Runnable) () -> {});
  }

  @Test
  void keys_that_cannot_be_stored_name_their_place() {
    Map<Object, Object> map = new LinkedHashMap<>();
    map.put("text", 1);
    map.put(List.of(new Object()), 2);
    refused(Status.UNSTORABLE, "$.a[0][2][0]", Map.of("a", List.of(map)));
    map.clear();
    map.put(7, new Object());
    refused(Status.UNSTORABLE, "$[1]", map);
  }

  @Test
  void depth_beyond_the_limit_names_its_place() {
    Object value = List.of();
    for (int i = 0; i < 512; i++) {
      value = List.of(value);
    }
    refused(Status.TOO_DEEP, "$" + "[0]".repeat(512), value);
    Object array = new int[1];
    for (int i = 0; i < 512; i++) {
      array = Map.of("k", array);
    }
    refused(Status.TOO_DEEP, "$" + ".k".repeat(512), array);
  }

  @Test
  void equal_keys_in_one_map_name_their_place() {
    Map<String, Object> map = new IdentityHashMap<>();
    map.put("same", 1);
    map.put(new StringBuilder("same").toString(), 2);
    refused(Status.DUPLICATE_KEY, "$.m.same", Map.of("m", map));
    Map<String, Object> sorted = new TreeMap<>((a, b) -> 1); // which finds no two keys equal
    sorted.put("same", 1);
    sorted.put("same", 2);
    refused(Status.DUPLICATE_KEY, "$.m.same", Map.of("m", sorted));
    Map<Object, Object> others = new IdentityHashMap<>();
    others.put(1000, 1);
    others.put(new java.math.BigInteger("1000").intValue(), 2);
    refused(Status.DUPLICATE_KEY, "$.m[2]", Map.of("m", others));
    refused(Status.DUPLICATE_KEY, "$.m[1]", Map.of("m", others.keySet()));
  }

  /** Such a set or map could be written, but not be made again. */
  @Test
  void keys_that_are_stored_alike_name_their_place() {
    List<Object> list = new ArrayList<>(List.of(1));
    Object[][] alike = {
      {Optional.empty(), null},
      {"a", Optional.of("a")},
      {Optional.of(Optional.of("a")), "a"},
      {OptionalInt.of(1), 1},
      {2L, OptionalLong.of(2)},
      {0.5, OptionalDouble.of(0.5)},
      {OptionalInt.empty(), OptionalLong.empty()},
      {new char[] {'a'}, new char[] {'a'}},
      {list, Optional.of(list)},
    };
    for (Object[] pair : alike) {
      Set<Object> set = new LinkedHashSet<>(Arrays.asList(7, pair[0], pair[1]));
      assertEquals(3, set.size());
      refused(Status.DUPLICATE_KEY, "$.m[2]", Map.of("m", set));
      Map<Object, Object> map = new LinkedHashMap<>();
      set.forEach(key -> map.put(key, "value"));
      refused(Status.DUPLICATE_KEY, "$.m[4]", Map.of("m", map));
    }
    Set<Object> identity = Collections.newSetFromMap(new IdentityHashMap<>());
    identity.add(Period.of(1, 2, 3));
    identity.add(Period.of(1, 2, 3));
    refused(Status.DUPLICATE_KEY, "$.m[1]", Map.of("m", identity));
    identity.clear();
    identity.add(ZoneId.of("Europe/Berlin"));
    identity.add(ZoneId.of("Europe/Berlin"));
    refused(Status.DUPLICATE_KEY, "$.m[1]", Map.of("m", identity));
  }

  @Test
  void keys_that_only_a_refused_record_had_are_not_defined() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("second", 1);
    map.put("third", new Object());
    refused(Status.UNSTORABLE, "$.third", map); // which goes on to store the key "second"
  }

  @Test
  void an_exception_of_the_value_itself_leaves_the_record_unwritten() {
    Path path = folder.resolve("thrown.ztc");
    List<Object> broken =
        new ArrayList<>(List.of(1)) {
          private static final long serialVersionUID = 1;

          @Override
          public java.util.Iterator<Object> iterator() {
            throw new IllegalStateException("broken");
          }
        };
    try (RegionWriter writer = RegionWriter.create(path)) {
      assertThrows(IllegalStateException.class, () -> writer.add(Map.of("k", broken)));
      assertEquals(0, writer.add("fine"));
      writer.publish();
    }
    try (Region region = Region.open(path)) {
      assertEquals("fine", ZeroTouchClone.copy(region, 0).toObject());
    }
  }

  @Test
  void a_value_that_writes_to_its_writer_is_refused() {
    try (RegionWriter writer = RegionWriter.create(folder.resolve("inside.ztc"))) {
      Map<String, Object> map =
          new HashMap<>(Map.of("a", 1)) {
            private static final long serialVersionUID = 1;

            @Override
            public Set<Map.Entry<String, Object>> entrySet() {
              writer.add(1);
              return super.entrySet();
            }
          };
      fails(Status.WRONG_STATE, "being added", () -> writer.add(map));
      assertEquals(0, writer.add(2));
    }
  }

  @Test
  void a_writer_that_is_not_published_leaves_nothing() throws IOException {
    try (RegionWriter writer = RegionWriter.create(folder.resolve("none.ztc"))) {
      for (int i = 0; i < 10_000; i++) {
        writer.add("record " + i);
      }
    }
    assertEquals(List.of(), files());
  }

  @Test
  void an_aborted_writer_leaves_the_old_file_and_takes_nothing_more() throws IOException {
    Path path = folder.resolve("old.ztc");
    Fixtures.write(path, "old");
    try (RegionWriter writer = RegionWriter.create(path)) {
      writer.addAll(Collections.nCopies(10_000, "new").iterator(), 2);
      writer.abort();
      writer.abort();
      assertEquals(List.of("old.ztc"), files());
      fails(Status.WRONG_STATE, "", () -> writer.add("more"));
      fails(Status.WRONG_STATE, "", writer::publish);
    }
    try (Region region = Region.open(path)) {
      assertEquals("old", ZeroTouchClone.copy(region, 0).toObject());
    }
  }

  @Test
  void a_published_writer_takes_nothing_more() throws IOException {
    RegionWriter writer = RegionWriter.create(folder.resolve("done.ztc"));
    writer.publish();
    fails(Status.WRONG_STATE, "published or closed", () -> writer.add(1));
    fails(Status.WRONG_STATE, "published or closed", writer::publish);
    writer.close();
    assertEquals(List.of("done.ztc"), files());
  }

  @Test
  void publishing_replaces_the_old_region_in_one_step() throws IOException {
    Path path = Fixtures.write(folder.resolve("same.ztc"), "old");
    try (Region old = Region.open(path)) {
      Fixtures.write(path, "new", "newer");
      assertEquals("old", ZeroTouchClone.copy(old, 0).toObject());
      try (Region current = Region.open(path)) {
        assertEquals("new", ZeroTouchClone.copy(current, 0).toObject());
      }
    }
    assertEquals(List.of("same.ztc"), files());
  }

  @Test
  void permissions_are_kept_or_set_and_never_let_everybody_write() throws IOException {
    Path path = folder.resolve("r.ztc");
    publish(path, writer -> writer.permissions(PosixFilePermissions.fromString("rw-r-----")));
    assertEquals("rw-r-----", permissions(path));
    publish(path, writer -> {});
    assertEquals("rw-r-----", permissions(path));
    publish(path, writer -> writer.permissions(PosixFilePermissions.fromString("r-x--x--x")));
    assertEquals("r-x--x--x", permissions(path));
    try (RegionWriter writer = RegionWriter.create(path)) {
      Set<PosixFilePermission> everybody = PosixFilePermissions.fromString("rw-rw-rw-");
      assertThrows(IllegalArgumentException.class, () -> writer.permissions(everybody));
    }
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-rw-rw-"));
    publish(path, writer -> {});
    assertEquals("rw-rw-r--", permissions(path));
  }

  @Test
  void the_owner_can_be_set_by_those_who_may_give_files_away() throws IOException {
    Path path = folder.resolve("r.ztc");
    boolean root = Files.getAttribute(folder, "unix:uid").equals(0);
    try (RegionWriter writer = RegionWriter.create(path)) {
      if (root) {
        writer.owner(1234).group(2345).add("given away");
        writer.publish();
      } else {
        RegionException e = assertThrows(RegionException.class, () -> writer.owner(0));
        assertEquals(Status.ACCESS, e.status());
      }
      assertThrows(IllegalArgumentException.class, () -> writer.owner(-1));
      assertThrows(IllegalArgumentException.class, () -> writer.group(1L << 32));
    }
    if (root) {
      assertEquals(1234, Files.getAttribute(path, "unix:uid"));
      assertEquals(2345, Files.getAttribute(path, "unix:gid"));
    }
  }

  private static void publish(Path path, Consumer<RegionWriter> settings) {
    try (RegionWriter writer = RegionWriter.create(path)) {
      settings.accept(writer);
      writer.add("a record");
      writer.publish();
    }
  }

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  @Test
  void a_failed_publish_leaves_the_old_file_and_no_temporary_one() throws IOException {
    Path target = folder.resolve("occupied.ztc");
    RegionWriter writer = RegionWriter.create(target);
    writer.add(1);
    Files.createDirectory(target);
    Files.writeString(target.resolve("inside"), "stays");
    RegionException e = fails(Status.IO, target.toString(), writer::publish);
    assertEquals(target.toString(), e.regionPath().orElseThrow());
    assertEquals(List.of("occupied.ztc"), files());
    assertEquals("stays", Files.readString(target.resolve("inside")));
    fails(Status.WRONG_STATE, "published or closed", () -> writer.add(1));
  }

  @Test
  void a_full_disk_leaves_the_old_file_and_no_temporary_one() throws Exception {
    Path path = Fixtures.write(folder.resolve("limited.ztc"), "old");
    ChildJvm.Result child =
        ChildJvm.run(
            // Files of 2 MiB at most; the child wants 10.
            List.of("bash", "-c", "ulimit -f 2048; trap '' XFSZ; exec \"$@\"", "bash"),
            path,
            100_000);
    assertTrue(child.output().contains("IO: "), child.toString());
    assertEquals(List.of("limited.ztc"), files());
    try (Region region = Region.open(path, RegionOption.VERIFY_ALL)) {
      assertEquals("old", ZeroTouchClone.copy(region, 0).toObject());
    }
  }

  /** The new file is checked as a region, of which a process has 4096, closed ones included. */
  @Test
  void publishing_finds_room_among_regions_that_are_closed() {
    Path old = Fixtures.write(folder.resolve("old.ztc"), "old");
    Path path = folder.resolve("new.ztc");
    List<Region> closed = new ArrayList<>(); // and kept from being collected
    RegionException full =
        assertThrows(
            RegionException.class,
            () -> {
              for (int i = 0; i < 5000; i++) {
                Region region = Region.open(old);
                region.close();
                closed.add(region);
              }
            });
    assertEquals(Status.NO_MEMORY, full.status());
    try (RegionWriter writer = RegionWriter.create(path)) {
      writer.add("new");
      closed.clear();
      writer.publish();
    }
    try (Region region = Region.open(path)) {
      assertEquals("new", ZeroTouchClone.copy(region, 0).toObject());
    }
  }

  @Test
  void a_target_that_is_a_folder_is_refused_at_once() throws IOException {
    Path target = Files.createDirectory(folder.resolve("folder"));
    fails(Status.IO, target.toString(), () -> RegionWriter.create(target));
    assertEquals(List.of("folder"), files());
  }

  @Test
  void a_folder_that_does_not_exist_is_named() {
    Path path = folder.resolve("nowhere/region.ztc");
    fails(Status.NOT_FOUND, path.toString(), () -> RegionWriter.create(path));
  }

  @Test
  void a_writer_that_runs_out_of_memory_can_only_be_closed() throws IOException {
    Path path = folder.resolve("memory.ztc");
    try (RegionWriter writer = RegionWriter.create(path)) {
      writer.add("first");
      List<ByteBuffer> all = new ArrayList<>();
      for (int size = 256 << 20; size >= 1 << 20; ) {
        try {
          all.add(ByteBuffer.allocateDirect(size));
        } catch (OutOfMemoryError e) {
          size /= 2;
        }
      }
      assertThrows(OutOfMemoryError.class, () -> writer.add(new byte[17 << 20]));
      all.clear();
      fails(Status.NO_MEMORY, "out of memory", () -> writer.add("second"));
      fails(Status.NO_MEMORY, "out of memory", writer::publish);
    }
    assertEquals(List.of(), files());
  }

  /** Its getter uses the writer that stores it. */
  public static final class Intruder {
    private final Runnable use;

    Intruder(Runnable use) {
      this.use = use;
    }

    @Field("x")
    public int getX() {
      use.run();
      return 1;
    }
  }

  @Test
  void a_value_cannot_close_the_writer_that_stores_it_nor_name_the_next_record() {
    Path path = folder.resolve("intruder.ztc");
    try (RegionWriter writer = RegionWriter.create(path)) {
      assertEquals(0, writer.add("first"));
      for (Runnable use :
          List.<Runnable>of(writer::close, writer::abort, () -> writer.key("of the next"))) {
        Intruder intruder = new Intruder(use);
        List<Object> large = List.of(new byte[1 << 20], intruder);
        fails(Status.WRONG_STATE, "being added", () -> writer.add(intruder));
        fails(Status.WRONG_STATE, "being added", () -> writer.add(large));
        fails(Status.WRONG_STATE, "being added", () -> writer.share(intruder));
        fails(Status.WRONG_STATE, "being added", () -> writer.addAll(List.of(large).iterator(), 2));
      }
      assertEquals(1, writer.add("second"));
      writer.publish();
    }
    try (Region region = Region.open(path, RegionOption.VERIFY_ALL)) {
      assertEquals(2, region.count());
      assertEquals(0, region.keyCount());
    }
  }
}
