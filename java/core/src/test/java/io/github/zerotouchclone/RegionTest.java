package io.github.zerotouchclone;

import static io.github.zerotouchclone.Fixtures.fails;
import static io.github.zerotouchclone.Fixtures.job;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Opening, validating, closing, and what happens to copies meanwhile. */
class RegionTest {
  @TempDir Path folder;

  private Path jobs(int count) {
    Object[] records = new Object[count];
    Arrays.setAll(records, Fixtures::job);
    return Fixtures.write(folder.resolve("jobs.ztc"), records);
  }

  private Path damaged(int at, int value) throws IOException {
    Path path = jobs(3);
    byte[] bytes = Files.readAllBytes(path);
    bytes[at] = (byte) value;
    return Files.write(folder.resolve("damaged.ztc"), bytes);
  }

  @Test
  void each_file_that_is_no_region_has_its_own_error() throws IOException {
    Path missing = folder.resolve("missing.ztc");
    fails(Status.NOT_FOUND, missing.toString(), () -> Region.open(missing));
    Path empty = Files.createFile(folder.resolve("empty.ztc"));
    fails(Status.EMPTY_FILE, empty.toString(), () -> Region.open(empty));
    Path text = Files.writeString(folder.resolve("text.ztc"), "hello ".repeat(100));
    fails(Status.NOT_A_REGION, text.toString(), () -> Region.open(text));
    byte[] sound = Files.readAllBytes(jobs(3));
    Path cut = Files.write(folder.resolve("cut.ztc"), Arrays.copyOf(sound, sound.length - 8));
    fails(CorruptRegionException.class, Status.TRUNCATED, "", () -> Region.open(cut));
    Path head = Files.write(folder.resolve("head.ztc"), Arrays.copyOf(sound, 40));
    fails(CorruptRegionException.class, Status.TRUNCATED, "", () -> Region.open(head));
    Path major = damaged(12, 9);
    fails(Status.VERSION, "9", () -> Region.open(major));
    Path minor = damaged(14, 77);
    fails(Status.VERSION, "77", () -> Region.open(minor));
    Path header = damaged(25, 1);
    fails(CorruptRegionException.class, Status.CHECKSUM, "", () -> Region.open(header));
  }

  @Test
  void another_byte_order_has_its_own_error() throws IOException {
    byte[] bytes = Files.readAllBytes(jobs(1));
    System.arraycopy(new byte[] {0x0a, 0x0b, 0x0c, 0x0d}, 0, bytes, 8, 4);
    Path path = Files.write(folder.resolve("big-endian.ztc"), bytes);
    fails(Status.BYTE_ORDER, path.toString(), () -> Region.open(path));
  }

  @Test
  void a_damaged_record_is_found_by_the_levels_that_look() throws IOException {
    Path path = jobs(3);
    long offset;
    try (Region region = Region.open(path)) {
      region.validate();
      offset = io.github.zerotouchclone.internal.Native.recordOffset(region.handle(), 1);
    }
    byte[] bytes = Files.readAllBytes(path);
    bytes[(int) offset + 20] ^= 1;
    Path damaged = Files.write(folder.resolve("damaged.ztc"), bytes);
    CorruptRegionException all =
        fails(
            CorruptRegionException.class,
            Status.CHECKSUM,
            damaged.toString(),
            () -> Region.open(damaged, RegionOption.VERIFY_ALL));
    assertNotEquals(RegionException.NO_OFFSET, all.offset());
    try (Region region = Region.open(damaged, RegionOption.VERIFY_RECORD)) {
      ZeroTouchClone.copy(region, 0);
      CorruptRegionException one =
          fails(
              CorruptRegionException.class,
              Status.CHECKSUM,
              "record 1: ",
              () -> ZeroTouchClone.copy(region, 1));
      assertEquals(offset, one.offset());
      fails(CorruptRegionException.class, Status.CHECKSUM, "", region::validate);
    }
  }

  @Test
  void two_levels_of_verification_are_refused() {
    Path path = jobs(1);
    fails(
        Status.INVALID_ARGUMENT,
        "exclude each other",
        () -> Region.open(path, RegionOption.VERIFY_NONE, RegionOption.VERIFY_ALL));
    Region.open(path, RegionOption.PRELOAD, RegionOption.VERIFY_RECORD).close();
    Region.open(path, RegionOption.AUDIT).close();
  }

  @Test
  void names_of_any_bytes_can_be_opened() {
    for (String name : new String[] {"with space %41.ztc", "Ünïcode Ω😀.ztc", "a#b?c.ztc"}) {
      Path path;
      try {
        path = folder.resolve(name);
      } catch (java.nio.file.InvalidPathException e) {
        continue; // the locale of this JVM has no such names
      }
      Fixtures.write(path, name);
      assertTrue(Files.exists(path), name);
      try (Region region = Region.open(path)) {
        assertEquals(name, ZeroTouchClone.copy(region, 0).toObject());
      }
    }
  }

