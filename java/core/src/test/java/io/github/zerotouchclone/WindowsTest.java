package io.github.zerotouchclone;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.zerotouchclone.internal.Slab;
import io.github.zerotouchclone.internal.Windows;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The road past the C library delivers the same bytes, or leaves the record to it. */
@SuppressWarnings("try") // closes regions while they are read from
class WindowsTest {
  private static final int RECORDS = 300;
  @TempDir Path folder;
  private Path path;

  @BeforeEach
  void publish() {
    List<Object> records = new ArrayList<>();
    for (int i = 0; i < RECORDS; i++) {
      records.add(Fixtures.job(i));
    }
    records.add(null);
    records.add("text");
    records.add(new byte[100_000]);
    path = Fixtures.write(folder.resolve("r.ztc"), records.toArray());
  }

  private static byte[] natively(Region region, long index) {
    Slab slab = new Slab();
    byte[] bytes = new byte[(int) slab.copy(region.handle(), index, region.path())];
    slab.get(0, bytes, 0, bytes.length);
    return bytes;
  }

  @Test
  void both_roads_agree_byte_for_byte() {
    try (Region region = Region.open(path)) {
      byte[] reused = new byte[200_000];
      for (long i = 0; i < region.count(); i++) {
        byte[] byLibrary = natively(region, i);
        assertArrayEquals(byLibrary, region.windows().copy(i), "record " + i);
        int size = region.windows().copy(i, needed -> reused);
        assertEquals(byLibrary.length, size);
        assertArrayEquals(byLibrary, Arrays.copyOf(reused, size), "record " + i);
      }
    }
  }

  @Test
  void a_range_is_the_records_that_lie_in_it() {
    try (Region region = Region.open(path)) {
      byte[] reused = new byte[200_000];
      for (int most : new int[] {1, 3, 1000}) {
        long[] offsets = new long[most + 1];
        int moves = 0;
        for (long next = 0; next < region.count(); moves++) {
          int copied = region.windows().copyRange(next, most, offsets, needed -> reused);
          assertTrue(copied > 0 && copied <= most, copied + " from " + next);
          assertTrue(copied == 1 || offsets[copied] <= 64 << 10, "one move is bounded");
          for (int i = 0; i < copied; i++) {
            byte[] one = Arrays.copyOfRange(reused, (int) offsets[i], (int) offsets[i + 1]);
            assertArrayEquals(natively(region, next + i), one, "record " + (next + i));
          }
          next += copied;
        }
        assertTrue(moves <= region.count() / Math.min(most, 10) + 2, moves + " moves");
      }
    }
  }

  @Test
  void a_range_ends_with_the_region() {
    try (Region region = Region.open(path)) {
      Windows windows = region.windows();
      long[] offsets = new long[9];
      byte[] bytes = new byte[200_000];
      assertEquals(1, windows.copyRange(region.count() - 1, 8, offsets, needed -> bytes));
      for (long first : new long[] {region.count(), -1, Long.MAX_VALUE, Long.MIN_VALUE}) {
        assertEquals(0, windows.copyRange(first, 8, offsets, needed -> bytes), "" + first);
      }
      int overlapping =
          windows.copyRange(
              0,
              8,
              offsets,
              needed -> {
                region.close();
                return bytes;
              });
      assertEquals(0, overlapping);
      assertEquals(0, windows.copyRange(0, 8, offsets, needed -> bytes));
    }
  }

  @Test
  void what_it_must_not_copy_is_left_to_the_library() {
    try (Region region = Region.open(path)) {
      Windows windows = region.windows();
      assertNull(windows.copy(-1));
      assertNull(windows.copy(region.count()));
      assertNull(windows.copy(Long.MAX_VALUE));
      assertNotNull(windows.copy(0));
      region.close();
      assertNull(windows.copy(0));
      assertEquals(-1, windows.copy(0, size -> new byte[size]));
      assertThrows(RegionClosedException.class, () -> ZeroTouchClone.copy(region, 0));
    }
    try (Region region = Region.open(path, RegionOption.VERIFY_RECORD)) {
      assertNull(region.windows(), "the checksum of each copy is the library's work");
    }
  }

