package io.github.zerotouchclone.json;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.github.zerotouchclone.RecordCopy;
import io.github.zerotouchclone.RegionWriter;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Records from a {@link JsonParser}, and copies of records as one.
 *
 * <pre>{@code
 * try (RegionWriter writer = RegionWriter.create(Path.of("jobs.ztc"));
 *     JsonParser parser = new JsonFactory().createParser(new File("jobs.jsonl"))) {
 *   JsonRecords.addAll(writer, parser);
 *   writer.publish();
 * }
 * MailJob job = mapper.readValue(JsonRecords.parser(copy), MailJob.class);
 * }</pre>
 *
 * <p>Objects become maps, arrays lists, and binary values bytes. Numbers keep their value: an
 * integer is a {@code long} or else a {@link java.math.BigInteger}; a number with a fraction or
 * exponent is a {@code double} if the shortest text of that stands for the same number, else a
 * {@link java.math.BigDecimal}. A parser of a binary format says itself which of {@code float},
 * {@code double} and decimal a number is.
 *
 * <p>All methods are stateless; any thread.
 */
public final class JsonRecords {
  private JsonRecords() {}

  /**
   * Appends one record: the value that begins with the parser's current token, or the next one if
   * there is none. No tree is built. Afterwards the parser is behind the value and on no token, so
   * that the next call appends the next value; {@link JsonParser#getLastClearedToken} is the
   * value's last one.
   *
   * @return the record's index
   * @throws io.github.zerotouchclone.UnstorableValueException if the value cannot be stored, for
   *     instance because an object has a key twice; it names the place. The record is not written,
   *     and the parser is inside of it
   * @throws io.github.zerotouchclone.RegionException as {@link RegionWriter#add}
   * @throws UncheckedIOException if the parser fails
   * @throws IllegalArgumentException if the parser is at the end of its input
   */
  public static long add(RegionWriter writer, JsonParser parser) {
    try {
      JsonToken token = parser.currentToken();
      if (token == null) {
        token = parser.nextToken();
      }
      if (token == null) {
        throw new IllegalArgumentException("there is no value: the input is at its end");
      }
      long index = writer.add(new TokenSource(parser));
      parser.clearCurrentToken();
      return index;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Appends every value up to the end of the input as a record: of JSON lines, of values one after
   * the other, or the one value that there is. Inside of an array, that is if the current token is
   * {@code START_ARRAY}, its elements are the records, up to the end of the array.
   *
   * @return the number of records appended
   * @throws io.github.zerotouchclone.UnstorableValueException as {@link #add}; the records before
   *     are appended
   * @throws io.github.zerotouchclone.RegionException as {@link RegionWriter#add}
   * @throws UncheckedIOException if the parser fails; the records before are appended
   */
  public static long addAll(RegionWriter writer, JsonParser parser) {
    long count = 0;
    try {
      JsonToken token = parser.currentToken();
      boolean inArray = token == JsonToken.START_ARRAY;
      if (token == null || inArray) {
        token = parser.nextToken();
      }
      while (token != null && !(inArray && token == JsonToken.END_ARRAY)) {
        writer.add(new TokenSource(parser));
        count++;
        token = parser.nextToken();
      }
      return count;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * A copy, or a view inside of one, as a parser, for instance for Jackson's {@code ObjectMapper}.
   * It is on no token yet. The copy is turned into objects at once, so it may change afterwards.
   *
   * <p>Bytes are embedded objects (and Base64 text), typed arrays and sets arrays. Times, UUIDs,
   * URIs, characters and enum constants are text. A map whose keys are not strings is an object
   * with the keys' text if each has its own, else an array of key, value, key, value. An {@link
   * io.github.zerotouchclone.Ext} is an embedded object. What a value refers to several times comes
   * each time; the parser fails on a value that contains itself, and where shared values make it
   * endlessly long: after {@code 1000 + 100 * byteSize} tokens. Names, strings and the text of
   * large numbers that come again are the very same {@code String}; who writes them out has to
   * bound what they take there.
   */
  public static JsonParser parser(RecordCopy copy) {
    // What a copy can say without sharing, and then some.
    return new ObjectParser(copy.toObject(), 1000 + 100L * copy.byteSize());
  }
}