  @Test
  void a_closed_region_says_so() {
    Path path = jobs(3);
    Region region = Region.open(path);
    assertTrue(region.isOpen());
    region.close();
    region.close();
    assertFalse(region.isOpen());
    assertEquals(3, region.count());
    CopyBuffer buffer = CopyBuffer.allocate();
    closed(() -> ZeroTouchClone.copy(region, 0));
    closed(() -> ZeroTouchClone.copyInto(region, 0, buffer));
    closed(() -> ZeroTouchClone.copyAll(region, new long[] {0}, buffer));
    closed(() -> ZeroTouchClone.copyPath(region, 0, "to"));
    closed(region::validate);
  }

  private static void closed(org.junit.jupiter.api.function.Executable action) {
    fails(RegionClosedException.class, Status.CLOSED, "jobs.ztc", action);
  }

  @Test
  void a_region_truncated_under_its_mapping_fails_its_copies() throws IOException {
    Path path = jobs(2000);
    Region region = Region.open(path);
    RecordCopy before = ZeroTouchClone.copy(region, 1999);
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.WRITE)) {
      file.truncate(4096);
    }
    fails(
        RegionClosedException.class,
        Status.LOST,
        "record 1999",
        () -> ZeroTouchClone.copy(region, 1999));
    fails(RegionClosedException.class, Status.LOST, "", () -> ZeroTouchClone.copy(region, 0));
    fails(RegionClosedException.class, Status.LOST, "", region::validate);
    assertEquals(1999, before.getInt("id"));
    region.close();
  }

  @Test
  void a_sealed_region_does_not_notice_what_becomes_of_its_file() throws IOException {
    Path path = jobs(20);
    try (Region region = Region.open(path, RegionOption.SEALED, RegionOption.VERIFY_ALL)) {
      try (FileChannel file = FileChannel.open(path, StandardOpenOption.WRITE)) {
        file.write(ByteBuffer.allocate((int) file.size()), 0);
        file.truncate(0);
      }
      for (int i = 0; i < 20; i++) {
        assertEquals(i, ZeroTouchClone.copy(region, i).getInt("id"));
      }
      region.validate();
    }
  }

  /** The handler passes on what does not concern regions. */
  @Test
  void a_buffer_of_the_jdk_truncated_under_its_mapping_still_gets_its_own_error()
      throws IOException {
    Region.open(jobs(1)).close(); // so that the handler is there
    Path path = Files.write(folder.resolve("mapped"), new byte[16_384]);
    try (FileChannel file =
        FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      MappedByteBuffer mapped = file.map(FileChannel.MapMode.READ_ONLY, 0, 16_384);
      file.truncate(0);
      assertThrows(
          InternalError.class,
          () -> {
            // Compiled code gets the error at its next safepoint, which a long loop has.
            for (long i = 0; i < 100_000L; i++) {
              mapped.get(8192);
            }
          });
    }
  }

  @Test
  void a_region_can_be_opened_in_memory() throws IOException {
    byte[] bytes = Files.readAllBytes(jobs(3));
    java.nio.ByteBuffer memory = java.nio.ByteBuffer.allocateDirect(bytes.length + 8);
    long address = io.github.zerotouchclone.internal.NativeAccess.address(memory);
    int start = (int) (-address & 7);
    memory.put(start, bytes);
    try (Region region = Region.openMemory(address + start, bytes.length)) {
      Graphs.assertSameGraph(job(2), ZeroTouchClone.copy(region, 2).toMap());
    }
    java.lang.ref.Reference.reachabilityFence(memory);
  }

  @Test
  void the_mapping_goes_with_the_last_reference_to_its_region() throws IOException {
    Path path = jobs(1);
    Region region = Region.open(path);
    assertTrue(isMapped(path));
    assertEquals(1, region.count());
    region = null;
    for (int i = 0; i < 1000 && isMapped(path); i++) {
      System.gc();
    }
    assertFalse(isMapped(path));
  }

  @Test
  void a_closed_region_lets_go_of_its_file_at_once() throws IOException {
    Path path = jobs(1);
    try (Region region = Region.open(path)) {
      assertTrue(isMapped(path), region.toString());
    }
    assertFalse(isMapped(path));
  }

  /** More than one process may have open, and no reason to collect garbage in between. */
  @Test
  void regions_can_be_opened_and_closed_without_end() {
    Path path = jobs(1);
    List<Region> open = new ArrayList<>();
    for (int i = 0; i < 4000; i++) {
      open.add(Region.open(path));
    }
    for (int i = 0; i < 5000; i++) {
      Region.open(path).close();
    }
    open.forEach(Region::close);
  }

  private static boolean isMapped(Path path) throws IOException {
    return Files.readString(Path.of("/proc/self/maps")).contains(path.toString());
  }

  /** A copy that meets a close is whole or an exception, never garbage, and the JVM lives. */
  @Test
  void close_may_race_with_copies() throws Exception {
    Path path = jobs(500);
    List<Object> expected = new ArrayList<>();
    try (Region region = Region.open(path)) {
      for (int i = 0; i < 500; i++) {
        expected.add(ZeroTouchClone.copy(region, i).typedText());
      }
    }
    ExecutorService pool = Executors.newFixedThreadPool(4);
    try {
      for (int round = 0; round < 60; round++) {
        Region region = Region.open(path);
        CountDownLatch running = new CountDownLatch(3);
        AtomicBoolean garbage = new AtomicBoolean();
        List<Future<?>> readers = new ArrayList<>();
        for (int t = 0; t < 3; t++) {
          int kind = t;
          readers.add(pool.submit(() -> read(region, kind, expected, running, garbage)));
        }
        running.await();
        region.close();
        for (Future<?> reader : readers) {
          reader.get();
        }
        assertFalse(garbage.get(), "round " + round);
      }
    } finally {
      pool.shutdownNow();
    }
  }

  private static void read(
      Region region, int kind, List<Object> expected, CountDownLatch running, AtomicBoolean bad) {
    CopyBuffer buffer = CopyBuffer.allocate();
    long[] indices = new long[32];
    try {
      for (int i = 0; ; i++) {
        int index = i * 31 % 500;
        RecordCopy copy;
        if (kind == 0) {
          copy = ZeroTouchClone.copy(region, index);
        } else if (kind == 1) {
          copy = ZeroTouchClone.copyInto(region, index, buffer);
        } else {
          Arrays.fill(indices, index);
          copy = ZeroTouchClone.copyAll(region, indices, buffer).get(31);
        }
        if (!copy.typedText().equals(expected.get(index))) {
          bad.set(true);
        }
        if (i == 5) {
          running.countDown();
        }
      }
    } catch (RegionClosedException e) {
      // The end that every reader comes to.
    }
  }

  @Test
  void many_threads_may_copy_from_one_region() throws Exception {
    try (Region region = Region.open(jobs(300))) {
      ExecutorService pool = Executors.newFixedThreadPool(8);
      List<Future<?>> workers = new ArrayList<>();
      for (int t = 0; t < 8; t++) {
        int start = t * 37;
        workers.add(
            pool.submit(
                () -> {
                  for (int i = 0; i < 2000; i++) {
                    int index = (start + i) % 300;
                    assertEquals(index, ZeroTouchClone.copy(region, index).getInt("id"));
                  }
                }));
      }
      for (Future<?> worker : workers) {
        worker.get();
      }
      pool.shutdown();
    }
  }

  @Test
  void a_program_that_follows_the_documentation_sees_no_warning() throws Exception {
    ChildJvm.Result child = ChildJvm.run(List.of(), folder.resolve("child.ztc"), 10_000);
    assertEquals("record number 9999", child.output().strip());
    assertEquals(0, child.status());
  }

  /** A region whose second record is said to be as large as records can be; the rest is a hole. */
  private Path withHugeRecord() throws IOException {
    int huge = 0x7fffffc0;
    int records = 320;
    ByteBuffer bytes = ByteBuffer.allocate(records + 16).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(new byte[] {(byte) 0x89, 'Z', 'T', 'C', '\r', '\n', 0x1a, '\n'});
    bytes.putInt(0x0a0b0c0d).putShort((short) 0).putShort((short) 2);
    bytes.putLong(records + 16L + huge).putLong(2).putLong(0).putInt(3);
    long[][] sections = {{2, 192, 32}, {5, 256, 16}, {1, records, 16L + huge}};
    for (int i = 0; i < 3; i++) {
      bytes.position(64 + 32 * i);
      bytes.putInt((int) sections[i][0]).putInt(1);
      bytes.putLong(sections[i][1]).putLong(sections[i][2]);
    }
    bytes.position(192);
    bytes.putLong(records | 1L << 48).putInt(16).putInt(0);
    bytes.putLong(records + 16 | 1L << 48).putInt(huge).putInt(0);
    bytes.position(records);
    bytes.put((byte) 6).put((byte) 1).put((byte) 4).put((byte) 0).putInt(0).putLong(7);
    Path path = Files.write(folder.resolve("huge.ztc"), bytes.array());
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.WRITE)) {
      file.write(ByteBuffer.allocate(1), records + 16L + huge - 1);
    }
    return path;
  }

  @Test
  void a_copy_that_memory_does_not_suffice_for_leaves_its_buffer_usable() throws IOException {
    try (Region region = Region.open(withHugeRecord(), RegionOption.VERIFY_NONE);
        CopyBuffer buffer = CopyBuffer.allocate()) {
      for (int i = 0; i < 3; i++) {
        assertThrows(OutOfMemoryError.class, () -> ZeroTouchClone.copyInto(region, 1, buffer));
        assertEquals(7, ZeroTouchClone.copyInto(region, 0, buffer).toObject());
        assertThrows(OutOfMemoryError.class, () -> ZeroTouchClone.copy(region, 1));
        assertEquals(
            -1, region.indexOf("")); // of what the copy has left, not even a byte is needed
        assertEquals(7, ZeroTouchClone.copy(region, 0).toObject());
      }
    }
  }
}
