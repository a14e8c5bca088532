package io.github.zerotouchclone.json;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadCapability;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.exc.StreamReadException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.zerotouchclone.Ext;
import io.github.zerotouchclone.RecordCopy;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Copies as parsers. */
class ObjectParserTest {
  private final ObjectMapper mapper = new ObjectMapper();

  @TempDir Path folder;

  enum Colour {
    RED
  }

  record Item(String sku, int qty) {}

  @JsonIgnoreProperties(ignoreUnknown = true)
  record Job(
      @JsonProperty("job_id") long id,
      Map<String, Item> items,
      List<Colour> colours,
      byte[] raw,
      double[] scores,
      BigDecimal price,
      UUID uuid,
      URI uri,
      Boolean none) {}

  private RecordCopy copy(Object record) {
    return Regions.records(folder.resolve("copy.ztc"), writer -> writer.add(record)).get(0);
  }

  private JsonParser parser(Object record) {
    return JsonRecords.parser(copy(record));
  }

  @Test
  void databind_makes_annotated_objects() throws IOException {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("unknown", List.of(Map.of("x", 1)));
    map.put("job_id", 7L);
    map.put("items", Map.of("a", Map.of("sku", "s", "qty", (short) 3)));
    map.put("colours", Set.of(Colour.RED));
    map.put("raw", new byte[] {1, 2});
    map.put("scores", new double[] {0.5, 1});
    map.put("price", new BigDecimal("1.10"));
    map.put("uuid", new UUID(1, 2));
    map.put("uri", URI.create("a:b"));
    map.put("none", null);
    Job job = mapper.readValue(parser(map), Job.class);
    assertEquals(7, job.id);
    assertEquals(Map.of("a", new Item("s", 3)), job.items);
    assertEquals(List.of(Colour.RED), job.colours);
    assertArrayEquals(new byte[] {1, 2}, job.raw);
    assertArrayEquals(new double[] {0.5, 1}, job.scores);
    assertEquals(new BigDecimal("1.10"), job.price);
    assertEquals(new UUID(1, 2), job.uuid);
    assertEquals(URI.create("a:b"), job.uri);
    assertEquals(null, job.none);
  }

