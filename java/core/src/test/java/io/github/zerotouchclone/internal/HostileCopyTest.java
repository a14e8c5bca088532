package io.github.zerotouchclone.internal;

import static io.github.zerotouchclone.internal.CopyBytes.child;
import static io.github.zerotouchclone.internal.CopyBytes.inline;
import static io.github.zerotouchclone.internal.CopyBytes.ref;
import static io.github.zerotouchclone.internal.CopyBytes.string;
import static io.github.zerotouchclone.internal.Node.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.zerotouchclone.CorruptRegionException;
import io.github.zerotouchclone.Ext;
import io.github.zerotouchclone.RegionException;
import io.github.zerotouchclone.Status;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.OffsetDateTime;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What ill-formed bytes end in: an error with a place, in bounded time and memory. */
class HostileCopyTest {
  private static CopyBytes bytes() {
    return new CopyBytes();
  }

  private static void refused(String reason, CopyBytes copy) {
    CorruptRegionException decoded = assertThrows(CorruptRegionException.class, copy::decode);
    CorruptRegionException printed = assertThrows(CorruptRegionException.class, copy::text);
    for (CorruptRegionException e : new CorruptRegionException[] {decoded, printed}) {
      assertEquals(Status.CORRUPT, e.status());
      assertTrue(e.offset() >= 0, e.getMessage());
      assertTrue(e.getMessage().contains(reason), e.getMessage());
      assertTrue(e.getMessage().startsWith("hand-made: record 17: byte "), e.getMessage());
    }
  }

  @Test
  void headers_are_checked() {
    refused("no room for a node", bytes());
    refused("there is no node of kind 9", bytes().node(9, 0, 0, 0));
    refused("there is no node of kind 7", graph(24, bytes().node(GRAPH, 0, 0, 0).slot(0, 0)));
    refused("there is no shape 0", bytes().node(MAP, 0, 0, 0));
    refused("slots lead out", bytes().node(LIST, 0, T_I64, 2).slot(1));
    refused("slots lead out", bytes().node(LIST, 0, T_I64, -1).slot(1));
    refused("slots lead out", bytes().node(DICT, 0, T_I64, 0x7fff_ffff).slot(1));
    refused("slots lead out", bytes().node(ARRAY, 0, T_I64, 0x2000_0001).slot(1));
    refused("slots lead out", bytes().node(LIST, FLAG_TYPES, 0, 1).slot(1));
    refused("elements of type 9", bytes().node(ARRAY, 0, T_BYTES, 1).slot(1));
    refused("root lies outside", graph(0x7fff_fff8, bytes()));
    refused("root lies outside", graph(-8, bytes()));
    refused("root lies outside", graph(8, bytes()));
    refused("not aligned", graph(28, bytes().slot(0)));
  }

  private static CopyBytes graph(int root, CopyBytes rest) {
    return bytes().node(GRAPH, 0, 0, 0).u32(0).u32(root).u32(0).u32(0).raw(rest.toArray());
  }

  @Test
  void slots_are_checked() {
    refused("there is no type 10", bytes().node(LIST, 0, 10, 1).slot(0));
    refused("there is no type 200", bytes().node(LIST, 0, 200, 1).slot(0));
    refused("neither 0 nor 1", bytes().node(LIST, 0, T_BOOL, 1).slot(2));
    refused("does not fit its width", bytes().node(LIST, 0, T_I8, 1).slot(128));
    refused("does not fit its width", bytes().node(LIST, 0, T_I32, 1).slot(1L << 31));
    refused("a box holds a container", bytes().node(BOX, 0, T_LIST, 0).slot(0));
  }

