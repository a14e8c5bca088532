package io.github.zerotouchclone.internal;

import static io.github.zerotouchclone.internal.CopyBytes.child;
import static io.github.zerotouchclone.internal.CopyBytes.f64;
import static io.github.zerotouchclone.internal.CopyBytes.inline;
import static io.github.zerotouchclone.internal.CopyBytes.ref;
import static io.github.zerotouchclone.internal.CopyBytes.string;
import static io.github.zerotouchclone.internal.Node.ARRAY;
import static io.github.zerotouchclone.internal.Node.BOX;
import static io.github.zerotouchclone.internal.Node.DICT;
import static io.github.zerotouchclone.internal.Node.EXT;
import static io.github.zerotouchclone.internal.Node.FLAG_SHARED;
import static io.github.zerotouchclone.internal.Node.FLAG_TYPES;
import static io.github.zerotouchclone.internal.Node.GRAPH;
import static io.github.zerotouchclone.internal.Node.LIST;
import static io.github.zerotouchclone.internal.Node.MAP;
import static io.github.zerotouchclone.internal.Node.ROWS;
import static io.github.zerotouchclone.internal.Node.T_ARRAY;
import static io.github.zerotouchclone.internal.Node.T_BOOL;
import static io.github.zerotouchclone.internal.Node.T_BYTES;
import static io.github.zerotouchclone.internal.Node.T_EXT;
import static io.github.zerotouchclone.internal.Node.T_F32;
import static io.github.zerotouchclone.internal.Node.T_F64;
import static io.github.zerotouchclone.internal.Node.T_I16;
import static io.github.zerotouchclone.internal.Node.T_I32;
import static io.github.zerotouchclone.internal.Node.T_I64;
import static io.github.zerotouchclone.internal.Node.T_I8;
import static io.github.zerotouchclone.internal.Node.T_LIST;
import static io.github.zerotouchclone.internal.Node.T_MAP;
import static io.github.zerotouchclone.internal.Node.T_NULL;
import static io.github.zerotouchclone.internal.Node.T_REF;
import static io.github.zerotouchclone.internal.Node.T_STRING;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.github.zerotouchclone.Ext;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What well-formed bytes mean. */
class DecoderTest {
  private static CopyBytes bytes() {
    return new CopyBytes();
  }

  private static CopyBytes box(int type, long slot) {
    return bytes().node(BOX, 0, type, 0).slot(slot);
  }

  @Test
  void scalars_come_back_in_the_width_of_their_type() {
    assertNull(box(T_NULL, 0).decode());
    assertEquals(true, box(T_BOOL, 1).decode());
    assertEquals(false, box(T_BOOL, 0).decode());
    assertEquals((byte) -5, box(T_I8, -5).decode());
    assertEquals((short) -300, box(T_I16, -300).decode());
    assertEquals(-70_000, box(T_I32, -70_000).decode());
    assertEquals(1L << 40, box(T_I64, 1L << 40).decode());
    assertEquals(1.5f, box(T_F32, Float.floatToRawIntBits(1.5f) & 0xffff_ffffL).decode());
    assertEquals(-2.25, box(T_F64, f64(-2.25)).decode());
  }

  @Test
  void strings_are_inline_or_out_of_line_and_of_three_kinds() {
    byte[] utf8 = "Ω€😀".getBytes(StandardCharsets.UTF_8);
    assertEquals("", box(T_STRING, inline("")).decode());
    assertEquals("seven77", box(T_STRING, inline("seven77")).decode());
    assertEquals("eight888", box(T_STRING, string(16, 8, 0)).text("eight888").decode());
    assertEquals("Jürgen ÿ", box(T_STRING, string(16, 8, 1)).text("Jürgen ÿ").decode());
    assertEquals("Ω€😀", box(T_STRING, string(16, utf8.length, 2)).raw(utf8).decode());
  }

  @Test
  void a_replacement_character_that_is_really_there_is_no_error() {
    byte[] utf8 = "\uFFFD".getBytes(StandardCharsets.UTF_8);
    assertEquals("\uFFFD", box(T_STRING, string(16, 3, 2)).raw(utf8).decode());
  }

  @Test
  void bytes_come_back_as_a_fresh_array() {
    assertArrayEquals(new byte[0], (byte[]) box(T_BYTES, 0).decode());
    assertArrayEquals(new byte[] {1, -1}, (byte[]) box(T_BYTES, child(16, 2)).u8(1, 0xff).decode());
  }

