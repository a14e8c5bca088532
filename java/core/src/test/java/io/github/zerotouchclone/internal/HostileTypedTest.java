package io.github.zerotouchclone.internal;

import static io.github.zerotouchclone.internal.CopyBytes.child;
import static io.github.zerotouchclone.internal.CopyBytes.inline;
import static io.github.zerotouchclone.internal.CopyBytes.ref;
import static io.github.zerotouchclone.internal.CopyBytes.string;
import static io.github.zerotouchclone.internal.Node.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.zerotouchclone.CorruptRegionException;
import io.github.zerotouchclone.RegionException;
import io.github.zerotouchclone.Status;
import java.lang.reflect.Type;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What ill-formed bytes end in when objects of a class are wanted: an error, in bounded time. */
class HostileTypedTest {
  /** Takes all that the sound copies have, and itself. */
  static final class Bean {
    public List<Bean> a;
    public String b;
    public int c;
    public Map<String, Bean> k;
    public Set<Object> set;
    public Deep deep;
  }

  static final class Rows {
    public List<Object> a;
    public String b;
    public int c;
  }

  record Deep(Deep a, Object b, long c) {}

  private static final Schema SCHEMA =
      CopyBytes.schema(new String[] {"a", "b", "c"}, new int[] {T_LIST, T_STRING, T_I32});

  private static CopyBytes bytes() {
    return new CopyBytes();
  }

  private static Object read(Class<?> type, byte[] copy) {
    return new TypedReader(type, false).read(CopyBytes.image(copy, SCHEMA));
  }

  private static byte[] soundMap() {
    return bytes()
        .node(MAP, FLAG_TYPES | FLAG_SHARED, 0, 0)
        .slot(child(40, 48), string(88, 9, 2), 7)
        .u8(T_LIST, T_STRING, T_I64)
        .pad()
        .node(LIST, FLAG_TYPES, 0, 3)
        .slot(ref(-40, 104), child(40, 8), 0)
        .u8(T_REF, T_MAP, T_NULL)
        .pad()
        .node(DICT, 0, 0, 0)
        .text("nine char")
        .pad()
        .pad()
        .toArray();
  }

  @Test
  void random_damage_gives_an_object_or_an_error() {
    damage(CopyBytes.soundRows(), Rows.class, 40_000);
    damage(soundMap(), Bean.class, 60_000);
  }

  private static void damage(byte[] sound, Class<?> type, int rounds) {
    long seed = 20_260_311;
    TypedReader[] readers = {
      new TypedReader(type, false), new TypedReader(Deep.class, false), new TypedReader(type, true)
    };
    assertEquals(type, readers[0].read(CopyBytes.image(sound, SCHEMA)).getClass());
    Random random = new Random(seed);
    int refused = 0;
    int read = 0;
    for (int round = 0; round < rounds; round++) {
      byte[] damaged = sound.clone();
      for (int i = random.nextInt(4); i >= 0; i--) {
        int at = random.nextInt(damaged.length);
        damaged[at] = (byte) (random.nextBoolean() ? random.nextInt(40) : random.nextInt());
      }
      try {
        readers[round % 3].read(CopyBytes.image(damaged, SCHEMA));
        read++;
      } catch (RegionException e) {
        refused++;
      } catch (Throwable e) {
        throw new AssertionError("seed " + seed + ", round " + round, e);
      }
    }
    String counts = read + " read, " + refused + " refused";
    assertTrue(refused > rounds / 8 && read > rounds / 50, counts);
  }

  record Tree(List<Tree> a) {}

  /** Each of 30 maps has the next one twice: 2³⁰ objects, if children might overlap. */
  @Test
  void children_that_overlap_exhaust_the_budget() {
    CopyBytes copy = bytes();
    for (int below = 29; below >= 0; below--) {
      int extent = 32 + 56 * below;
      copy.node(MAP, 0, 0, 0)
          .slot(child(32, 24 + extent), inline(""), 1)
          .node(LIST, 0, T_MAP, 2)
          .slot(child(24, extent), child(24, extent));
    }
    copy.node(MAP, 0, 0, 0).slot(0, inline(""), 1);
    CorruptRegionException e =
        assertThrows(CorruptRegionException.class, () -> read(Tree.class, copy.toArray()));
    assertTrue(e.getMessage().contains("values of the copy overlap"), e.getMessage());
  }