  @Test
  void a_json_document_comes_back_as_the_same_tree() throws IOException {
    String text =
        "{\"a\":[1,2.5,null,true,{\"b\":[]},\"x\\u0000\"],\"big\":123456789012345678901234567890,"
            + "\"d\":0.10000000000000000000001,\"\":{}}";
    JsonParser in = new JsonFactory().createParser(text);
    RecordCopy copy =
        Regions.records(folder.resolve("tree.ztc"), writer -> JsonRecords.add(writer, in)).get(0);
    JsonNode tree = mapper.readTree(JsonRecords.parser(copy));
    assertEquals(
        mapper
            .reader()
            .with(com.fasterxml.jackson.databind.DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .readTree(text)
            .toString(),
        tree.toString());
  }

  @Test
  void tokens_and_names_are_those_of_the_value() throws IOException {
    JsonParser parser = parser(Map.of("k", Arrays.asList(1, "t", null, 1.5f, true)));
    assertEquals(null, parser.currentToken());
    List<JsonToken> tokens = new ArrayList<>();
    while (parser.nextToken() != null) {
      tokens.add(parser.currentToken());
    }
    assertEquals(
        List.of(
            JsonToken.START_OBJECT,
            JsonToken.FIELD_NAME,
            JsonToken.START_ARRAY,
            JsonToken.VALUE_NUMBER_INT,
            JsonToken.VALUE_STRING,
            JsonToken.VALUE_NULL,
            JsonToken.VALUE_NUMBER_FLOAT,
            JsonToken.VALUE_TRUE,
            JsonToken.END_ARRAY,
            JsonToken.END_OBJECT),
        tokens);
    assertTrue(parser.isClosed());
    assertEquals(null, parser.nextToken());
  }

  @Test
  void numbers_convert_or_overflow() throws IOException {
    JsonParser parser = parser(List.of(1L << 40, BigInteger.ONE.shiftLeft(70), (byte) 5, 1e30));
    parser.nextToken();
    parser.nextToken();
    assertThrows(InputCoercionException.class, parser::getIntValue);
    assertEquals(1L << 40, parser.getLongValue());
    assertEquals(JsonParser.NumberType.LONG, parser.getNumberType());
    parser.nextToken();
    assertThrows(InputCoercionException.class, parser::getLongValue);
    assertEquals(BigInteger.ONE.shiftLeft(70), parser.getBigIntegerValue());
    parser.nextToken();
    assertEquals(5, parser.getNumberValue());
    assertEquals(JsonParser.NumberType.INT, parser.getNumberType());
    parser.nextToken();
    assertThrows(InputCoercionException.class, parser::getLongValue);
    assertEquals(new BigDecimal("1.0E30"), parser.getDecimalValue());
  }

  @Test
  void a_decimal_of_more_digits_than_a_parser_allows_is_no_integer() throws IOException {
    JsonParser parser = parser(new BigDecimal("1e1000000"));
    parser.nextToken();
    assertThrows(StreamConstraintsException.class, parser::getBigIntegerValue);
    assertThrows(StreamConstraintsException.class, parser::getLongValue);
    assertThrows(StreamConstraintsException.class, parser::getIntValue);
    assertEquals(new BigDecimal("1e1000000"), parser.getDecimalValue());
  }

  @Test
  void what_has_no_decimal_value_or_is_not_base64_is_an_error_of_the_parser() throws IOException {
    JsonParser parser = parser(List.of(Double.NaN, Float.NEGATIVE_INFINITY, "no Base64!", "AQI="));
    parser.nextToken();
    for (int i = 0; i < 2; i++) {
      parser.nextToken();
      StreamReadException e = assertThrows(StreamReadException.class, parser::getDecimalValue);
      assertTrue(e.getMessage().contains("is not a decimal number"), e.getMessage());
      assertThrows(StreamReadException.class, parser::getBigIntegerValue);
    }
    parser.nextToken();
    StreamReadException e = assertThrows(StreamReadException.class, () -> parser.getBinaryValue());
    assertTrue(e.getMessage().contains("the text is not Base64"), e.getMessage());
    parser.nextToken();
    assertArrayEquals(new byte[] {1, 2}, parser.getBinaryValue());
  }

  @Test
  void keys_with_the_same_text_are_not_names_of_one_object() throws IOException {
    Map<Object, Object> map = new LinkedHashMap<>();
    map.put(1, "a");
    map.put("1", "b");
    assertEquals("[1,\"a\",\"1\",\"b\"]", mapper.readTree(parser(map)).toString());
    map.clear();
    map.put(Colour.RED, 1);
    map.put("RED", 2);
    assertEquals("[\"RED\",1,\"RED\",2]", mapper.readTree(parser(map)).toString());
  }

  @Test
  void maps_with_other_keys_are_objects_if_their_keys_have_text() throws IOException {
    assertEquals("{\"1\":\"a\"}", mapper.readTree(parser(Map.of(1, "a"))).toString());
    assertEquals("[[1],\"a\"]", mapper.readTree(parser(Map.of(List.of(1), "a"))).toString());
    assertEquals(
        "[\"1970-01-01T00:00:00Z\",\"c\"]",
        mapper.readTree(parser(List.of(Instant.EPOCH, 'c'))).toString());
  }

  @Test
  void an_unknown_ext_is_an_embedded_object() throws IOException {
    JsonParser parser = parser(new Ext(0x8000_0000, 1));
    assertEquals(JsonToken.VALUE_EMBEDDED_OBJECT, parser.nextToken());
    assertEquals(0x8000_0000, ((Ext) parser.getEmbeddedObject()).id());
  }

  @Test
  void a_value_that_contains_itself_fails() {
    List<Object> self = new ArrayList<>();
    self.add(self);
    JsonParser parser = parser(self);
    StreamReadException e =
        assertThrows(
            StreamReadException.class,
            () -> {
              while (parser.nextToken() != null) {
                // to the end
              }
            });
    assertTrue(e.getMessage().contains("contains itself"), e.getMessage());
  }

  @Test
  void shared_values_do_not_make_it_endless() {
    List<Object> doubled = new ArrayList<>(List.of("leaf"));
    for (int i = 0; i < 60; i++) {
      doubled = new ArrayList<>(List.of(doubled, doubled));
    }
    JsonParser parser = parser(doubled);
    StreamReadException e =
        assertThrows(
            StreamReadException.class,
            () -> {
              while (parser.nextToken() != null) {
                // to the end
              }
            });
    assertTrue(e.getMessage().contains("shares values"), e.getMessage());
  }

  /** A key that counts how often somebody wants its text. */
  private static final class Counted implements Comparable<Counted> {
    private int asked;

    @Override
    public String toString() {
      asked++;
      return "7";
    }

    @Override
    public int compareTo(Counted other) {
      return 0;
    }
  }

  @Test
  void the_text_of_a_key_is_made_once_however_many_references_lead_to_it() throws IOException {
    Counted key = new Counted();
    JsonParser parser = new ObjectParser(Collections.nCopies(1000, Map.of(key, 1)), 1L << 20);
    String name = null;
    int names = 0;
    while (parser.nextToken() != null) {
      if (parser.currentToken() == JsonToken.FIELD_NAME) {
        name = name == null ? parser.currentName() : name;
        assertSame(name, parser.currentName());
        names++;
      }
    }
    assertEquals(1000, names);
    assertEquals(1, key.asked);
  }

  @Test
  void the_text_of_a_key_of_many_maps_is_made_once() throws IOException {
    Counted key = new Counted();
    List<Object> maps = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      maps.add(Map.of(key, i));
    }
    JsonParser parser = new ObjectParser(maps, 1L << 20);
    while (parser.nextToken() != null) {
      // to the end
    }
    assertEquals(1, key.asked);
  }