  @Test
  void typed_arrays_come_back_as_primitive_arrays() {
    assertArrayEquals(
        new byte[] {1, -2}, (byte[]) bytes().node(ARRAY, 0, T_I8, 2).u8(1, 0xfe).decode());
    assertArrayEquals(
        new short[] {-2}, (short[]) bytes().node(ARRAY, 0, T_I16, 1).u8(0xfe, 0xff).decode());
    assertArrayEquals(
        new int[] {7, -7}, (int[]) bytes().node(ARRAY, 0, T_I32, 2).u32(7).u32(-7).decode());
    assertArrayEquals(
        new long[] {1L << 33}, (long[]) bytes().node(ARRAY, 0, T_I64, 1).slot(1L << 33).decode());
    assertArrayEquals(
        new float[] {0.5f},
        (float[]) bytes().node(ARRAY, 0, T_F32, 1).u32(Float.floatToIntBits(0.5f)).decode());
    assertArrayEquals(
        new double[] {0.1}, (double[]) bytes().node(ARRAY, 0, T_F64, 1).slot(f64(0.1)).decode());
    assertArrayEquals(new int[0], (int[]) bytes().node(ARRAY, 0, T_I32, 0).decode());
  }

  @Test
  void a_list_has_one_type_or_types_of_its_own() {
    assertEquals(List.of(1, 2), bytes().node(LIST, 0, T_I32, 2).slot(1, 2).decode());
    assertEquals(
        Arrays.asList(1, null, "a"),
        bytes()
            .node(LIST, FLAG_TYPES, 0, 3)
            .slot(1, 0, inline("a"))
            .u8(T_I32, T_NULL, T_STRING)
            .decode());
    assertEquals(new ArrayList<>(), bytes().node(LIST, 0, 0, 0).decode());
  }

  @Test
  void a_map_takes_keys_and_default_types_from_its_shape() {
    Schema schema = CopyBytes.schema(new String[] {"id", "name"}, new int[] {T_I64, T_STRING});
    CopyBytes plain = bytes().node(MAP, 0, 0, 0).slot(9, inline("x"));
    CopyBytes typed = bytes().node(MAP, FLAG_TYPES, 0, 0).slot(0, 2).u8(T_NULL, T_I8);

    Map<String, Object> expected = new LinkedHashMap<>();
    expected.put("id", 9L);
    expected.put("name", "x");
    assertEquals(expected, Decoder.decode(Node.root(plain.image(schema))));
    expected.put("id", null);
    expected.put("name", (byte) 2);
    assertEquals(expected, Decoder.decode(Node.root(typed.image(schema))));
  }

  private static CopyBytes dict() {
    // 8 + 4 slots + order + types = 8 + 32 + 8 + 2, then "longer key" at 50.
    return bytes()
        .node(DICT, FLAG_TYPES, 0, 2)
        .slot(string(50, 10, 0), 1, inline("b"), f64(2))
        .u32(1)
        .u32(0)
        .u8(T_BOOL, T_F64)
        .text("longer key");
  }

  @Test
  void a_dict_has_its_own_keys_in_slot_order() {
    assertEquals("{longer key=true, b=2.0}", dict().decode().toString());
  }

  @Test
  void a_key_of_a_dict_is_found_through_the_order() {
    Node node = Node.root(dict().image());
    assertEquals(0, node.find("longer key"));
    assertEquals(1, node.find("b"));
    assertEquals(-1, node.find("c"));
    assertEquals(-1, node.find("Ω"));
    assertEquals(-1, node.find(""));
  }

  @Test
  void children_nest_and_empty_ones_need_no_node() {
    Object value =
        bytes()
            .node(LIST, FLAG_TYPES, 0, 4)
            .slot(child(48, 24), 0, 0, child(72, 16))
            .u8(T_LIST, T_LIST, T_MAP, T_ARRAY)
            .pad()
            .node(LIST, 0, T_I8, 2)
            .slot(1, 2)
            .node(ARRAY, 0, T_I32, 1)
            .u32(5)
            .pad()
            .decode();

    List<?> list = (List<?>) value;
    assertEquals(List.of((byte) 1, (byte) 2), list.get(0));
    assertEquals(List.of(), list.get(1));
    assertEquals(Map.of(), list.get(2));
    assertArrayEquals(new int[] {5}, (int[]) list.get(3));
  }

  private static Schema twoKeys() {
    return CopyBytes.schema(new String[] {"a", "b"}, new int[] {T_I32, T_LIST});
  }

