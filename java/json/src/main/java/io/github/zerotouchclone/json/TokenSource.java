package io.github.zerotouchclone.json;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.github.zerotouchclone.Status;
import io.github.zerotouchclone.internal.EventSink;
import io.github.zerotouchclone.internal.EventSource;
import io.github.zerotouchclone.json.internal.ExactNumbers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/** The value that begins with a parser's current token, as events. Used once. */
final class TokenSource implements EventSource {
  // To clear a set takes as long as the most that was ever in it.
  private static final int FEW_KEYS = 1000;

  private final JsonParser parser;
  private final List<HashSet<String>> keys = new ArrayList<>(); // of the open objects

  TokenSource(JsonParser parser) {
    this.parser = parser;
  }

  @Override
  public void write(EventSink to) {
    try {
      value(parser.currentToken(), to, 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The depth is at most what a region allows, which the sink watches. */
  private void value(JsonToken token, EventSink to, int depth) throws IOException {
    if (token == null) {
      throw to.fail(Status.UNSTORABLE, "the input ends inside of the value");
    }
    switch (token) {
      case START_OBJECT -> object(to, depth);
      case START_ARRAY -> array(to, depth);
      case VALUE_STRING -> to.value(parser.getText());
      case VALUE_NUMBER_INT -> integer(to);
      case VALUE_NUMBER_FLOAT -> decimal(to);
      case VALUE_TRUE -> to.value(true);
      case VALUE_FALSE -> to.value(false);
      case VALUE_NULL -> to.value(null);
      case VALUE_EMBEDDED_OBJECT -> to.value(parser.getEmbeddedObject());
      default -> throw to.fail(Status.UNSTORABLE, "no value begins with the token " + token);
    }
  }

  private void integer(EventSink to) throws IOException {
    if (parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
      to.value(parser.getBigIntegerValue());
    } else {
      to.integer(parser.getLongValue());
    }
  }

  private void decimal(EventSink to) throws IOException {
    switch (parser.getNumberTypeFP()) {
      case FLOAT32 -> to.value(parser.getFloatValue());
      case DOUBLE64 -> to.number(parser.getDoubleValue());
      case BIG_DECIMAL -> to.value(parser.getDecimalValue());
      default -> decimal(parser.getText(), to);
    }
  }

  private static void decimal(String text, EventSink to) {
    double nearest;
    try {
      nearest = ExactNumbers.nearest(text);
    } catch (NumberFormatException e) {
      throw to.fail(Status.UNSTORABLE, "not a number: " + text);
    }
    boolean exact;
    try {
      exact = ExactNumbers.isExact(nearest, text);
    } catch (NumberFormatException | ArithmeticException e) {
      throw to.fail(Status.UNSTORABLE, "the number " + text + " has an exponent out of range");
    }
    if (exact) {
      to.number(nearest);
    } else {
      to.value(new BigDecimal(text));
    }
  }

  private void object(EventSink to, int depth) throws IOException {
    to.beginMap();
    while (depth >= keys.size()) {
      keys.add(new HashSet<>());
    }
    HashSet<String> seen = emptied(keys.get(depth));
    keys.set(depth, seen);
    for (JsonToken token = parser.nextToken();
        token != JsonToken.END_OBJECT;
        token = parser.nextToken()) {
      if (token == null) {
        throw to.fail(Status.UNSTORABLE, "the input ends inside of the value");
      }
      String key = parser.currentName();
      to.key(key);
      if (!seen.add(key)) {
        throw to.fail(Status.DUPLICATE_KEY, "the object has this key twice");
      }
      value(parser.nextToken(), to, depth + 1);
    }
    to.end();
  }

  /** An empty set: the same one, unless it would take long to clear it for each object. */
  static HashSet<String> emptied(HashSet<String> seen) {
    if (seen.size() > FEW_KEYS) {
      return new HashSet<>();
    }
    seen.clear();
    return seen;
  }

  private void array(EventSink to, int depth) throws IOException {
    to.beginList();
    int i = 0;
    for (JsonToken token = parser.nextToken();
        token != JsonToken.END_ARRAY;
        token = parser.nextToken()) {
      to.index(i++);
      value(token, to, depth + 1);
    }
    to.end();
  }
}
