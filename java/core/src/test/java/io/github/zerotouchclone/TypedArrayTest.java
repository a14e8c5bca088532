package io.github.zerotouchclone;

import static io.github.zerotouchclone.Fixtures.fails;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Typed arrays as a whole. */
class TypedArrayTest {
  private static final short[] SHORTS = {Short.MIN_VALUE, -1, 258};
  private static final int[] INTS = {Integer.MIN_VALUE, -1, 0x01020304};
  private static final long[] LONGS = {Long.MIN_VALUE, -1, 0x0102030405060708L};
  private static final float[] FLOATS = {-0.0f, Float.NaN, 1e-40f};
  private static final double[] DOUBLES = {-0.0, Double.NaN, 5e-324};

  @TempDir Path folder;
  private Region region;
  private CopyBuffer buffer;

  @BeforeEach
  void open() {
    Map<String, Object> record = new LinkedHashMap<>();
    record.put("shorts", SHORTS);
    record.put("ints", INTS);
    record.put("longs", LONGS);
    record.put("floats", FLOATS);
    record.put("doubles", DOUBLES);
    record.put("none", new int[0]);
    record.put("nothing", null);
    record.put("list", List.of(1, 2));
    Object list = List.of(SHORTS, INTS, LONGS, FLOATS, DOUBLES, "text");
    Object other = Map.of("ints", new int[500]);
    region = Region.open(Fixtures.write(folder.resolve("r.ztc"), record, list, other));
    buffer = CopyBuffer.allocate();
  }

  @AfterEach
  void close() {
    buffer.close();
    region.close();
  }

  @Test
  void elements_of_every_type_arrive_in_arrays_of_that_type() {
    RecordCopy copy = ZeroTouchClone.copyInto(region, 0, buffer);
    assertArrayEquals(SHORTS, copy.getShortArray("shorts"));
    assertArrayEquals(INTS, copy.getIntArray("ints"));
    assertArrayEquals(LONGS, copy.getLongArray("longs"));
    assertArrayEquals(FLOATS, copy.getFloatArray("floats"));
    assertArrayEquals(DOUBLES, copy.getDoubleArray("doubles"));
    assertArrayEquals(new int[0], copy.getIntArray("none"));
    assertNull(copy.getIntArray("nothing"));
    assertArrayEquals(SHORTS, region.field("shorts").getShortArray(copy));
    assertArrayEquals(INTS, region.field("ints").getIntArray(copy));
    assertArrayEquals(LONGS, region.field("longs").getLongArray(copy));
    assertArrayEquals(FLOATS, region.field("floats").getFloatArray(copy));
    assertArrayEquals(DOUBLES, region.field("doubles").getDoubleArray(copy));
    RecordCopy list = ZeroTouchClone.copy(region, 1);
    assertArrayEquals(SHORTS, list.getShortArray(0));
    assertArrayEquals(INTS, list.getIntArray(1));
    assertArrayEquals(LONGS, list.getLongArray(2));
    assertArrayEquals(FLOATS, list.getFloatArray(3));
    assertArrayEquals(DOUBLES, list.getDoubleArray(4));
  }

  @Test
  void another_type_is_an_error_that_names_both() {
    RecordCopy copy = ZeroTouchClone.copy(region, 0);
    String message = "$.ints: the array's elements are of type I32, not I64";
    fails(Status.TYPE_MISMATCH, message, () -> copy.getLongArray("ints"));
    fails(Status.TYPE_MISMATCH, message, () -> region.field("ints").getLongArray(copy));
    fails(Status.TYPE_MISMATCH, "$.list: ", () -> copy.getIntArray("list"));
    fails(Status.TYPE_MISMATCH, "$.list: ", () -> copy.getBuffer("list"));
    RecordCopy list = ZeroTouchClone.copy(region, 1);
    fails(Status.TYPE_MISMATCH, "$[5]: ", () -> list.getIntArray(5));
    fails(Status.TYPE_MISMATCH, "$[4]: ", () -> list.getFloatArray(4));
  }

  @Test
  void single_elements_are_those_of_the_array() {
    RecordCopy list = ZeroTouchClone.copy(region, 1);
    for (int i = 0; i < 3; i++) {
      assertEquals(SHORTS[i], list.getRecord(0).getLong(i));
      assertEquals(INTS[i], list.getRecord(1).getLong(i));
      assertEquals(LONGS[i], list.getRecord(2).getLong(i));
      assertEquals(FLOATS[i], list.getRecord(3).getFloat(i));
      assertEquals(DOUBLES[i], list.getRecord(4).getDouble(i));
    }
  }

  @Test
  void a_buffer_is_read_only_little_endian_and_stays() {
    for (boolean reused : new boolean[] {false, true}) {
      RecordCopy copy =
          reused ? ZeroTouchClone.copyInto(region, 0, buffer) : ZeroTouchClone.copy(region, 0);
      ByteBuffer ints = copy.getBuffer("ints");
      assertTrue(ints.isReadOnly());
      assertEquals(ByteOrder.LITTLE_ENDIAN, ints.order());
      assertEquals(12, ints.capacity());
      ByteBuffer floats = region.field("floats").getBuffer(copy);
      assertEquals(0, copy.getBuffer("none").remaining());
      assertNull(copy.getBuffer("nothing"));
      ZeroTouchClone.copyInto(region, 2, buffer);
      for (int i = 0; i < 3; i++) {
        assertEquals(INTS[i], ints.asIntBuffer().get(i));
        assertEquals(FLOATS[i], floats.asFloatBuffer().get(i));
      }
    }
    assertEquals(24, ZeroTouchClone.copy(region, 1).getBuffer(2).remaining());
  }
}