  @Test
  void rows_are_a_list_of_maps() {
    CopyBytes copy =
        bytes()
            .node(ROWS, 0, 0, 2)
            .slot(1, child(40, 16), 2, child(56, 16))
            .node(LIST, 0, T_I32, 1)
            .slot(8)
            .node(LIST, 0, T_I32, 1)
            .slot(9);
    Node rows = Node.root(copy.image(twoKeys()));
    assertEquals("[{a=1, b=[8]}, {a=2, b=[9]}]", Decoder.decode(rows).toString());
    assertEquals("{a=2, b=[9]}", new Decoder().object(rows, 1).toString());
    assertEquals("[{\"a\":1i32,\"b\":[8i32]},{\"a\":2i32,\"b\":[9i32]}]", TypedText.of(rows));
  }

  @Test
  void rows_may_have_types_for_all_of_them() {
    CopyBytes copy = bytes().node(ROWS, FLAG_TYPES, 0, 2).slot(1, 2, 3, 4).u8(T_I8, T_I64);
    assertEquals(
        "[{\"a\":1i8,\"b\":2i64},{\"a\":3i8,\"b\":4i64}]",
        TypedText.of(Node.root(copy.image(twoKeys()))));
  }

  @Test
  void a_row_may_be_the_root_and_is_the_same_map_when_it_is_reached_again() {
    CopyBytes copy =
        bytes()
            .node(GRAPH, 0, 0, 0)
            .u32(88) // flat size
            .u32(24) // root
            .u32(0) // references
            .u32(2) // row 1
            .node(ROWS, FLAG_SHARED, 0, 2)
            .slot(1, child(40, 16), 2, child(56, 24))
            .node(LIST, 0, T_I32, 1)
            .slot(8)
            .node(LIST, FLAG_TYPES, 0, 1)
            .slot(ref(-56, 80))
            .u8(T_REF);
    Node root = Node.root(copy.image(twoKeys()));
    Map<?, ?> map = (Map<?, ?>) Decoder.decode(root);
    assertEquals(2, map.get("a"));
    List<?> rows = (List<?>) ((List<?>) map.get("b")).get(0);
    assertSame(map, rows.get(1));
    assertEquals(List.of(8), ((Map<?, ?>) rows.get(0)).get("b"));
    assertEquals("&1{\"a\":2i32,\"b\":[[{\"a\":1i32,\"b\":[8i32]},*1]]}", TypedText.of(root));
  }

  @Test
  void an_ext_is_its_id_and_payload() {
    Ext ext = (Ext) bytes().node(EXT, 0, T_I64, 0x8000_0001).slot(3).decode();
    assertEquals(0x8000_0001, ext.id());
    assertEquals(3L, ext.payload());
  }

  @Test
  void a_node_referenced_twice_is_one_object() {
    List<?> list =
        (List<?>)
            bytes()
                .node(LIST, FLAG_TYPES, 0, 2)
                .slot(child(32, 16), ref(32, 16))
                .u8(T_LIST, T_REF)
                .pad()
                .node(LIST, FLAG_SHARED, T_I32, 1)
                .slot(1)
                .decode();
    assertEquals(List.of(List.of(1), List.of(1)), list);
    assertSame(list.get(0), list.get(1));
  }

  @Test
  void a_reference_may_come_before_the_place_that_owns_its_target() {
    List<?> list =
        (List<?>)
            bytes()
                .node(LIST, FLAG_TYPES, 0, 2)
                .slot(ref(32, 16), child(32, 16))
                .u8(T_REF, T_LIST)
                .pad()
                .node(LIST, FLAG_SHARED, T_I32, 1)
                .slot(1)
                .decode();
    assertEquals(List.of(1), list.get(0));
    assertSame(list.get(0), list.get(1));
  }

  @Test
  void a_list_may_contain_itself() {
    List<?> list = (List<?>) bytes().node(LIST, FLAG_SHARED, T_REF, 1).slot(ref(0, 16)).decode();
    assertSame(list, list.get(0));
  }

  @Test
  void an_ext_may_contain_itself() {
    Ext ext =
        (Ext)
            bytes()
                .node(EXT, FLAG_SHARED, T_LIST, 18)
                .slot(child(16, 16))
                .node(LIST, 0, T_REF, 1)
                .slot(ref(-16, 32))
                .decode();
    assertSame(ext, ((List<?>) ext.payload()).get(0));
  }

  @Test
  void a_shared_string_is_delivered_through_its_box() {
    CopyBytes copy =
        bytes()
            .node(LIST, 0, T_REF, 2)
            .slot(ref(24, 32), ref(24, 32))
            .node(BOX, FLAG_SHARED, T_STRING, 0)
            .slot(string(16, 9, 0))
            .text("nine char");
    List<?> list = (List<?>) copy.decode();
    assertEquals(List.of("nine char", "nine char"), list);
    assertEquals("[\"nine char\",\"nine char\"]", copy.text());
  }