  /** The close falls between the first look at the state and the last one. */
  @Test
  void a_copy_that_overlaps_a_close_is_refused() {
    try (Region region = Region.open(path)) {
      int size =
          region
              .windows()
              .copy(
                  0,
                  needed -> {
                    region.close();
                    return new byte[needed];
                  });
      assertEquals(-1, size);
    }
  }

  @Test
  void index_lines_that_lead_astray_are_refused() throws IOException {
    byte[] sound = Files.readAllBytes(path);
    ByteBuffer file = ByteBuffer.wrap(sound).order(ByteOrder.LITTLE_ENDIAN);
    long records = 0;
    long recordsSize = 0;
    int index = 0;
    for (int entry = 64; entry < 64 + 32 * file.getInt(40); entry += 32) {
      if (file.getInt(entry) == 1) {
        records = file.getLong(entry + 8);
        recordsSize = file.getLong(entry + 16);
      } else if (file.getInt(entry) == 2) {
        index = (int) file.getLong(entry + 8);
      }
    }
    long closed = 1L << 48;
    long[][] lines = {
      {closed | (records - 8), 16},
      {closed | (records + recordsSize - 8), 16},
      {closed | (records + 4), 16},
      {closed | records, 0},
      {closed | records, 12},
      {closed | records, 0xffff_fff8L},
      {closed | records, 0x7fff_fff8L},
      {closed | (closed - 8), 16},
    };
    for (long[] line : lines) {
      file.putLong(index, line[0]).putLong(index + 8, line[1]);
      Path damaged = folder.resolve("damaged.ztc");
      Files.write(damaged, sound);
      try (Region region = Region.open(damaged, RegionOption.VERIFY_NONE)) {
        String what = Long.toHexString(line[0]) + " " + Long.toHexString(line[1]);
        assertNull(region.windows().copy(0), what);
        assertEquals(-1, region.windows().copy(0, size -> new byte[size]), what);
        assertThrows(CorruptRegionException.class, () -> ZeroTouchClone.copy(region, 0), what);
        assertNotNull(region.windows().copy(1), what);
        assertEquals(0, region.windows().copyRange(0, 8, new long[9], size -> new byte[size]));
      }
    }
  }

  @Test
  void a_range_ends_at_a_line_that_leads_elsewhere() throws IOException {
    byte[] sound = Files.readAllBytes(path);
    int line = indexOf(sound) + 16 * 2; // of record 2
    ByteBuffer file = ByteBuffer.wrap(sound).order(ByteOrder.LITTLE_ENDIAN);
    long place = file.getLong(line);
    long size = file.getLong(line + 8);
    long before = file.getLong(line - 16);
    long[][] lines = {
      {place + 8, size}, // a gap
      {place - 8, size}, // overlaps
      {before, size}, // the record before, again
      {place & ~(1L << 48), size}, // not closed
      {place | 1L << 49, size}, // a flag that nobody knows
      {place, 0xffff_fff8L},
      {place, 0},
      {place, 12},
    };
    for (long[] astray : lines) {
      file.putLong(line, astray[0]).putLong(line + 8, astray[1]);
      Path damaged = Files.write(folder.resolve("damaged.ztc"), sound);
      try (Region region = Region.open(damaged, RegionOption.VERIFY_NONE)) {
        String what = Long.toHexString(astray[0]) + " " + Long.toHexString(astray[1]);
        long[] offsets = new long[9];
        byte[] bytes = new byte[100_000];
        assertEquals(2, region.windows().copyRange(0, 8, offsets, needed -> bytes), what);
        byte[] one = Arrays.copyOfRange(bytes, (int) offsets[1], (int) offsets[2]);
        assertArrayEquals(natively(region, 1), one, what);
      }
    }
  }

