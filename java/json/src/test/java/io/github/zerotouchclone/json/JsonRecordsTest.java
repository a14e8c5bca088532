package io.github.zerotouchclone.json;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import io.github.zerotouchclone.RecordCopy;
import io.github.zerotouchclone.Status;
import io.github.zerotouchclone.UnstorableValueException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Values of parsers as records. */
class JsonRecordsTest {
  private final JsonFactory json = new JsonFactory();

  @TempDir Path folder;

  private List<RecordCopy> read(String text) throws IOException {
    return read(json.createParser(text));
  }

  private List<RecordCopy> read(JsonParser parser) {
    return Regions.records(
        folder.resolve("json.ztc"), writer -> JsonRecords.addAll(writer, parser));
  }

  private String typed(String text) throws IOException {
    return read(text).stream().map(RecordCopy::typedText).collect(Collectors.joining(" "));
  }

  @Test
  void values_become_records() throws IOException {
    assertEquals(
        "{\"a\":[1i64,null,true,false,\"x\"],\"b\":{\"c\":{}}}",
        typed("{\"a\": [1, null, true, false, \"x\"], \"b\": {\"c\": {}}}"));
  }

  @Test
  void lines_and_values_one_after_the_other_are_records() throws IOException {
    assertEquals("1i64 [2i64] {\"a\":3i64}", typed("1\n[2]\n\n{\"a\":3}\n"));
    assertEquals("", typed(" \n"));
  }

  @Test
  void elements_of_an_array_are_records_for_a_parser_that_is_on_it() throws IOException {
    JsonParser parser = json.createParser("{\"jobs\":[1,[2],{}],\"more\":7}");
    while (parser.nextToken() != JsonToken.START_ARRAY) {
      // to the array
    }
    assertEquals(
        List.of("1i64", "[2i64]", "{}"), read(parser).stream().map(RecordCopy::typedText).toList());
    assertEquals(JsonToken.END_ARRAY, parser.currentToken());
  }