  @Test
  void a_shared_null_is_delivered_through_its_box() {
    assertEquals(
        Arrays.asList(null, null),
        bytes()
            .node(LIST, 0, T_REF, 2)
            .slot(ref(24, 16), ref(24, 16))
            .node(BOX, FLAG_SHARED, T_NULL, 0)
            .slot(0)
            .decode());
  }

  @Test
  void the_root_lies_where_the_graph_head_says() {
    CopyBytes copy =
        bytes()
            .node(GRAPH, 0, 0, 0)
            .u32(56) // flat size
            .u32(40) // root
            .u32(0) // references
            .u32(0)
            .node(LIST, FLAG_SHARED, T_I32, 1)
            .slot(1)
            .node(LIST, 0, T_REF, 1)
            .slot(ref(-16, 16));
    assertEquals(List.of(List.of(1)), copy.decode());
  }

  @Test
  void a_record_may_be_a_mere_reference() {
    CopyBytes copy =
        bytes().node(BOX, 0, T_REF, 0).slot(ref(16, 16)).node(LIST, FLAG_SHARED, T_I32, 1).slot(8);
    assertEquals(List.of(8), copy.decode());
    assertEquals("[8i32]", copy.text());
  }

  @Test
  void references_may_form_a_chain_that_is_longer_than_the_depth_limit() {
    int length = 5000;
    CopyBytes copy = bytes();
    for (int i = 0; i < length; i++) {
      copy.node(LIST, FLAG_SHARED, T_REF, 1).slot(i + 1 < length ? ref(16, 16) : ref(0, 16));
    }
    Object value = copy.decode();
    for (int i = 0; i < length - 1; i++) {
      value = assertInstanceOf(List.class, value).get(0);
    }
    assertSame(value, ((List<?>) value).get(0));
    assertEquals("[".repeat(length - 1) + "&1[*1" + "]".repeat(length), copy.text());
  }

  @Test
  void typed_text_says_every_type() {
    CopyBytes copy =
        bytes()
            .node(LIST, FLAG_TYPES | FLAG_SHARED, 0, 9)
            .slot(0, 1, -7, f64(-0.0), f64(1e21), inline("\"\u007f\n"), child(96, 2))
            .slot(child(104, 16), ref(0, 120))
            .u8(T_NULL, T_BOOL, T_I16, T_F64, T_F64, T_STRING, T_BYTES, T_ARRAY, T_REF)
            .pad()
            .u8(0, 0xff)
            .pad()
            .node(ARRAY, 0, T_F32, 2)
            .u32(Float.floatToIntBits(1.5e-3f))
            .u32(Float.floatToIntBits(Float.NaN));
    assertEquals(
        "&1[null,true,-7i16,-0e0f64,1e21f64,\"\\\"\\u007f\\u000a\",x\"00ff\",f32[1.5e-3,nan],*1]",
        copy.text());
  }

  @Test
  void an_ext_with_a_map_prints_as_text() {
    Schema schema = CopyBytes.schema(new String[] {"a"}, new int[] {T_I32});
    CopyBytes copy =
        bytes()
            .node(LIST, 0, T_EXT, 1)
            .slot(child(16, 32))
            .node(EXT, 0, T_MAP, 7)
            .slot(child(16, 16))
            .node(MAP, 0, 0, 0)
            .slot(4);
    assertEquals("[ext(7,{\"a\":4i32})]", TypedText.of(Node.root(copy.image(schema))));
  }

  @Test
  void floats_have_the_shortest_digits_that_read_back() {
    assertEquals("1e-1", TypedText.digits(0.1));
    assertEquals("2e-323", TypedText.digits(2e-323)); // printed as 1.98e-323 before JDK 19
    assertEquals("2e23", TypedText.digits(2e23));
    assertEquals("1.7976931348623157e308", TypedText.digits(Double.MAX_VALUE));
    assertEquals("5e-324", TypedText.digits(Double.MIN_VALUE));
    assertEquals("1e-45", TypedText.digits(Float.MIN_VALUE));
    assertEquals("3.4028235e38", TypedText.digits(Float.MAX_VALUE));
    assertEquals("1e2", TypedText.digits(100.0));
    assertEquals("-inf", TypedText.digits(Double.NEGATIVE_INFINITY));
    assertEquals("inf", TypedText.digits(Float.POSITIVE_INFINITY));
    assertEquals("nan", TypedText.digits(Double.NaN));
    assertEquals("0e0", TypedText.digits(0f));
  }
}