  private static void exhausts(Type type, CopyBytes copy) {
    TypedReader reader = new TypedReader(type, false);
    CorruptRegionException e =
        assertThrows(CorruptRegionException.class, () -> reader.read(copy.image()));
    assertTrue(e.getMessage().contains("values of the copy overlap"), e.getMessage());
  }

  enum Colour {
    RED,
    X
  }

  record Holder(
      List<String> strings,
      List<Object> objects,
      Map<String, Integer> numbers,
      byte[][] bytes,
      List<Colour> colours,
      List<Character> chars) {
    static Type of(String component) {
      return Arrays.stream(Holder.class.getRecordComponents())
          .filter(each -> each.getName().equals(component))
          .findFirst()
          .orElseThrow()
          .getGenericType();
    }
  }

  /** 200 MB of characters, in a copy of 150 KB. */
  @Test
  void boxes_whose_strings_overlap_exhaust_the_budget() {
    CopyBytes copy = CopyBytes.overlappingBoxes(2000, 100_000);
    exhausts(Holder.of("strings"), copy);
    exhausts(Holder.of("objects"), copy);
    exhausts(Object.class, copy);
  }

  @Test
  void strings_and_bytes_that_overlap_exhaust_the_budget() {
    int n = 2000;
    int size = 100_000;
    for (int type : new int[] {T_STRING, T_BYTES}) {
      CopyBytes copy = bytes().node(LIST, 0, type, n);
      for (int i = 0; i < n; i++) {
        copy.slot(type == T_STRING ? string(8 + 8 * n, size, 0) : child(8 + 8 * n, size));
      }
      copy.raw(new byte[size]);
      exhausts(Holder.of("objects"), copy);
      exhausts(Holder.of(type == T_STRING ? "strings" : "bytes"), copy);
    }
  }

  @Test
  void keys_that_overlap_exhaust_the_budget() {
    exhausts(Holder.of("numbers"), CopyBytes.overlappingKeys(2000, 100_000));
  }

  @Test
  void exts_that_overlap_exhaust_the_budget() {
    int n = 2000;
    int size = 100_000;
    CopyBytes copy = bytes().node(LIST, 0, T_EXT, n);
    for (int i = 0; i < n; i++) {
      copy.slot(child(8 + 8 * n, 16 + size));
    }
    copy.node(EXT, 0, T_STRING, ExtIds.SYMBOL).slot(string(16, size, 0)).raw(new byte[size]);
    exhausts(Holder.of("strings"), copy);
    exhausts(Holder.of("objects"), copy);
    CopyBytes enums = bytes().node(LIST, 0, T_EXT, n);
    for (int i = 0; i < n; i++) {
      enums.slot(child(8 + 8 * n, 40 + size));
    }
    enums.raw(constant(0, size, 0));
    exhausts(Holder.of("strings"), enums);
    exhausts(Holder.of("colours"), enums);
    exhausts(Holder.of("chars"), enums);
    exhausts(char[].class, enums);
  }

  /** The enum constant X of a class with a long name, of a kind of characters. */
  private static byte[] constant(int flags, int size, int kind) {
    byte[] name = new byte[size];
    Arrays.fill(name, (byte) 0x80); // in UTF-8 not well formed
    return bytes()
        .node(EXT, flags, T_LIST, ExtIds.ENUM)
        .slot(child(16, 24 + size))
        .node(LIST, 0, T_STRING, 2)
        .slot(string(24, size, kind), inline("X"))
        .raw(name)
        .toArray();
  }