  @Test
  void strings_and_bytes_are_checked() {
    refused("leads out", bytes().node(LIST, 0, T_STRING, 1).slot(string(16, 9, 0)).slot(0));
    refused("leads out", bytes().node(LIST, 0, T_STRING, 1).slot(string(-1, 9, 0)).slot(0));
    refused("overlaps", bytes().node(LIST, 0, T_STRING, 1).slot(string(8, 8, 0)).slot(0));
    refused("leads out", bytes().node(LIST, 0, T_BYTES, 1).slot(child(16, -1)).slot(0));
    refused("not well formed", bytes().node(LIST, 0, T_STRING, 1).slot(string(16, 8, 2)).slot(-1));
    refused("not well formed", bytes().node(LIST, 0, T_STRING, 1).slot(inline("a") | 3L << 60));
    refused(
        "overlaps",
        bytes().node(LIST, 0, T_STRING, 2).slot(string(24, 8, 0), string(28, 8, 0)).slot(0, 0));
  }

  @Test
  void children_are_checked() {
    CopyBytes twice = bytes().node(LIST, 0, T_LIST, 2).slot(child(24, 16), child(24, 16));
    refused("overlaps", twice.node(LIST, 0, T_I32, 1).slot(1));
    refused("overlaps", bytes().node(LIST, 0, T_LIST, 1).slot(child(0, 16)));
    refused("leads out", bytes().node(LIST, 0, T_LIST, 1).slot(child(16, 16)).slot(0));
    refused("not aligned", bytes().node(LIST, 0, T_LIST, 1).slot(child(20, 8)).slot(0, 0));
    refused("leads out of its extent", bytes().node(LIST, 0, T_LIST, 1).slot(child(16, 4)).slot(0));
    refused(
        "of kind 4, its slot of type 16",
        bytes().node(LIST, 0, T_LIST, 1).slot(child(16, 8)).node(ARRAY, 0, T_I8, 0));
    refused("overlaps", bytes().node(LIST, 0, T_ARRAY, 1).slot(0));
  }

  @Test
  void references_are_checked() {
    refused("not shared", bytes().node(LIST, 0, T_REF, 1).slot(ref(0, 16)));
    refused("leads out", bytes().node(LIST, 0, T_REF, 1).slot(ref(-8, 16)));
    refused("leads out", bytes().node(LIST, 0, T_REF, 1).slot(ref(16, 16)));
    refused("leads out", bytes().node(LIST, 0, T_REF, 1).slot(ref(0, -1)));
    refused("leads out", bytes().node(LIST, 0, T_REF, 1).slot(3)); // an id, not resolved
    refused("not aligned", bytes().node(LIST, FLAG_SHARED, T_REF, 1).slot(ref(4, 8)));
    refused(
        "a box holds a container",
        bytes()
            .node(LIST, 0, T_REF, 1)
            .slot(ref(16, 16))
            .node(BOX, FLAG_SHARED, T_REF, 0)
            .slot(ref(0, 16)));
  }

  @Test
  void rows_are_checked() {
    refused("no rows of shape 7", bytes().node(ROWS, 0, 7, 1).slot(0));
    Schema schema = CopyBytes.schema(new String[] {"a", "b"}, new int[] {T_LIST, T_I32});
    String[] reasons = {"no rows", "slots lead out", "overlaps", "a row that does not exist"};
    CopyBytes[] copies = {
      bytes().node(ROWS, 0, 0, 0),
      bytes().node(ROWS, 0, 0, 2).slot(0, 1, 0),
      bytes()
          .node(ROWS, 0, 0, 2)
          .slot(child(40, 16), 1, child(40, 16), 2)
          .node(LIST, 0, 0, 0)
          .slot(0),
      bytes().node(GRAPH, 0, 0, 0).u32(0).u32(24).u32(0).u32(3).node(ROWS, 0, 0, 2).slot(0, 1, 0, 2)
    };
    for (int i = 0; i < copies.length; i++) {
      Image image = copies[i].image(schema);
      String decoded =
          assertThrows(CorruptRegionException.class, () -> Decoder.decode(Node.root(image)))
              .getMessage();
      String printed =
          assertThrows(CorruptRegionException.class, () -> TypedText.of(Node.root(image)))
              .getMessage();
      assertTrue(decoded.contains(reasons[i]), decoded);
      assertTrue(printed.contains(reasons[i]), printed);
    }
  }

