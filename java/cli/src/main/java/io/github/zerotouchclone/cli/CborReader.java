package io.github.zerotouchclone.cli;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;

/** Reads a sequence of CBOR items, as values that a region can store. */
final class CborReader implements AutoCloseable {
  private static final int MAX_DEPTH = 512;

  // Names the stream's class.
  private static final Pattern SOURCE = Pattern.compile(" \\(start (token|marker) at .*\\)");

  private final JsonReader.Duplicates duplicates;
  private final AtomicLong consumed = new AtomicLong(); // bytes of the input
  private final JsonParser parser;
  private JsonToken pending;

  /** An item that cannot be stored, or is none, with its place. */
  static final class Malformed extends Exception {
    private static final long serialVersionUID = 1;

    Malformed(long offset, String message) {
      super("byte " + offset + ": " + message, null, false, false);
    }
  }

  CborReader(InputStream input, JsonReader.Duplicates duplicates) throws IOException {
    this.duplicates = duplicates;
    CBORFactory factory =
        CBORFactory.builder()
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .maxNestingDepth(MAX_DEPTH + 1)
                    .build())
            .build();
    parser = factory.createParser(new CountedInput(input, consumed));
  }

  /** Whether there is another item. */
  boolean hasNext() throws IOException, Malformed {
    try {
      pending = parser.nextToken();
    } catch (JsonProcessingException e) {
      throw malformed(e);
    }
    return pending != null;
  }

  /** Where the current item, or the part of it that was read last, begins. */
  long offset() {
    return parser.currentTokenLocation().getByteOffset();
  }

  /** The item that {@link #hasNext} found. */
  Object next() throws IOException, Malformed {
    try {
      return value(pending, 0);
    } catch (JsonProcessingException e) {
      throw malformed(e);
    }
  }

  private Malformed malformed(JsonProcessingException e) {
    String message = SOURCE.matcher(e.getOriginalMessage()).replaceFirst("");
    return new Malformed(reached(), message.replace('\n', ' '));
  }

  /** Where the parser is; at the end of the input it says more. */
  private long reached() {
    return Math.min(parser.currentLocation().getByteOffset(), consumed.get());
  }

  private Object value(JsonToken token, int depth) throws IOException, Malformed {
    if (token == null) {
      throw new Malformed(reached(), "the input ends in an item");
    }
    return switch (token) {
      case START_OBJECT -> map(depth);
      case START_ARRAY -> list(depth);
      case VALUE_STRING -> text(parser.getText());
      case VALUE_EMBEDDED_OBJECT -> parser.getBinaryValue();
      // The width that was written is kept.
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getNumberValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> null;
      default -> throw new Malformed(offset(), "an item that a region has no type for");
    };
  }

  private String text(String text) throws Malformed {
    if (JsonReader.unpairedSurrogate(text)) {
      throw new Malformed(offset(), "a text with half of a surrogate pair");
    }
    return text;
  }

  private Map<String, Object> map(int depth) throws IOException, Malformed {
    checkDepth(depth);
    Map<String, Object> map = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = text(parser.currentName());
      boolean known = map.containsKey(key);
      if (known && duplicates == JsonReader.Duplicates.error) {
        StringBuilder message = new StringBuilder("the map has the key ");
        JsonWriter.quote(message, key);
        throw new Malformed(offset(), message.append(" twice").toString());
      }
      Object value = value(parser.nextToken(), depth + 1);
      if (!known || duplicates == JsonReader.Duplicates.last) {
        map.put(key, value);
      }
    }
    return map;
  }

  private List<Object> list(int depth) throws IOException, Malformed {
    checkDepth(depth);
    List<Object> list = new ArrayList<>();
    for (JsonToken token; (token = parser.nextToken()) != JsonToken.END_ARRAY; ) {
      list.add(value(token, depth + 1));
    }
    return list;
  }

  private void checkDepth(int depth) throws Malformed {
    if (depth >= MAX_DEPTH) {
      throw new Malformed(
          offset(), "more than " + MAX_DEPTH + " arrays and maps inside each other");
    }
  }

  @Override
  public void close() throws IOException {
    parser.close();
  }
}
