package io.github.zerotouchclone.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Makes values of the lines of a block. Several threads may parse blocks at once. */
final class LineParser {
  private static final String ONE_LINE_EACH =
      "; each line is a record, --format json reads documents of many lines";

  private final JsonFactory factory = JsonReader.factory();
  private final JsonReader reader;
  private final RecordKey key;
  private final boolean goOn;

  /**
   * What a line holds.
   *
   * @param number the line's, from 0 at the start of the block
   * @param start where it begins in the block
   * @param end where it ends, without its line feed
   * @param column of the value, from 1
   * @param bad why there is no value, with the column; null if there is one
   */
  record Line(long number, int start, int end, long column, Object value, BadInput bad) {}

  /**
   * The lines of a block that are not blank.
   *
   * @param count how many lines were read, blank ones too
   */
  record Lines(LineBlock block, List<Line> list, long count) {}

  /**
   * Makes a parser.
   *
   * @param goOn whether to read on behind a bad line
   */
  LineParser(JsonReader reader, RecordKey key, boolean goOn) {
    this.reader = reader;
    this.key = key;
    this.goOn = goOn;
  }

  /**
   * Parses the lines of a block.
   *
   * @param first whether it is the first block of an input, which may begin with a byte order mark
   */
  Lines parse(LineBlock block, boolean first) {
    List<Line> list = new ArrayList<>();
    Utf8.Line text = new Utf8.Line();
    long number = 0;
    int start = 0;
    while (start < block.length()) {
      int end = block.lineEnd(start);
      Line line = line(block, number, start, end, text, first && number == 0);
      if (line != null) {
        list.add(line);
        if (line.bad != null && !goOn) {
          break;
        }
      }
      number++;
      start = end + 1;
    }
    return new Lines(block, list, number);
  }

  private Line line(
      LineBlock block, long number, int start, int end, Utf8.Line text, boolean first) {
    boolean valid = text.decode(block.bytes(), start, end);
    char[] chars = text.chars();
    int length = text.length();
    int from = first && length > 0 && chars[0] == '\ufeff' ? 1 : 0;
    try (JsonParser parser = factory.createParser(chars, from, length - from)) {
      if (!valid) {
        throw new BadInput(1, length - from + 1, Utf8.MALFORMED);
      }
      if (parser.nextToken() == null) {
        return null;
      }
      int column = parser.currentTokenLocation().getColumnNr();
      Object value = reader.value(parser);
      if (parser.nextToken() != null) {
        int behind = parser.currentTokenLocation().getColumnNr();
        throw new BadInput(1, behind, "expected the end of the line after the value");
      }
      key.of(value, 1, column);
      return new Line(number, start, end, column, value, null);
    } catch (JsonEOFException e) {
      return bad(number, start, end, JsonErrors.place(e).with(ONE_LINE_EACH), chars, from);
    } catch (JsonProcessingException e) {
      return bad(number, start, end, JsonErrors.place(e), chars, from);
    } catch (BadInput e) {
      return bad(number, start, end, e, chars, from);
    } catch (IOException e) {
      throw new AssertionError("memory was read", e);
    }
  }

  /** Counts the column in characters; the parser counts UTF-16 units. */
  private static Line bad(
      long number, int start, int end, BadInput reason, char[] chars, int from) {
    int units = (int) Math.min(reason.column() - 1, chars.length - from);
    long column = 1 + Character.codePointCount(chars, from, units);
    return new Line(number, start, end, column, null, new BadInput(1, column, reason.getMessage()));
  }
}
