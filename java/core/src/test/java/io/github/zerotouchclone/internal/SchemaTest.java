package io.github.zerotouchclone.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.zerotouchclone.CorruptRegionException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SchemaTest {
  private static final String[] KEYS = {"id", "name", "prefs"};
  private static final int[] TYPES = {Node.T_I64, Node.T_STRING, Node.T_MAP};

  @Test
  void a_shape_finds_its_keys() {
    Shape shape = CopyBytes.schema(KEYS, TYPES).shape(0);
    assertEquals(List.of(KEYS), shape.keys());
    assertEquals(2, shape.find("prefs"));
    assertEquals(-1, shape.find("nope"));
    assertEquals(Node.T_STRING, shape.type(1));
  }

  @Test
  void there_is_no_shape_beyond_the_last() {
    Schema schema = CopyBytes.schema(KEYS, TYPES);
    assertNull(schema.shape(1));
    assertNull(schema.shape(-1));
  }

  @Test
  void a_large_shape_finds_all_its_keys() {
    String[] keys = new String[3000];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = "key" + i;
    }
    Shape shape = Shape.of(keys, new byte[keys.length]);
    for (int i = 0; i < keys.length; i++) {
      assertEquals(i, shape.find("key" + i));
    }
  }

  @Test
  void equal_keys_in_a_shape_are_refused() {
    assertThrows(
        CorruptRegionException.class, () -> CopyBytes.schema(new String[] {"a", "a"}, new int[2]));
  }

  @Test
  void every_cut_is_refused() {
    byte[] image = CopyBytes.schemaBytes(KEYS, TYPES);
    for (int size = 0; size < image.length - 8; size++) {
      byte[] cut = java.util.Arrays.copyOf(image, size);
      assertThrows(CorruptRegionException.class, () -> Schema.parse(cut, "cut"));
    }
  }

  @Test
  void shapes_that_share_their_keys_are_refused() {
    CopyBytes b = new CopyBytes();
    int shapes = 1000;
    b.u32(1).u32(shapes).slot(0).u32(0).u32(0);
    for (int i = 0; i < shapes; i++) {
      b.u32(0).u32(200);
    }
    byte[] image = b.toArray();
    assertTrue(
        assertThrows(CorruptRegionException.class, () -> Schema.parse(image, "overlap"))
            .getMessage()
            .startsWith("overlap: schema section, byte "));
  }

  @Test
  void random_damage_gives_a_schema_or_an_error() {
    byte[] sound = CopyBytes.schemaBytes(KEYS, TYPES);
    long seed = 7;
    Random random = new Random(seed);
    for (int round = 0; round < 50_000; round++) {
      byte[] damaged = sound.clone();
      damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      try {
        Schema.parse(damaged, "damaged");
      } catch (CorruptRegionException e) {
        assertTrue(e.offset() >= 0);
      } catch (Throwable e) {
        throw new AssertionError("seed " + seed + ", round " + round, e);
      }
    }
  }

  /** 32,768 keys with one hash code. */
  @Test
  void keys_that_collide_are_found_without_passing_all_others() {
    int bits = 15;
    String[] keys = new String[1 << bits];
    for (int i = 0; i < keys.length; i++) {
      StringBuilder key = new StringBuilder();
      for (int bit = 0; bit < bits; bit++) {
        key.append((i >> bit & 1) == 0 ? "Aa" : "BB");
      }
      keys[i] = key.toString();
      assertEquals(keys[0].hashCode(), keys[i].hashCode());
    }
    Shape shape = Shape.of(keys, new byte[keys.length]);
    for (int i = 0; i < keys.length; i++) {
      assertEquals(i, shape.find(keys[i]));
      assertTrue(shape.probes(keys[i]) < 1000, keys[i]);
    }
    assertEquals(-1, shape.find("AaBB"));
    assertEquals(-1, shape.find(keys[0] + "AaBB"));
    keys[5] = keys[30_000];
    assertNull(Shape.of(keys, new byte[keys.length]), "a key twice");
  }
}