  /**
   * References to one constant are many in valid copies, too; so none costs what its class does.
   */
  @Test
  void the_name_of_an_enums_class_is_not_looked_at() {
    int n = 2000;
    int size = 100_000;
    CopyBytes copy = bytes().node(LIST, 0, T_REF, n);
    for (int i = 0; i < n; i++) {
      copy.slot(ref(8 + 8 * n, 40 + size));
    }
    copy.raw(constant(FLAG_SHARED, size, 2));
    Object colours = new TypedReader(Holder.of("colours"), false).read(copy.image());
    assertEquals(Collections.nCopies(n, Colour.X), colours);
  }

  record Numbers(long a, double b, int c) {}

  record Longs(long a, long b, long c) {}

  record Held(List<Numbers> maps, List<Long> boxes, List<BigInteger> wholes) {}

  private static Type held(String component) {
    return Arrays.stream(Held.class.getRecordComponents())
        .filter(each -> each.getName().equals(component))
        .findFirst()
        .orElseThrow()
        .getGenericType();
  }

  /** Numbers that end at the same byte, each of them all zeros, and references to each. */
  private static CopyBytes referencesToOverlappingNumbers(int n, boolean fromMaps) {
    int size = 8;
    int maps = fromMaps ? n / 3 : 0;
    int first = fromMaps ? 8 + (8 + 40) * maps : 8 + 8 * n;
    int end = first + 16 * n + size;
    CopyBytes copy = bytes().node(LIST, 0, fromMaps ? T_MAP : T_REF, fromMaps ? maps : n);
    for (int i = 0; i < maps; i++) {
      copy.slot(child(8 + 8 * maps + 40 * i, 40));
    }
    for (int i = 0; i < n; i++) {
      int map = fromMaps ? 8 + 8 * maps + 40 * (i / 3) : 0;
      if (fromMaps && i % 3 == 0) {
        copy.node(MAP, FLAG_TYPES, 0, 0);
      }
      copy.slot(ref(first + 16 * i - map, end - first - 16 * i));
      if (fromMaps && i % 3 == 2) {
        copy.u8(T_REF, T_REF, T_REF).pad();
      }
    }
    for (int i = 0; i < n; i++) {
      copy.node(EXT, FLAG_SHARED, T_BYTES, ExtIds.BIG_INTEGER).slot(child(16 * (n - i), size));
    }
    return copy.raw(new byte[size]);
  }

  private static void exhausts(Type type, byte[] copy) {
    TypedReader reader = new TypedReader(type, false);
    Image image = CopyBytes.image(copy, SCHEMA);
    CorruptRegionException e =
        assertThrows(CorruptRegionException.class, () -> reader.read(image), type::toString);
    assertTrue(e.getMessage().contains("values of the copy overlap"), e.getMessage());
  }

  @Test
  void referenced_numbers_that_overlap_exhaust_the_budget() {
    byte[] list = referencesToOverlappingNumbers(60, false).toArray();
    exhausts(long[].class, list);
    exhausts(double[].class, list);
    exhausts(float[].class, list);
    exhausts(held("boxes"), list);
    exhausts(held("maps"), referencesToOverlappingNumbers(60, true).toArray());
  }

  @Test
  void numbers_of_primitive_fields_that_overlap_exhaust_the_budget() {
    int size = 600;
    CopyBytes copy = bytes().node(MAP, FLAG_TYPES, 0, 0);
    for (int i = 0; i < 3; i++) {
      copy.slot(child(40, 16 + size));
    }
    copy.u8(T_EXT, T_EXT, T_EXT).pad();
    copy.node(EXT, 0, T_BYTES, ExtIds.BIG_INTEGER).slot(child(16, size)).raw(new byte[size]);
    exhausts(Longs.class, copy.toArray());
  }

