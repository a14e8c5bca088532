package io.github.zerotouchclone.bench.delivery;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.github.zerotouchclone.bench.peers.Contenders;
import io.github.zerotouchclone.bench.peers.Reader;
import io.github.zerotouchclone.bench.peers.RecordFiles;
import io.github.zerotouchclone.bench.peers.RegionIndex;
import io.github.zerotouchclone.bench.peers.Work;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every rung delivers the bytes that the region has. */
class LadderTest {

  private static final int RECORDS = 50;
  private static final int CAPACITY = 1 << 16;

  @TempDir Path folder;

  private RecordFiles files;
  private Reader expected;
  private long region;
  private final ByteBuffer slab =
      ByteBuffer.allocateDirect(CAPACITY).order(ByteOrder.LITTLE_ENDIAN);
  private final byte[] array = new byte[CAPACITY];

  @BeforeEach
  void open() throws IOException {
    files = new RecordFiles(folder, RECORDS);
    expected = Contenders.of("mapped-get").open(files, Work.BYTES);
    region = Ladder.open(files.region().toString());
    assertNotEquals(0, region);
  }

  @AfterEach
  void close() throws IOException {
    Ladder.free(region);
    expected.close();
  }

  @Test
  void jni() throws IOException {
    for (int i = 0; i < RECORDS; i++) {
      byte[] bytes = (byte[]) expected.read(i);

      assertArrayEquals(bytes, Ladder.toNewArray(region, i));
      assertDelivered(bytes, Ladder.toArray(region, i, array));
      assertDelivered(bytes, Ladder.toPinnedArray(region, i, array));
      long size = Ladder.toAddress(region, i, Ladder.addressOf(slab), CAPACITY);
      slab.get(0, array);
      assertDelivered(bytes, size);
    }
  }

  @Test
  void many_by_one_call() throws IOException {
    ByteBuffer indices = ByteBuffer.allocateDirect(3 * 8).order(ByteOrder.LITTLE_ENDIAN);
    indices.putLong(0, 7).putLong(8, 3).putLong(16, 7);
    long address = Ladder.addressOf(slab);

    long bytes =
        Ladder.prefetched(
            Ladder.base(region),
            RegionIndex.offset(files.region()),
            Ladder.addressOf(indices),
            3,
            address);
    byte[] seven = (byte[]) expected.read(7);
    byte[] three = (byte[]) expected.read(3);
    assertEquals(2L * seven.length + three.length, bytes);
    slab.get(0, array);
    assertArrayEquals(seven, Arrays.copyOf(array, seven.length));
    assertArrayEquals(three, Arrays.copyOfRange(array, seven.length, seven.length + three.length));

    Ladder.copies(region, Ladder.addressOf(indices), 2, address, CAPACITY);
    slab.get(0, array);
    assertDelivered(three, three.length);
  }

  @Test
  void foreign_functions() throws Throwable {
    assertEquals(Runtime.version().feature() >= 22, Ffm.isAvailable());
    if (!Ffm.isAvailable()) {
      return; // java.lang.foreign came with JDK 22
    }
    long[] size = new long[1];
    ByteBuffer sizeBuffer = ByteBuffer.allocateDirect(8).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < RECORDS; i++) {
      byte[] bytes = (byte[]) expected.read(i);

      int status =
          (int)
              Ffm.COPY.invokeExact(
                  region,
                  (long) i,
                  Ladder.addressOf(slab),
                  (long) CAPACITY,
                  Ladder.addressOf(sizeBuffer),
                  0L);
      assertEquals(0, status);
      slab.get(0, array);
      assertDelivered(bytes, sizeBuffer.getLong(0));

      Arrays.fill(array, (byte) 0);
      status =
          (int) Ffm.COPY_CRITICAL.invokeExact(region, (long) i, array, (long) CAPACITY, size, 0L);
      assertEquals(0, status);
      assertDelivered(bytes, size[0]);
    }
  }

  private void assertDelivered(byte[] bytes, long size) {
    assertEquals(bytes.length, size);
    assertArrayEquals(bytes, Arrays.copyOf(array, bytes.length));
  }
}