  @Test
  void nesting_is_limited() throws Throwable {
    assertEquals("[".repeat(512) + "]".repeat(512), nested(512).text());
    DeepStack.run(nested(512)::decode);
    DeepStack.run(() -> refused("more than 512 containers", nested(513)));
    DeepStack.run(() -> refused("more than 512 containers", nested(20_000)));
  }

  @Test
  void nesting_that_the_stack_has_no_room_for_is_an_error_of_that_value() throws Throwable {
    Decoder decoder = new Decoder();
    Node shallow = Node.root(nested(20).image());
    Object expected = decoder.object(shallow);
    Node deep = Node.root(nested(500).image());
    List<Executable> ways =
        List.of(
            () -> decoder.object(deep),
            () -> decoder.compactObject(deep),
            () -> decoder.object(deep, 0));
    for (Executable way : ways) {
      DeepStack.runWithout(
          () -> {
            RegionException e = assertThrows(RegionException.class, way);
            assertEquals(Status.TOO_DEEP, e.status());
            assertTrue(e.getMessage().contains("the thread's stack has no room"), e.getMessage());
          });
      assertEquals(expected, decoder.object(shallow)); // it is as good as before
    }
  }

  private static CopyBytes nested(int depth) {
    CopyBytes copy = bytes();
    for (int i = 1; i < depth; i++) {
      copy.node(LIST, 0, T_LIST, 1).slot(child(16, (depth - i) * 16));
    }
    return copy.node(LIST, 0, 0, 0).slot(0);
  }

  @Test
  void a_map_with_a_key_twice_is_refused() {
    CorruptRegionException e =
        assertThrows(
            CorruptRegionException.class,
            bytes().node(DICT, 0, T_I32, 2).slot(inline("a"), 1, inline("a"), 2).slot(0)::decode);
    assertTrue(e.getMessage().contains("same key twice"), e.getMessage());
  }

  @Test
  void an_order_that_leads_out_is_refused() {
    CopyBytes copy = bytes().node(DICT, 0, T_I32, 1).slot(inline("a"), 1).u32(1).u32(0);
    Node node = Node.root(copy.image());
    assertThrows(CorruptRegionException.class, () -> node.find("a"));
  }

  /** Many shared lists that all claim the same large child would make work that grows squared. */
  @Test
  void values_that_share_bytes_exhaust_the_budget() {
    int heads = 2000;
    int large = 20_000;
    CopyBytes copy = bytes().node(LIST, 0, T_REF, heads);
    int first = 8 + 8 * heads;
    int child = first + 16 * heads;
    int end = child + 8 + 8 * large;
    for (int i = 0; i < heads; i++) {
      copy.slot(ref(first + 16 * i, end - first - 16 * i));
    }
    for (int i = 0; i < heads; i++) {
      copy.node(LIST, FLAG_SHARED, T_LIST, 1).slot(child(child - first - 16 * i, end - child));
    }
    copy.node(LIST, 0, T_NULL, large);
    for (int i = 0; i < large; i++) {
      copy.slot(0);
    }
    refused("values of the copy overlap", copy);
  }

  /** Shared exts, one behind the other, that all claim the same payload at the end. */
  private static CopyBytes exts(int id, int type, int payload, int heads, CopyBytes end) {
    byte[] rest = end.toArray();
    CopyBytes copy = bytes().node(LIST, 0, T_REF, heads);
    for (int i = 0; i < heads; i++) {
      int first = 8 + 8 * heads + 16 * i;
      copy.slot(ref(first, 16 * (heads - i) + rest.length));
    }
    for (int i = 0; i < heads; i++) {
      int at = 16 * (heads - i);
      boolean isString = type == T_STRING;
      copy.node(EXT, FLAG_SHARED, type, id);
      copy.slot(isString ? string(at, payload, 0) : child(at, payload));
    }
    return copy.raw(rest);
  }

