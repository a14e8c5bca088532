package io.github.zerotouchclone.cli;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Errors of the JSON parser in the words of this command. */
final class JsonErrors {
  private static final Pattern SOURCE =
      Pattern.compile(" \\(start marker at \\[Source: .*?line: (\\d+), column: (\\d+)\\]\\)");

  // Advice to programmers.
  private static final Pattern ADVICE =
      Pattern.compile(": enable `JsonReadFeature.*| \\(not recognized as one since Feature .*");

  private static final Pattern LONG_NUMBER =
      Pattern.compile("Number value length \\((\\d+)\\) exceeds the maximum allowed \\((\\d+).*");

  private JsonErrors() {}

  /** Where and what, with lines counted from the start of what the parser got. */
  static BadInput place(JsonProcessingException e) {
    JsonLocation at = e.getLocation();
    String message = ADVICE.matcher(e.getOriginalMessage()).replaceFirst("");
    message = message.startsWith("Non-standard token ") ? message + " is not JSON" : message;
    Matcher number = LONG_NUMBER.matcher(message);
    if (number.matches()) {
      message =
          "a number of "
              + number.group(1)
              + " digits; one of more than "
              + number.group(2)
              + " can be stored as a string";
    }
    Matcher start = SOURCE.matcher(message);
    if (start.find()) {
      String line = start.group(1).equals("1") ? "" : "line " + start.group(1) + ", ";
      message = start.replaceFirst(" that begins at " + line + "column " + start.group(2));
    }
    return new BadInput(
        at == null ? 1 : Math.max(at.getLineNr(), 1),
        at == null ? 1 : Math.max(at.getColumnNr(), 1),
        message.replace('\n', ' '));
  }
}
