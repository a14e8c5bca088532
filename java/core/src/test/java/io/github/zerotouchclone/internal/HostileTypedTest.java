package io.github.zerotouchclone.internal;

import static io.github.zerotouchclone.internal.CopyBytes.child;
import static io.github.zerotouchclone.internal.CopyBytes.inline;
import static io.github.zerotouchclone.internal.CopyBytes.ref;
import static io.github.zerotouchclone.internal.CopyBytes.string;
import static io.github.zerotouchclone.internal.Node.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
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
    return read(new TypedReader(type, false), CopyBytes.image(copy, SCHEMA));
  }

  /** As copies are read: what is not plain the other way, which refuses whatever is damaged. */
  private static Object read(TypedReader reader, Image image) {
    Object plain = plain(reader, image);
    try {
      Object read = reader.read(image);
      if (plain instanceof Record) { // beans are not equal to each other
        assertEquals(read, plain);
      }
      return read;
    } catch (RegionException e) {
      assertNull(plain, e.getMessage());
      throw e;
    }
  }

  private static Object plain(TypedReader reader, Image image) {
    return reader.readPlain(new Plain(), image.bytes, image.start, image.limit, image.schema);
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
        read(readers[round % 3], CopyBytes.image(damaged, SCHEMA));
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

  record Texts(List<String> a, String b, int c) {}

  record TextLists(List<List<String>> a, String b, int c) {}

  record Rooted(List<Texts> a, String b, int c) {}

  /** A map {a, b, c} with a list, which begins at byte 32 and extends over the rest. */
  private static CopyBytes withList(CopyBytes list) {
    byte[] content = list.pad().toArray();
    return bytes().node(MAP, 0, 0, 0).slot(child(32, content.length), inline("x"), -5).raw(content);
  }

  private static CopyBytes texts(String... texts) {
    CopyBytes list = bytes().node(LIST, 0, T_STRING, texts.length);
    int at = 8 + 8 * texts.length;
    for (String text : texts) {
      list.slot(text.length() < 8 ? inline(text) : string(at, text.length(), 0));
      at += text.length() < 8 ? 0 : text.length();
    }
    for (String text : texts) {
      list.text(text.length() < 8 ? "" : text);
    }
    return list;
  }

  private static CopyBytes rows(long... lists) {
    CopyBytes rows = bytes().node(ROWS, 0, 0, lists.length);
    for (long list : lists) {
      rows.slot(list, inline("row"), 7);
    }
    return rows;
  }

  private static byte[] soundTexts() {
    return withList(texts("inline", "longer than a slot", "", "and one more")).toArray();
  }

  private static byte[] soundLists() {
    byte[] inner = texts("one", "the second one").pad().toArray();
    CopyBytes list = bytes().node(LIST, 0, T_LIST, 2).slot(child(24, inner.length), 0);
    return withList(list.raw(inner)).toArray();
  }

  private static byte[] soundRooted() {
    byte[] inner = texts("a", "a note of its own").pad().toArray();
    return withList(rows(0, child(56, inner.length)).raw(inner)).toArray();
  }

  private static byte[] soundMaps() {
    byte[] inner = withList(texts("a note of its own")).pad().toArray();
    CopyBytes list = bytes().node(LIST, 0, T_MAP, 1).slot(child(16, inner.length));
    return withList(list.raw(inner)).toArray();
  }

  private static void refuses(Class<?> type, byte[] copy) {
    assertThrows(CorruptRegionException.class, () -> read(type, copy), type::getSimpleName);
  }

  private static byte[] changed(byte[] sound, int slot, long value) {
    byte[] changed = sound.clone();
    LittleEndian.putLong(changed, slot, value);
    return changed;
  }

  /** A list that would be sound, but for what the slot says about where it is. */
  @Test
  void a_child_out_of_place_is_refused_as_if_none_were_plain() {
    byte[] sound = withList(texts("one", "two")).toArray();
    assertNotNull(plain(new TypedReader(Texts.class, false), CopyBytes.image(sound, SCHEMA)));
    byte[] shifted =
        bytes()
            .node(MAP, 0, 0, 0)
            .slot(child(36, 24), inline("x"), -5)
            .u32(0)
            .raw(texts("one", "two").toArray())
            .toArray();
    refuses(Texts.class, shifted);
    for (int extent : new int[] {0, 4, 16, 32, Integer.MAX_VALUE, -8, -1}) {
      refuses(Texts.class, changed(sound, 8, child(32, extent)));
    }
    for (int offset : new int[] {0, 8, 24, 40, 56, 64, Integer.MAX_VALUE - 7, -32, -8}) {
      refuses(Texts.class, changed(sound, 8, child(offset, 24)));
    }
  }

  @Test
  void slots_that_lead_out_of_their_node_are_refused_as_if_none_were_plain() {
    byte[] rows = withList(rows(0, 0)).toArray();
    assertNotNull(read(Rooted.class, rows));
    refuses(Rooted.class, changed(rows, 8, child(32, 32))); // all their bytes are there
    CopyBytes map = bytes().node(MAP, 0, 0, 0).slot(0, inline("x"), 1);
    byte[] element =
        bytes().node(LIST, 0, T_MAP, 1).slot(child(16, 32)).raw(map.toArray()).toArray();
    byte[] maps = withList(bytes().raw(element)).toArray();
    assertNotNull(read(Rooted.class, maps));
    refuses(Rooted.class, changed(maps, 40, child(16, 24))); // of 3 slots
    refuses(Rooted.class, Arrays.copyOf(map.toArray(), 24));
    byte[] texts = soundTexts();
    for (long count : new long[] {12, 0x1fff_ffff, 0x2000_0000, 0x8000_0000L, 0xffff_ffffL}) {
      refuses(Texts.class, changed(texts, 32, LIST | T_STRING << 16 | count << 32));
      refuses(Rooted.class, changed(soundRooted(), 32, ROWS | count << 32));
    }
    for (long shape : new long[] {1, 0x7fff_ffff, 0x8000_0000L, 0xffff_ffffL}) {
      refuses(Texts.class, changed(texts, 0, MAP | shape << 32));
    }
    for (int row : new int[] {1, 0x7fff, 0x8000, 0xffff}) {
      refuses(Rooted.class, changed(soundRooted(), 32, ROWS | row << 16 | 2L << 32));
    }
    refuses(Rooted.class, changed(soundRooted(), 32, ROWS));
  }

  @Test
  void strings_that_lead_out_of_their_node_are_refused_as_if_none_were_plain() {
    byte[] sound = soundTexts();
    int kinds = 3;
    int most = 0x3fff_ffff;
    for (int kind = 0; kind < kinds; kind++) {
      for (int offset : new int[] {0, 8, 31, sound.length, Integer.MAX_VALUE, -1, -40}) {
        refuses(Texts.class, changed(sound, 16, string(offset, 8, kind)));
        refuses(Texts.class, changed(sound, 16, string(offset, most, kind)));
      }
      refuses(Texts.class, changed(sound, 16, string(32, sound.length - 31, kind)));
    }
    refuses(Texts.class, changed(sound, 16, inline("x") | 3L << 60)); // a kind that is none
  }

  @Test
  void values_of_the_same_bytes_are_not_plain() {
    TypedReader reader = new TypedReader(Texts.class, false);
    byte[] sound = soundTexts();
    Image strings = CopyBytes.image(changed(sound, 64, string(40, 12, 0)), SCHEMA);
    assertNotNull(read(reader, strings));
    assertNull(plain(reader, strings));
    TypedReader lists = new TypedReader(TextLists.class, false);
    byte[] list = soundLists();
    long first = LittleEndian.getLong(list, 40);
    Image twice = CopyBytes.image(changed(list, 48, first), SCHEMA);
    assertNotNull(read(lists, twice));
    assertNull(plain(lists, twice));
  }

  /** What a whole record refers to, too, is met once in it. */
  @Test
  void shared_nodes_are_plain() {
    byte[] copy = soundTexts();
    copy[1] |= FLAG_SHARED;
    copy[33] |= FLAG_SHARED;
    TypedReader reader = new TypedReader(Texts.class, false);
    Image image = CopyBytes.image(copy, SCHEMA);
    assertEquals(read(reader, image), plain(reader, image));
    copy[33] |= FLAG_TYPES;
    assertNull(plain(reader, image));
  }

  @Test
  void each_changed_byte_of_plain_records_is_met_as_if_none_were_plain() {
    eachByte(soundTexts(), Texts.class);
    eachByte(soundLists(), TextLists.class);
    eachByte(soundRooted(), Rooted.class);
    eachByte(soundMaps(), Rooted.class);
    damage(soundTexts(), Texts.class, 20_000);
    damage(soundLists(), TextLists.class, 20_000);
    damage(soundRooted(), Rooted.class, 20_000);
    damage(soundMaps(), Rooted.class, 20_000);
  }

  private static void eachByte(byte[] sound, Class<?> type) {
    TypedReader reader = new TypedReader(type, false);
    assertNotNull(plain(reader, CopyBytes.image(sound, SCHEMA)), type.getSimpleName());
    for (int i = 0; i < 256 * sound.length; i++) {
      byte[] changed = sound.clone();
      changed[i / 256] = (byte) i;
      try {
        read(reader, CopyBytes.image(changed, SCHEMA));
      } catch (RegionException e) {
        // The same either way.
      } catch (Throwable e) {
        String what = type.getSimpleName() + ", byte " + i / 256 + " is " + changed[i / 256];
        throw new AssertionError(what, e);
      }
    }
  }

  record Tree(List<Tree> a) {}

  /** Ten containers a level. */
  record Nest(List<List<List<List<List<List<List<List<List<Nest>>>>>>>>> a) {}

  @Test
  void lists_inside_lists_are_as_deep_as_other_containers() {
    byte[] copy = bytes().node(MAP, 0, 0, 0).slot(0, inline(""), 1).toArray();
    for (int level = 1; level < 60; level++) {
      byte[] below = copy;
      for (int list = 0; list < 9; list++) {
        int type = list == 0 ? T_MAP : T_LIST;
        below = bytes().node(LIST, 0, type, 1).slot(child(16, below.length)).raw(below).toArray();
      }
      copy =
          bytes()
              .node(MAP, 0, 0, 0)
              .slot(child(32, below.length), inline(""), 1)
              .raw(below)
              .toArray();
      Image image = CopyBytes.image(copy, SCHEMA);
      TypedReader reader = new TypedReader(Nest.class, false);
      assertEquals(10 * level + 1 <= 128, plain(reader, image) != null, "level " + level);
      if (10 * level + 1 > 520) {
        assertThrows(RegionException.class, () -> read(reader, image));
      } else if (10 * level + 1 < 500) {
        assertNotNull(read(reader, image));
      }
    }
  }

  private static byte[] chain(int length) {
    CopyBytes copy = bytes();
    for (int below = length - 1; below > 0; below--) {
      int extent = 32 + 48 * (below - 1);
      copy.node(MAP, 0, 0, 0).slot(child(32, 16 + extent), inline(""), 1);
      copy.node(LIST, 0, T_MAP, 1).slot(child(16, extent));
    }
    return copy.node(MAP, 0, 0, 0).slot(0, inline(""), 1).toArray();
  }

  @Test
  void only_so_many_objects_inside_each_other_are_plain() {
    for (int length : new int[] {1, 64, 65, 250}) {
      Image image = CopyBytes.image(chain(length), SCHEMA);
      TypedReader reader = new TypedReader(Tree.class, false);
      assertEquals(length <= 64 ? reader.read(image) : null, plain(reader, image));
      assertNotNull(read(reader, image));
    }
  }

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
        assertThrows(CorruptRegionException.class, () -> read(reader, copy.image()));
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