  /** As the content of a zoned date and time, with a zone that there is not. */
  private static CopyBytes noZone(int size) {
    return bytes()
        .node(LIST, FLAG_TYPES, 0, 2)
        .slot(child(32, 152), string(184, size, 0))
        .u8(T_EXT, T_STRING)
        .pad()
        .node(EXT, 0, T_LIST, ExtIds.OFFSET_DATE_TIME)
        .slot(child(16, 136))
        .node(LIST, FLAG_TYPES, 0, 2)
        .slot(child(32, 104), 0)
        .u8(T_EXT, T_I32)
        .pad()
        .node(EXT, 0, T_LIST, ExtIds.LOCAL_DATE_TIME)
        .slot(child(16, 88))
        .node(LIST, 0, T_EXT, 2)
        .slot(child(24, 48), child(72, 16))
        .node(EXT, 0, T_LIST, ExtIds.LOCAL_DATE)
        .slot(child(16, 32))
        .node(LIST, 0, T_I64, 3)
        .slot(2026, 11, 23)
        .node(EXT, 0, T_I64, ExtIds.LOCAL_TIME)
        .slot(0)
        .raw(new byte[size]);
  }

  private static CopyBytes list(int type, int count) {
    CopyBytes list = bytes().node(LIST, 0, type, count);
    for (int i = 0; i < count; i++) {
      list.slot(0);
    }
    return list;
  }

  /** Objects for all that references lead to are made before any of them gets its content. */
  private static void refusedBeforeThereIsContent(CopyBytes copy) {
    Image image = copy.image();
    Decoder decoder = new Decoder();
    decoder.begin(image, image.size());
    CorruptRegionException e =
        assertThrows(CorruptRegionException.class, () -> decoder.root(Node.root(image)));
    assertTrue(e.getMessage().contains("values of the copy overlap"), e.getMessage());
    refused("values of the copy overlap", copy);
  }

  /** To find out that a text is no URI takes as long as to read it. */
  @Test
  void ext_values_that_share_bytes_exhaust_the_budget_also_if_they_have_no_java_value() {
    int size = 8000;
    int heads = 200;
    CopyBytes text = bytes().raw(new byte[size]);
    for (int id : new int[] {ExtIds.URI, ExtIds.ZONE}) {
      assertEquals(
          Ext.class, ((List<?>) exts(id, T_STRING, size, 1, text).decode()).get(0).getClass());
      refusedBeforeThereIsContent(exts(id, T_STRING, size, heads, text));
    }
    refusedBeforeThereIsContent(exts(ExtIds.UUID, T_BYTES, size, heads, text));
    CopyBytes zoned = noZone(size);
    int id = ExtIds.ZONED_DATE_TIME;
    int extent = zoned.toArray().length;
    Ext one = (Ext) ((List<?>) exts(id, T_LIST, extent, 1, zoned).decode()).get(0);
    assertEquals(OffsetDateTime.class, ((List<?>) one.payload()).get(0).getClass());
    refusedBeforeThereIsContent(exts(id, T_LIST, extent, heads, zoned));
  }

  /** A list's elements are looked at, or counted to have room for them, before it is filled. */
  @Test
  void ext_values_that_share_a_list_exhaust_the_budget_before_there_is_room_for_its_elements() {
    int count = 1000;
    int extent = 8 + 8 * count;
    for (int id : new int[] {ExtIds.TUPLE, ExtIds.SET, ExtIds.MAP}) {
      refusedBeforeThereIsContent(exts(id, T_LIST, extent, 200, list(T_I64, count)));
    }
  }