  /** The file changes under the region, so that what lies behind the last line looks like one. */
  @Test
  void a_range_ends_with_the_last_line() throws IOException {
    byte[] sound = Files.readAllBytes(path);
    int line = indexOf(sound);
    int last = line + 16 * (RECORDS + 2);
    try (Region region = Region.open(path);
        FileChannel file = FileChannel.open(path, StandardOpenOption.WRITE)) {
      file.write(ByteBuffer.wrap(sound, line, 32), last); // record 0, and behind it record 1
      byte[] bytes = new byte[100_000];
      int copied = region.windows().copyRange(region.count() - 1, 8, new long[9], needed -> bytes);
      assertEquals(1, copied);
    }
  }

  /** Where the lines of the records are. */
  private static int indexOf(byte[] region) {
    ByteBuffer file = ByteBuffer.wrap(region).order(ByteOrder.LITTLE_ENDIAN);
    for (int entry = 64; entry < 64 + 32 * file.getInt(40); entry += 32) {
      if (file.getInt(entry) == 2) {
        return (int) file.getLong(entry + 8);
      }
    }
    throw new AssertionError("no index");
  }

  @Test
  void a_region_is_opened_by_descriptor() throws IOException {
    try (FileInputStream file = new FileInputStream(path.toFile())) {
      int descriptor = descriptorOf(path);
      try (Region region = Region.openDescriptor(descriptor)) {
        file.close();
        assertEquals(RECORDS + 3, region.count());
        assertEquals(Fixtures.job(7).get("to"), ZeroTouchClone.copy(region, 7).getString("to"));
        assertEquals("descriptor " + descriptor, region.path());
      }
    }
    Fixtures.fails(Status.IO, "descriptor 99999", () -> Region.openDescriptor(99999));
  }

  private static int descriptorOf(Path path) throws IOException {
    try (var entries = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (Path entry : entries) {
        if (Files.exists(entry) && Files.isSameFile(entry, path)) {
          return Integer.parseInt(entry.getFileName().toString());
        }
      }
    }
    throw new AssertionError("no descriptor of " + path);
  }

  @Test
  void preloading_tells_its_progress_and_ends_at_the_size() {
    Map<String, Object> large = Map.of("bytes", new byte[40 << 20]);
    Path file = Fixtures.write(folder.resolve("large.ztc"), large);
    List<Long> told = new ArrayList<>();
    try (Region region = Region.open(file, RegionOption.PRELOAD)) {
      region.preload(told::add);
      assertEquals(3, told.size(), told.toString());
      assertEquals(16 << 20, told.get(0));
      assertEquals(region.size(), told.get(2));
      IllegalStateException stop = new IllegalStateException("enough");
      List<Long> calls = new ArrayList<>();
      assertThrows(
          IllegalStateException.class,
          () ->
              region.preload(
                  bytes -> {
                    calls.add(bytes);
                    throw stop;
                  }));
      assertEquals(1, calls.size());
      region.close();
      assertThrows(RegionClosedException.class, region::preload);
    }
  }

  @Test
  void a_hint_is_harmless_whatever_it_names() {
    try (Region region = Region.open(path)) {
      for (long index : new long[] {0, region.count() - 1, region.count(), -1, Long.MIN_VALUE}) {
        region.prefetch(index);
      }
      long[] many = new long[1000];
      for (int i = 0; i < many.length; i++) {
        many[i] = i % 5 == 0 ? -i : i % (2 * region.count());
      }
      region.prefetch(many, 0, many.length);
      region.prefetch(many, 990, 10);
      region.prefetch(many, 1000, 0);
      assertThrows(IndexOutOfBoundsException.class, () -> region.prefetch(many, 990, 11));
      assertThrows(IndexOutOfBoundsException.class, () -> region.prefetch(many, -1, 1));
      assertThrows(IndexOutOfBoundsException.class, () -> region.prefetch(many, 0, -1));
      region.close();
      region.prefetch(0);
      region.prefetch(many, 0, many.length);
      assertTrue(!region.isOpen());
    }
  }
}
