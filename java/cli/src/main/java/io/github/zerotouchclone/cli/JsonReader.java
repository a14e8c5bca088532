package io.github.zerotouchclone.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.github.zerotouchclone.internal.Strings;
import io.github.zerotouchclone.json.internal.ExactNumbers;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Turns the tokens of a JSON parser into values that a region can store. */
final class JsonReader {
  /** What to do with a key that an object has already. */
  enum Duplicates {
    error,
    first,
    last
  }

  private static final int MAX_DEPTH = 512;
  // A number's conversion takes quadratic time.
  private static final int MAX_NUMBER = 100_000;

  private final Duplicates duplicates;

  JsonReader(Duplicates duplicates) {
    this.duplicates = duplicates;
  }

  static JsonFactory factory() {
    return JsonFactory.builder()
        .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
        .streamReadConstraints(
            StreamReadConstraints.builder()
                .maxStringLength(Integer.MAX_VALUE)
                .maxNameLength(Integer.MAX_VALUE)
                .maxNumberLength(MAX_NUMBER)
                .build())
        .build();
  }

  /** The value that begins with the parser's current token; the parser ends on its last token. */
  Object value(JsonParser parser) throws IOException, BadInput {
    return value(parser, 0);
  }

  private Object value(JsonParser parser, int depth) throws IOException, BadInput {
    return switch (parser.currentToken()) {
      case START_OBJECT -> object(parser, depth);
      case START_ARRAY -> array(parser, depth);
      case VALUE_STRING -> parser.getText();
      case VALUE_NUMBER_INT ->
          parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
              ? (Object) parser.getBigIntegerValue()
              : (Object) parser.getLongValue();
      case VALUE_NUMBER_FLOAT -> decimal(parser);
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> null;
      default -> throw new IllegalStateException(parser.currentToken().toString());
    };
  }

  private Map<String, Object> object(JsonParser parser, int depth) throws IOException, BadInput {
    checkDepth(parser, depth);
    Map<String, Object> map = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      if (unpairedSurrogate(key)) {
        throw bad(parser, "the key has half of a surrogate pair");
      }
      boolean known = map.containsKey(key);
      if (known && duplicates == Duplicates.error) {
        StringBuilder message = new StringBuilder("the object has the key ");
        JsonWriter.quote(message, key);
        throw bad(parser, message.append(" twice").toString());
      }
      parser.nextToken();
      Object value = value(parser, depth + 1);
      if (!known || duplicates == Duplicates.last) {
        map.put(key, value);
      }
    }
    return map;
  }

  private List<Object> array(JsonParser parser, int depth) throws IOException, BadInput {
    checkDepth(parser, depth);
    List<Object> list = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      list.add(value(parser, depth + 1));
    }
    return list;
  }

  private static void checkDepth(JsonParser parser, int depth) throws BadInput {
    if (depth >= MAX_DEPTH) {
      throw bad(parser, "more than " + MAX_DEPTH + " arrays and objects inside each other");
    }
  }

  private static Object decimal(JsonParser parser) throws IOException, BadInput {
    String text = parser.getText();
    try {
      double nearest = ExactNumbers.nearest(text);
      return ExactNumbers.isExact(nearest, text) ? (Object) nearest : new BigDecimal(text);
    } catch (NumberFormatException | ArithmeticException e) {
      // The exponent of a decimal has 32 bits.
      throw bad(parser, "the number " + text + " has an exponent out of range");
    }
  }

  /** Whether JSON says half of a surrogate pair, which is no character. */
  static boolean unpairedSurrogate(String text) {
    return Strings.unpairedSurrogate(text) >= 0;
  }

  private static BadInput bad(JsonParser parser, String message) {
    JsonLocation at = parser.currentTokenLocation();
    return new BadInput(at.getLineNr(), at.getColumnNr(), message);
  }
}