  /** What an ext is not is its content, which may be an ext again. */
  @Test
  void ext_values_without_a_java_value_may_be_long_and_be_inside_each_other() {
    int size = 8000;
    CopyBytes text = bytes().node(EXT, 0, T_STRING, ExtIds.URI).slot(string(16, size, 0));
    Ext ext = (Ext) text.raw(new byte[size]).decode();
    assertEquals(size, ((String) ext.payload()).length());
    int levels = 200;
    CopyBytes nested = bytes(); // 56 bytes each: an ext, and a list of a text and the next ext
    for (int i = levels; i > 0; i--) {
      nested.node(EXT, 0, T_LIST, ExtIds.URI).slot(child(16, 56 * i));
      nested.node(LIST, FLAG_TYPES, 0, 2).slot(string(32, 8, 0), child(40, 56 * i - 40));
      nested.u8(T_STRING, T_EXT).pad().slot(0);
    }
    nested.node(EXT, 0, T_NULL, ExtIds.URI).slot(0);
    Object inside = nested.decode();
    for (int i = 0; i < levels; i++) {
      inside = ((List<?>) ((Ext) inside).payload()).get(1);
    }
    assertNull(((Ext) inside).payload());
  }

  /** 200 MB of characters, in a copy of 150 KB. */
  @Test
  void boxes_whose_strings_overlap_exhaust_the_budget() {
    refused("values of the copy overlap", CopyBytes.overlappingBoxes(2000, 100_000));
  }

  @Test
  void keys_that_overlap_are_refused() {
    CopyBytes copy = CopyBytes.overlappingKeys(2000, 100_000);
    refused("overlaps", copy);
    Node map = Node.root(copy.image());
    CorruptRegionException e = assertThrows(CorruptRegionException.class, map::keys);
    assertTrue(e.getMessage().contains("overlaps"), e.getMessage());
  }

  @Test
  void a_shared_string_is_not_printed_without_end() {
    int references = 60_000;
    int size = 400_000;
    CopyBytes copy = bytes().node(LIST, 0, T_REF, references);
    int box = 8 + 8 * references;
    for (int i = 0; i < references; i++) {
      copy.slot(ref(box, 16 + size));
    }
    copy.node(BOX, FLAG_SHARED, T_STRING, 0).slot(string(16, size, 0)).raw(new byte[size]);
    copy.decode();
    assertEquals(Status.TOO_LARGE, assertThrows(RegionException.class, copy::text).status());
  }

  /** 100 MB of text, from 40 KB of rows and a key of 20 KB. */
  @Test
  void a_long_key_is_not_printed_without_end() {
    CopyBytes copy = rowsOfOneKey(5000);
    Schema schema = CopyBytes.schema(new String[] {"k".repeat(20_000)}, new int[] {T_I32});
    Image image = copy.image(schema);
    assertEquals(5000, ((List<?>) Decoder.decode(Node.root(image))).size());
    RegionException e = assertThrows(RegionException.class, () -> TypedText.of(Node.root(image)));
    assertEquals(Status.TOO_LARGE, e.status());
    assertTrue(
        e.getMessage().contains("repeat long keys or shared strings too often"), e.getMessage());
  }

  @Test
  void longish_keys_of_many_tiny_maps_are_printed() {
    int rows = 100_000;
    Schema schema = CopyBytes.schema(new String[] {"k".repeat(200)}, new int[] {T_I32});
    String text = TypedText.of(Node.root(rowsOfOneKey(rows).image(schema)));
    int row = "{\"\":0i32},".length() + 200;
    assertEquals(rows * row + 1, text.length());
  }

  private static CopyBytes rowsOfOneKey(int rows) {
    return bytes().node(ROWS, 0, 0, rows).slot(0).slot(new long[rows]);
  }