  /** Whose keys are looked at how often. */
  @Test
  void a_map_is_looked_at_once_to_tell_whether_it_is_an_object() throws IOException {
    int[] looks = {0};
    Map<Object, Object> map =
        new AbstractMap<>() {
          @Override
          public Set<Object> keySet() {
            looks[0]++;
            return super.keySet();
          }

          @Override
          public Set<Map.Entry<Object, Object>> entrySet() {
            return Set.of(Map.entry(List.of(), 1));
          }
        };
    JsonParser parser = new ObjectParser(Collections.nCopies(1000, map), 1L << 20);
    assertEquals(1000, mapper.readTree(parser).size());
    assertEquals(2, looks[0]);
  }

  @Test
  void the_digits_of_a_large_number_are_made_once() throws IOException {
    BigInteger large = BigInteger.ONE.shiftLeft(100);
    JsonParser parser = new ObjectParser(Collections.nCopies(2, large), 1000);
    parser.nextToken();
    parser.nextToken();
    String text = parser.getText();
    assertEquals(large.toString(), text);
    parser.nextToken();
    assertSame(text, parser.getText());
  }

  @Test
  void scalars_are_documents_too() throws IOException {
    assertEquals("x", mapper.readValue(parser("x"), String.class));
    assertEquals(5, mapper.readValue(parser(5), int.class));
    assertEquals(null, mapper.readValue(parser(null), Object.class));
  }

  @Test
  void a_parser_does_what_other_parsers_do() throws IOException {
    JsonParser parser = parser(Arrays.asList("t", new byte[] {1, 2}, 0.5));
    assertTrue(parser.getReadCapabilities().isEnabled(StreamReadCapability.EXACT_FLOATS));
    assertEquals(JsonParser.NumberTypeFP.UNKNOWN, parser.getNumberTypeFP());
    parser.nextToken();
    parser.nextToken();
    assertEquals(JsonParser.NumberTypeFP.UNKNOWN, parser.getNumberTypeFP());
    parser.nextToken();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertEquals(2, parser.readBinaryValue(out));
    assertArrayEquals(new byte[] {1, 2}, out.toByteArray());
    parser.nextToken();
    assertEquals(JsonParser.NumberTypeFP.DOUBLE64, parser.getNumberTypeFP());
    parser.close();
    assertEquals(null, parser.nextToken());
    assertEquals(null, parser.currentToken());
    assertEquals(null, parser.getText());
  }
}
