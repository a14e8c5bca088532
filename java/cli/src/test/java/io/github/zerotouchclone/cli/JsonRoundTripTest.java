package io.github.zerotouchclone.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was built comes out as the same JSON values. */
class JsonRoundTripTest {
  private static final long SEED = 7;

  private static final String[] NASTY = {
    "null",
    "true",
    "[]",
    "{}",
    "\"\"",
    "[[],{},[[]],{\"\":{}}]",
    "{\"z\":1,\"a\":2,\"m\":3}",
    "{\"a.b\":1,\"[0]\":2,\"\\\"\":3,\" \":4,\"\\u0000\":5,\"$\":6,\"é\":7,\"😀\":8,\"null\":null}",
    "[9223372036854775807,-9223372036854775808,9223372036854775808,-9223372036854775809]",
    "[18446744073709551615,123456789012345678901234567890123456789,-1e0,0,-0.0,2147483648]",
    "[0.1,0.30000000000000004,1.7976931348623157e308,2.2250738585072014E-308,5e-324,2e-3,2E23]",
    "[1e400,-1e-400,0.1000000000000000055511151231257827,1.00000000000000000001,123456789.123456789]",
    "[9007199254740993.0,1e22,1e23,12345678901234567.8,1e2147483647]",
    "\"\\ud83d\\ude00 😀 \\u0000\\u001f\\u007f\\u0080ÿā\\uffff\\ufeff\\\\\\/\\b\\f\\n\\r\\t\"",
    "[\"\\ud800\",\"x\\udc00\\ud800y\",{\"k\":\"\\udfff😀\"}]",
    "{\"a\":[{\"b\":1},{\"b\":2.5},{\"b\":\"x\"},{\"c\":null}]}",
    "[" + "[".repeat(500) + "]".repeat(500) + "]",
    "\"" + "long ".repeat(30_000) + "\"",
  };

  @TempDir Path folder;

  @Test
  void catOfBuildGivesTheSameValues() throws Exception {
    List<String> lines = new ArrayList<>(List.of(NASTY));
    Random random = new Random(SEED);
    for (int i = 0; i < 2000; i++) {
      lines.add(value(random, 0));
    }
    Ztc ztc = new Ztc(folder);
    ztc.write("in.jsonl", String.join("\n", lines));
    Ztc.Result built = ztc.run("build", "-o", "o.ztc", "in.jsonl");
    assertEquals("", built.err());
    Ztc.Result printed = ztc.run("cat", "o.ztc");
    assertEquals("", printed.err());
    String[] out = printed.out().split("\n", -1);
    assertEquals(lines.size() + 1, out.length);
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      assertEquals(canonical(line), canonical(out[i]), () -> "seed " + SEED + ": " + line);
    }
  }

  @Test
  void valuesOfTheLibraryThatJsonDoesNotHaveBecomeWhatComesClosest() throws Exception {
    Ztc ztc = new Ztc(folder);
    try (var writer = io.github.zerotouchclone.RegionWriter.create(ztc.file("o.ztc"))) {
      List<Object> cycle = new ArrayList<>();
      cycle.add(cycle);
      writer.add(new int[] {1, -2});
      writer.add(List.of(new byte[] {1, 2}, Double.NaN, 1.5f, (short) 3));
      writer.add(new io.github.zerotouchclone.Ext(77, "x"));
      writer.add(new io.github.zerotouchclone.Ext(1, -1L));
      writer.add(cycle);
      writer.publish();
    }
    Ztc.Result printed = ztc.run("cat", "o.ztc");
    assertEquals(
        """
        [1,-2]
        ["AQI=","NaN",1.5,3]
        {"$ext":77,"value":"x"}
        18446744073709551615
        """,
        printed.out());
    assertEquals(
        "ztc: o.ztc: record 4 contains itself, which JSON cannot say;"
            + " --typed prints it nevertheless\n",
        printed.err());
    assertEquals(1, printed.exitCode());
  }

  private static String value(Random random, int depth) {
    switch (random.nextInt(depth < 4 ? 7 : 5)) {
      case 0:
        return String.valueOf(random.nextLong() >> random.nextInt(64));
      case 1:
        return String.valueOf(Double.longBitsToDouble(random.nextLong()))
            .replaceAll("NaN|-?Infinity", "0.5");
      case 2:
        return new BigDecimal(
                new java.math.BigInteger(random.nextInt(200), random), random.nextInt(99))
            .toString();
      case 3:
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(8); i > 0; i--) {
          text.append((char) random.nextInt(1 << (1 + random.nextInt(16))));
        }
        StringBuilder quoted = new StringBuilder();
        JsonWriter.quote(quoted, text.toString());
        return quoted.toString();
      case 4:
        return random.nextBoolean() ? "null" : "false";
      case 5:
        List<String> elements = new ArrayList<>();
        for (int i = random.nextInt(5); i > 0; i--) {
          elements.add(value(random, depth + 1));
        }
        return elements.toString();
      default:
        StringBuilder object = new StringBuilder("{");
        for (int i = random.nextInt(5); i > 0; i--) {
          object.append("\"k").append(i).append("\" :").append(value(random, depth + 1));
          object.append(i > 1 ? ", " : "");
        }
        return object.append('}').toString();
    }
  }

  /** The tokens of a text, with numbers in one form for equal values. */
  private static String canonical(String json) throws Exception {
    StringBuilder tokens = new StringBuilder();
    JsonFactory factory = JsonReader.factory();
    try (JsonParser parser = factory.createParser(json)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        tokens.append(token.isNumeric() ? "NUMBER" : token.toString()).append(' ');
        if (token.isNumeric()) {
          BigDecimal number = new BigDecimal(parser.getText());
          tokens.append(number.signum() == 0 ? "0" : number.stripTrailingZeros().toString());
        } else if (token.isScalarValue() || token == JsonToken.FIELD_NAME) {
          tokens.append(parser.getText());
        }
        tokens.append('\n');
      }
    }
    return tokens.toString();
  }
}