  /** Any outcome but a value or the one exception fails the test. */
  @Test
  void random_damage_gives_a_value_or_an_error() {
    Schema schema =
        CopyBytes.schema(new String[] {"a", "b", "c"}, new int[] {T_LIST, T_STRING, T_I32});
    damage(schema, CopyBytes.soundRows(), 30_000);
    byte[] sound =
        bytes()
            .node(MAP, FLAG_TYPES | FLAG_SHARED, 0, 0)
            .slot(child(40, 72), string(112, 9, 2), child(128, 72))
            .u8(T_LIST, T_STRING, T_MAP)
            .pad()
            .node(LIST, FLAG_TYPES | FLAG_SHARED, 0, 3)
            .slot(ref(-40, 200), child(40, 16), child(56, 16))
            .u8(T_REF, T_LIST, T_ARRAY)
            .pad()
            .node(LIST, 0, T_F64, 1)
            .slot(5)
            .node(ARRAY, 0, T_I16, 4)
            .slot(6)
            .text("nine char")
            .pad()
            .node(DICT, FLAG_TYPES, 0, 2)
            .slot(inline("k"), ref(-88, 72), inline("l"), child(56, 16))
            .u32(0)
            .u32(1)
            .u8(T_REF, T_EXT)
            .pad()
            .node(EXT, FLAG_SHARED, T_REF, 18)
            .slot(ref(-184, 200))
            .pad()
            .toArray();
    assertEquals(
        "&1{\"a\":&2[*1,[2.5e-323f64],i16[6,0,0,0]],\"b\":\"nine char\","
            + "\"c\":{\"k\":*2,\"l\":ext(18,*1)}}",
        TypedText.of(Node.root(CopyBytes.image(sound, schema))));
    damage(schema, sound, 60_000);
  }

  private static void damage(Schema schema, byte[] sound, int rounds) {
    long seed = 20_260_101;
    readAll(CopyBytes.image(sound, schema));
    Random random = new Random(seed);
    int refused = 0;
    for (int round = 0; round < rounds; round++) {
      byte[] damaged = sound.clone();
      for (int i = random.nextInt(4); i >= 0; i--) {
        int at = random.nextInt(damaged.length);
        damaged[at] = (byte) (random.nextBoolean() ? random.nextInt(40) : random.nextInt());
      }
      try {
        readAll(CopyBytes.image(damaged, schema));
      } catch (CorruptRegionException e) {
        refused++;
      } catch (Throwable e) {
        throw new AssertionError("seed " + seed + ", round " + round, e);
      }
    }
    assertTrue(refused > rounds / 8, refused + " rounds of " + rounds + " were refused");
  }

  private static void readAll(Image image) {
    CorruptRegionException failure = null;
    try {
      Decoder.decode(Node.root(image));
    } catch (CorruptRegionException e) {
      failure = e;
    }
    try {
      TypedText.of(Node.root(image));
      boolean agree = failure == null || failure.getMessage().contains("same key twice");
      assertTrue(agree, "only the text is possible");
    } catch (CorruptRegionException e) {
      failure = e;
    }
    Node node = Node.root(image);
    if (node.isMap()) {
      for (String key : node.keys()) {
        int i = node.find(key);
        if (i >= 0) {
          node.valueType(i);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  @Test
  void a_number_counts_as_often_as_its_hash_code_looks_at_its_digits() {
    BigInteger large = BigInteger.ONE.shiftLeft(64_000);
    assertEquals(1001, new LooseKeys(5000).visits(large));
    assertEquals(1001, new LooseKeys(5000).visits(new BigDecimal(large, 3)));
    assertEquals(4005, new LooseKeys(5000).visits(Collections.nCopies(4, large)));
    assertEquals(-1, new LooseKeys(5000).visits(Collections.nCopies(5, large)));
  }

  @Test
  void a_box_that_claims_a_container_has_no_value() {
    for (int type : new int[] {10, T_LIST, T_MAP, T_ARRAY, T_EXT, 20, T_REF + 1, 200}) {
      CopyBytes root = bytes().node(BOX, 0, type, 0).slot(0);
      assertThrows(CorruptRegionException.class, () -> Node.root(root.image()), "type " + type);
      CopyBytes target =
          bytes().node(LIST, 0, T_REF, 1).slot(ref(16, 16)).node(BOX, FLAG_SHARED, type, 0).slot(0);
      Node list = Node.root(target.image());
      assertThrows(CorruptRegionException.class, () -> list.valueType(0), "type " + type);
      assertThrows(CorruptRegionException.class, () -> list.holder(0), "type " + type);
    }
  }
}