  /** In valid copies, too; so it is looked at once, and what it takes is not charged again. */
  @Test
  void many_references_may_lead_to_one_long_number() {
    int n = 3000;
    int size = 1000;
    byte[] bytes = new byte[size];
    bytes[size - 1] = 42;
    byte[] number =
        bytes()
            .node(EXT, FLAG_SHARED, T_BYTES, ExtIds.BIG_INTEGER)
            .slot(child(16, size))
            .raw(bytes)
            .toArray();
    CopyBytes list = bytes().node(LIST, 0, T_REF, n);
    CopyBytes maps = bytes().node(LIST, 0, T_MAP, n);
    for (int i = 0; i < n; i++) {
      list.slot(ref(8 + 8 * n, 16 + size));
      maps.slot(child(8 + 8 * n + 40 * i, 40));
    }
    for (int i = 0; i < n; i++) {
      long ref = ref(40 * (n - i), 16 + size);
      maps.node(MAP, FLAG_TYPES, 0, 0).slot(ref, ref, ref).u8(T_REF, T_REF, T_REF).pad();
    }
    byte[] copy = list.raw(number).toArray();
    long[] longs = (long[]) read(long[].class, copy);
    double[] doubles = (double[]) read(double[].class, copy);
    assertEquals(n * 42L, Arrays.stream(longs).sum());
    assertEquals(n * 42.0, Arrays.stream(doubles).sum());
    Image image = CopyBytes.image(maps.raw(number).toArray(), SCHEMA);
    assertEquals(
        Collections.nCopies(n, new Numbers(42, 42, 42)),
        new TypedReader(held("maps"), false).read(image));
  }

  /** A decimal and its integer have digits of their own. */
  @Test
  void references_to_one_decimal_are_one_integer() {
    int n = 3000;
    int size = 1000;
    byte[] digits = new BigInteger("5" + "0".repeat(size - 1)).toByteArray();
    CopyBytes list = bytes().node(LIST, 0, T_REF, n);
    int extent = 48 + digits.length;
    for (int i = 0; i < n; i++) {
      list.slot(ref(8 + 8 * n, extent));
    }
    list.node(EXT, FLAG_SHARED, T_LIST, ExtIds.DECIMAL)
        .slot(child(16, extent - 16))
        .node(LIST, FLAG_TYPES, 0, 2)
        .slot(1, child(32, digits.length))
        .u8(T_I32, T_BYTES)
        .pad()
        .raw(digits);
    Object read = new TypedReader(held("wholes"), false).read(list.image(SCHEMA));
    List<?> wholes = (List<?>) read;
    assertEquals(BigInteger.TEN.pow(size - 2).multiply(BigInteger.valueOf(5)), wholes.get(0));
    wholes.forEach(each -> assertSame(wholes.get(0), each));
  }

  private static byte[] chainOfOwnedRecords(int levels) {
    CopyBytes copy = bytes();
    for (int i = levels; i > 0; i--) {
      copy.node(MAP, FLAG_TYPES, 0, 0).slot(child(40, 40 * i), 0, 1).u8(T_MAP, T_NULL, T_I32).pad();
    }
    return copy.node(MAP, FLAG_TYPES, 0, 0).slot(0, 0, 1).u8(T_NULL, T_NULL, T_I32).pad().toArray();
  }

  @Test
  void a_chain_of_owned_records_deeper_than_the_limit_is_refused() throws Throwable {
    byte[] chain = chainOfOwnedRecords(700);
    DeepStack.run(
        () -> {
          CorruptRegionException e =
              assertThrows(CorruptRegionException.class, () -> read(Deep.class, chain));
          assertTrue(e.getMessage().contains("more than 512 containers"), e.getMessage());
        });
  }

  @Test
  void a_chain_of_owned_records_that_the_stack_has_no_room_for_is_an_error_of_that_copy()
      throws Throwable {
    assertNotNull(read(Deep.class, chainOfOwnedRecords(20)));
    byte[] chain = chainOfOwnedRecords(500);
    DeepStack.runWithout(
        () -> {
          RegionException e = assertThrows(RegionException.class, () -> read(Deep.class, chain));
          assertEquals(Status.TOO_DEEP, e.status());
          assertTrue(e.getMessage().contains("the thread's stack has no room"), e.getMessage());
        });
  }

