package io.github.zerotouchclone.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import io.github.zerotouchclone.Ext;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Prints values as JSON, one a line. Numbers keep their value, and strings their characters; bytes
 * become Base64, typed arrays and sets arrays, times their ISO text, and values of types that are
 * not registered their id and payload.
 */
final class JsonWriter {
  // More than this many containers inside each other are a cycle.
  private static final int MAX_DEPTH = 900;
  // Values that are shared may be printed more often than anybody has room for.
  private static final int MAX_SIZE = 1 << 30;

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
          .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
          .build();

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(1 << 12);
  private final int maxSize;
  private JsonGenerator out;

  JsonWriter() {
    this(MAX_SIZE);
  }

  /** For tests: another limit of the bytes of a value. */
  JsonWriter(int maxSize) {
    this.maxSize = maxSize;
  }

  /**
   * Prints a value and a line feed. Nothing is printed if it fails.
   *
   * @param place what the value is, for messages
   */
  void line(Object value, String place, Output output) {
    bytes.reset();
    try {
      if (out == null) {
        out = FACTORY.createGenerator(bytes);
        out.setRootValueSeparator(null);
      }
      value(value, 0, place);
      out.flush();
      output.write(bytes.toByteArray(), 0, bytes.size());
      output.write('\n');
    } catch (IOException e) {
      throw new UncheckedIOException(e); // there is no input and no output here
    }
  }

  private void value(Object value, int depth, String place) throws IOException {
    checkSize(value instanceof String text ? text.length() : 0, place);
    if (value == null) {
      out.writeNull();
    } else if (value instanceof String text) {
      string(text);
    } else if (value instanceof Boolean bool) {
      out.writeBoolean(bool);
    } else if (value instanceof Number number) {
      number(number);
    } else if (value instanceof Map<?, ?> map) {
      check(depth, place);
      if (!hasStringKeys(map)) {
        otherMap(map, depth, place);
        return;
      }
      out.writeStartObject();
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        String key = (String) entry.getKey();
        checkSize(key.length(), place);
        out.writeFieldName(key);
        value(entry.getValue(), depth + 1, place);
      }
      out.writeEndObject();
    } else if (value instanceof Iterable<?> list) {
      check(depth, place);
      out.writeStartArray();
      for (Object element : list) {
        value(element, depth + 1, place);
      }
      out.writeEndArray();
    } else if (value instanceof byte[] data) {
      checkSize(data.length + data.length / 3L, place);
      out.writeBinary(data);
    } else if (value.getClass().isArray()) {
      array(value, place);
    } else if (value instanceof Ext ext) {
      check(depth, place);
      ext(ext, depth, place);
    } else {
      string(value.toString());
    }
  }

  private static boolean hasStringKeys(Map<?, ?> map) {
    for (Object key : map.keySet()) {
      if (!(key instanceof String)) {
        return false;
      }
    }
    return true;
  }

  private void check(int depth, String place) {
    if (depth > MAX_DEPTH) {
      throw Failure.badData(
          place + " contains itself, which JSON cannot say; --typed prints it nevertheless");
    }
  }

  /** Before so many more bytes are written. */
  private void checkSize(long more, String place) {
    if (bytes.size() + more > maxSize) {
      throw Failure.badData(
          place
              + " has more than "
              + Text.bytes(maxSize)
              + " as JSON, which cannot share values; --typed can");
    }
  }

  private void number(Number number) throws IOException {
    if (number instanceof Long || number instanceof Integer) {
      out.writeNumber(number.longValue());
    } else if (number instanceof Double) {
      out.writeNumber(number.doubleValue());
    } else if (number instanceof Float) {
      out.writeNumber(number.floatValue());
    } else if (number instanceof BigInteger big) {
      out.writeNumber(big);
    } else if (number instanceof BigDecimal decimal) {
      out.writeNumber(decimal);
    } else {
      out.writeNumber(number.longValue());
    }
  }

  private void array(Object array, String place) throws IOException {
    out.writeStartArray();
    int length = java.lang.reflect.Array.getLength(array);
    for (int i = 0; i < length; i++) {
      checkSize(0, place);
      number((Number) java.lang.reflect.Array.get(array, i));
    }
    out.writeEndArray();
  }

  /** JSON has no map like this: key, value, key, value. */
  private void otherMap(Map<?, ?> map, int depth, String place) throws IOException {
    out.writeStartArray();
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      value(entry.getKey(), depth + 1, place);
      value(entry.getValue(), depth + 1, place);
    }
    out.writeEndArray();
  }

  private void ext(Ext ext, int depth, String place) throws IOException {
    out.writeStartObject();
    out.writeNumberField("$ext", Integer.toUnsignedLong(ext.id()));
    out.writeFieldName("value");
    value(ext.payload(), depth + 1, place);
    out.writeEndObject();
  }

  private void string(String text) throws IOException {
    if (JsonReader.unpairedSurrogate(text)) {
      StringBuilder quoted = new StringBuilder();
      quote(quoted, text);
      out.writeRawValue(quoted.toString());
    } else {
      out.writeString(text);
    }
  }

  /** Appends a JSON string; surrogates are escaped, so that also half a pair can be said. */
  static void quote(StringBuilder to, String text) {
    to.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        to.append('\\').append(c);
      } else if (c < 0x20 || c == 0x7f || Character.isSurrogate(c)) {
        to.append(String.format("\\u%04x", (int) c));
      } else {
        to.append(c);
      }
    }
    to.append('"');
  }

  /** One value as JSON text, for results that are printed once. */
  static String text(Object value) {
    JsonWriter writer = new JsonWriter();
    try {
      writer.out = FACTORY.createGenerator(writer.bytes);
      writer.value(value, 0, "the value");
      writer.out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return writer.bytes.toString(StandardCharsets.UTF_8);
  }
}
