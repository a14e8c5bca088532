package io.github.zerotouchclone;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The C ABI called a second way must agree with the JNI glue and with the Java reader. */
class CapiTest {
  @TempDir Path folder;

  private void agrees(Path path) {
    Pointer c = Capi.open(path);
    try (Region region = Region.open(path)) {
      assertEquals(Capi.C.ztc_region_count(c), region.count());
      CopyBuffer buffer = CopyBuffer.allocate();
      long[] all = new long[(int) region.count()];
      for (int i = 0; i < all.length; i++) {
        all[i] = i;
        byte[] expected = Capi.copy(c, i);
        RecordCopy copy = ZeroTouchClone.copy(region, i);
        assertArrayEquals(expected, copy.copyBytes());
        assertArrayEquals(expected, ZeroTouchClone.copyInto(region, i, buffer).copyBytes());
        assertEquals(Capi.text(c, expected), copy.typedText());
      }
      BatchCopy batch = ZeroTouchClone.copyAll(region, all, buffer);
      for (int i = 0; i < all.length; i++) {
        assertArrayEquals(Capi.copy(c, i), batch.get(i).copyBytes());
      }
    } finally {
      Capi.C.ztc_region_free(c);
    }
  }

  @Test
  void both_ways_copy_the_same_bytes() {
    Object[] records = new Object[400];
    Random random = new Random(42);
    for (int i = 0; i < records.length; i++) {
      records[i] = i % 2 == 0 ? Fixtures.job(i) : Graphs.random(random);
    }
    agrees(Fixtures.write(folder.resolve("same.ztc"), records));
  }

  @Test
  void both_ways_copy_the_same_value_at_a_path() {
    Path path = Fixtures.write(folder.resolve("path.ztc"), Fixtures.job(7));
    Pointer c = Capi.open(path);
    try (Region region = Region.open(path)) {
      for (String place : List.of("$", "prefs", "prefs.lang", "tags[1]", "[\"any key\"][0]")) {
        Memory memory = new Memory(4096);
        LongByReference size = new LongByReference();
        Capi.check(Capi.C.ztc_copy_path(c, 0, place, memory, 4096, size, null, null));
        byte[] copy = memory.getByteArray(0, (int) size.getValue());
        RecordCopy read = RecordCopy.of(copy, region.origin(), 0);
        Graphs.assertSameGraph(read.toObject(), ZeroTouchClone.copyPath(region, 0, place));
        assertEquals(Capi.text(c, copy), read.typedText());
      }
    } finally {
      Capi.C.ztc_region_free(c);
    }
  }

  // --------------------------------------------------- nodes that records share, written through C

  private static final class Events {
    final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    Events op(int opcode, int... operands) {
      bytes.write(opcode);
      ByteBuffer buffer = ByteBuffer.allocate(4 * operands.length).order(ByteOrder.LITTLE_ENDIAN);
      for (int operand : operands) {
        buffer.putInt(operand);
      }
      bytes.writeBytes(buffer.array());
      return this;
    }
  }

  /** Shared lists that refer to each other, and two records that each refer to all of them. */
  private Path shared(int count, IntUnaryOperator next) {
    Path path = folder.resolve("shared-" + count + ".ztc");
    PointerByReference writer = new PointerByReference();
    Capi.check(Capi.C.ztc_writer_create(path.toString(), 0, writer, null));
    Events events = new Events();
    for (int i = 0; i < count; i++) {
      Capi.check(Capi.C.ztc_writer_reserve_shared(writer.getValue(), new IntByReference()));
    }
    for (int i = 0; i < count; i++) {
      events.op(0x33, i).op(0x20).op(0x05, i).op(0x32, next.applyAsInt(i)).op(0x23).op(0x34);
    }
    for (int record = 0; record < 2; record++) {
      events.op(0x20);
      for (int i = 0; i < count; i++) {
        events.op(0x32, i);
      }
      events.op(0x23).op(0x3f);
    }
    events.op(0x32, 0).op(0x3f); // a record that is a shared node
    byte[] bytes = events.bytes.toByteArray();
    Capi.check(Capi.C.ztc_writer_feed(writer.getValue(), bytes, bytes.length, null));
    Capi.check(Capi.C.ztc_writer_publish(writer.getValue(), null));
    return path;
  }

  @Test
  void copies_of_records_that_share_nodes_share_nothing() {
    Path path = shared(5, i -> (i + 1) % 5);
    agrees(path);
    try (Region region = Region.open(path, RegionOption.VERIFY_ALL)) {
      List<?> first = (List<?>) ZeroTouchClone.copy(region, 0).toObject();
      List<?> second = (List<?>) ZeroTouchClone.copy(region, 1).toObject();
      assertNotSame(first.get(0), second.get(0));
      for (int i = 0; i < 5; i++) {
        List<?> node = (List<?>) first.get(i);
        assertEquals(i, node.get(0));
        assertSame(first.get((i + 1) % 5), node.get(1));
      }
      List<?> shared = (List<?>) ZeroTouchClone.copy(region, 2).toObject();
      assertEquals(0, shared.get(0));
      assertEquals("[0i32", ZeroTouchClone.copy(region, 2).typedText().substring(2, 7));
    }
  }

  @Test
  void records_that_share_more_nodes_than_fit_the_stack_are_copied_through_a_workspace() {
    Path path = shared(3000, i -> i ^ 1);
    agrees(path);
    try (Region region = Region.open(path)) {
      List<?> all = (List<?>) ZeroTouchClone.copy(region, 0).toObject();
      for (int i = 0; i < 3000; i++) {
        assertSame(all.get(i ^ 1), ((List<?>) all.get(i)).get(1));
      }
      assertEquals(5, ZeroTouchClone.copyPath(region, 0, "[5][1][1][0]"));
    }
  }

  @Test
  void the_abi_is_the_same_in_both_libraries() {
    assertEquals(0, Capi.C.ztc_abi_version());
  }
}