  @Test
  void references_of_records_to_each_other_are_limited() {
    CopyBytes copy = bytes();
    copy.node(MAP, FLAG_TYPES | FLAG_SHARED, 0, 0)
        .slot(ref(0, 40), 0, 1)
        .u8(T_REF, T_NULL, T_I32)
        .pad();
    RegionException e = assertThrows(RegionException.class, () -> read(Deep.class, copy.toArray()));
    assertTrue(e.getMessage().contains("a cycle leads back"), e.getMessage());
  }

  record Pair(Pair a, Pair b) {}

  record Sets(
      Set<Object> any,
      Set<List<Object>> lists,
      Set<Pair> pairs,
      Map<Object, Object> keys,
      Map<List<List<Object>>, Object> listKeys) {
    static Type of(String component) {
      return Arrays.stream(Sets.class.getRecordComponents())
          .filter(each -> each.getName().equals(component))
          .findFirst()
          .orElseThrow()
          .getGenericType();
    }
  }

  private static final int LEVELS = 30;

  private static final Schema PAIR =
      CopyBytes.schema(new String[] {"a", "b"}, new int[] {T_NULL, T_NULL});

  /** Lists, or maps, of which each has the one before twice, as elements of a list. */
  private static CopyBytes doubled(int kind) {
    int size = 32;
    CopyBytes copy = bytes().node(LIST, 0, kind == LIST ? T_LIST : T_MAP, LEVELS);
    for (int i = 0; i < LEVELS; i++) {
      copy.slot(child(8 + 8 * LEVELS + size * i, size));
    }
    for (int i = 0; i < LEVELS; i++) {
      int type = i == 0 ? T_NULL : T_REF;
      long slot = i == 0 ? 0 : ref(-size, size);
      copy.node(kind, FLAG_SHARED | FLAG_TYPES, 0, kind == LIST ? 2 : 0)
          .slot(slot, slot)
          .u8(type, type)
          .pad();
    }
    return copy;
  }

  private static void tooLarge(Type type, CopyBytes copy, Schema schema) {
    TypedReader reader = new TypedReader(type, false);
    Image image = copy.image(schema);
    RegionException e = assertThrows(RegionException.class, () -> reader.read(image));
    assertEquals(Status.TOO_LARGE, e.status(), e.getMessage());
    assertTrue(e.getMessage().contains("would take too long"), e.getMessage());
  }

  /** A hash code would look 2³⁰ times. */
  @Test
  void elements_and_keys_that_stand_for_any_number_of_visits_are_refused() {
    CopyBytes lists = within(doubled(LIST));
    tooLarge(Set.class, lists, CopyBytes.schema());
    tooLarge(Sets.of("any"), lists, CopyBytes.schema());
    tooLarge(Sets.of("lists"), lists, CopyBytes.schema());
    tooLarge(Sets.of("pairs"), doubled(MAP), PAIR);
    tooLarge(Sets.of("keys"), pairs(doubled(LIST)), CopyBytes.schema());
    tooLarge(Sets.of("listKeys"), pairs(doubled(LIST)), CopyBytes.schema());
  }

  /** A list with a value as its only element. */
  private static CopyBytes within(CopyBytes value) {
    byte[] content = value.pad().toArray();
    return bytes().node(LIST, 0, T_LIST, 1).slot(child(16, content.length)).raw(content);
  }

  /** A map with a list as its only key. */
  private static CopyBytes pairs(CopyBytes key) {
    byte[] content = key.pad().toArray();
    return bytes()
        .node(EXT, 0, T_LIST, ExtIds.MAP)
        .slot(child(16, 32 + content.length))
        .node(LIST, FLAG_TYPES, 0, 2)
        .slot(child(32, content.length), 0)
        .u8(T_LIST, T_NULL)
        .pad()
        .raw(content);
  }
}