  @Test
  void one_record_is_added_at_a_time() throws IOException {
    JsonParser parser = json.createParser("[1,2] 3 {\"a\":1} [4] [5,{}]");
    List<RecordCopy> records =
        Regions.records(
            folder.resolve("one.ztc"),
            writer -> {
              try {
                assertEquals(0, JsonRecords.add(writer, parser));
                assertNull(parser.currentToken());
                assertEquals(JsonToken.END_ARRAY, parser.getLastClearedToken());
                writer.key("k");
                assertEquals(1, JsonRecords.add(writer, parser));
                parser.nextToken();
                assertEquals(2, JsonRecords.add(writer, parser));
                assertEquals(3, JsonRecords.add(writer, parser));
                parser.nextToken();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                  JsonRecords.add(writer, parser);
                }
                parser.nextToken();
                assertThrows(IllegalArgumentException.class, () -> JsonRecords.add(writer, parser));
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    assertEquals(
        List.of("[1i64,2i64]", "3i64", "{\"a\":1i64}", "[4i64]", "5i64", "{}"),
        records.stream().map(RecordCopy::typedText).toList());
  }

  @Test
  void values_are_added_one_after_the_other_and_then_the_rest() throws IOException {
    JsonParser parser = json.createParser("1 2 {} 3 4");
    List<RecordCopy> records =
        Regions.records(
            folder.resolve("rest.ztc"),
            writer -> {
              for (int i = 0; i < 3; i++) {
                JsonRecords.add(writer, parser);
              }
              JsonRecords.addAll(writer, parser);
            });
    assertEquals(
        List.of("1i64", "2i64", "{}", "3i64", "4i64"),
        records.stream().map(RecordCopy::typedText).toList());
  }

  @Test
  void numbers_keep_their_value() throws IOException {
    List<?> numbers =
        (List<?>)
            read("[9223372036854775807,9223372036854775808,-9223372036854775809,0.1,1e400,"
                    + "0.1000000000000000055511151231257827,9007199254740993.0,1e22,-0.0,4.9e-324,"
                    + "1.7976931348623157e308,0e99999999999,-0.00e-99999999999]")
                .get(0)
                .toObject();
    assertEquals(
        List.of(
            Long.MAX_VALUE,
            BigInteger.ONE.shiftLeft(63),
            BigInteger.ONE.shiftLeft(63).negate().subtract(BigInteger.ONE),
            0.1,
            new BigDecimal("1e400"),
            new BigDecimal("0.1000000000000000055511151231257827"),
            new BigDecimal("9007199254740993.0"),
            1e22,
            -0.0,
            Double.MIN_VALUE,
            Double.MAX_VALUE,
            0.0,
            -0.0),
        numbers);
  }

  @Test
  void a_number_that_no_type_holds_names_its_place() {
    UnstorableValueException e =
        assertThrows(UnstorableValueException.class, () -> read("{\"a\":[1e99999999999]}"));
    assertEquals("$.a[0]", e.valuePath());
  }

  @Test
  void random_numbers_keep_their_value() throws IOException {
    long seed = 5;
    Random random = new Random(seed);
    for (int i = 0; i < 300; i++) {
      String text =
          switch (i % 3) {
            case 0 ->
                new BigDecimal(new BigInteger(random.nextInt(90), random), random.nextInt(40) - 9)
                    .toString();
            case 1 -> String.valueOf((random.nextDouble() - 0.5) * Math.pow(10, i - 150));
            default -> String.valueOf(random.nextLong() >> random.nextInt(64));
          };
      Object read = read(text).get(0).toObject();
      assertEquals(
          0,
          new BigDecimal(text).compareTo(new BigDecimal(read.toString())),
          "seed " + seed + text);
    }
  }

  @Test
  void strings_have_any_content() throws IOException {
    assertEquals("\ud800x", read("\"\\ud800x\"").get(0).toObject());
    assertEquals("😀 Ω\u0000", read("\"😀 Ω\\u0000\"").get(0).toObject());
  }

  @Test
  void a_key_twice_names_its_place_and_ends_the_reading() throws IOException {
    JsonParser parser = json.createParser("1 {\"a\":{\"b\":1,\"c\":2,\"b\":3}} 2");
    List<RecordCopy> records =
        Regions.records(
            folder.resolve("twice.ztc"),
            writer -> {
              UnstorableValueException e =
                  assertThrows(
                      UnstorableValueException.class, () -> JsonRecords.addAll(writer, parser));
              assertEquals(Status.DUPLICATE_KEY, e.status());
              assertEquals("$.a.b", e.valuePath());
              assertEquals(1, e.record());
              writer.add("after");
            });
    assertEquals(List.of(1L, "after"), records.stream().map(RecordCopy::toObject).toList());
  }

  @Test
  void keys_of_objects_side_by_side_are_not_the_same_key() throws IOException {
    assertEquals(
        "[{\"a\":{\"a\":1i64}},{\"a\":{\"a\":2i64}}]",
        typed("[{\"a\":{\"a\":1}},{\"a\":{\"a\":2}}]"));
  }

  @Test
  void one_object_of_many_keys_does_not_slow_down_all_behind_it() {
    HashSet<String> seen = new HashSet<>();
    for (int i = 0; i < 1000; i++) {
      seen.add("key " + i);
    }
    assertSame(seen, TokenSource.emptied(seen));
    assertEquals(Set.of(), seen);
    for (int i = 0; i < 1001; i++) {
      seen.add("key " + i);
    }
    HashSet<String> other = TokenSource.emptied(seen);
    assertNotSame(seen, other);
    assertEquals(Set.of(), other);
  }

  @Test
  void malformed_input_fails_after_the_records_before() throws IOException {
    JsonParser parser = json.createParser("[1] [2,}");
    List<RecordCopy> records =
        Regions.records(
            folder.resolve("malformed.ztc"),
            writer -> {
              UncheckedIOException e =
                  assertThrows(
                      UncheckedIOException.class, () -> JsonRecords.addAll(writer, parser));
              assertTrue(e.getMessage().contains("line: 1"), e.getMessage());
            });
    assertEquals(1, records.size());
    assertThrows(UncheckedIOException.class, () -> read("{\"a\":"));
  }

  @Test
  void too_many_values_inside_each_other_name_their_place() throws IOException {
    assertEquals(1, read("[".repeat(512) + "]".repeat(512)).size());
    UnstorableValueException e =
        assertThrows(UnstorableValueException.class, () -> read("[".repeat(513) + "]".repeat(513)));
    assertEquals(Status.TOO_DEEP, e.status());
  }

  @Test
  void cbor_values_keep_their_type() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator out = new CBORFactory().createGenerator(bytes)) {
      out.writeStartObject();
      out.writeBinaryField("bytes", new byte[] {1, -1});
      out.writeNumberField("float", 1.1f);
      out.writeNumberField("double", 0.1);
      out.writeNumberField("int", 5);
      out.writeNumberField("long", 1L << 40);
      out.writeNumberField("big", BigInteger.ONE.shiftLeft(100));
      out.writeNumberField("decimal", new BigDecimal("1.10"));
      out.writeStringField("text", "ü");
      out.writeEndObject();
    }
    Map<String, Object> map =
        read(new CBORFactory().createParser(bytes.toByteArray())).get(0).toMap();
    assertArrayEquals(new byte[] {1, -1}, (byte[]) map.remove("bytes"));
    assertEquals(
        Map.of(
            "float",
            1.1f,
            "double",
            0.1,
            "int",
            5L,
            "long",
            1L << 40,
            "big",
            BigInteger.ONE.shiftLeft(100),
            "decimal",
            new BigDecimal("1.10"),
            "text",
            "ü"),
        map);
  }
}
