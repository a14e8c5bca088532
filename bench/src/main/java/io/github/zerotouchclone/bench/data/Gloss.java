package io.github.zerotouchclone.bench.data;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * WordNet's gloss, taken apart: {@code a definition; "an example"; "another"- its author}.
 *
 * @param definition what stands before the first example
 * @param examples without quotation marks, unless something stands outside them
 */
record Gloss(String definition, List<String> examples) {

  private static final Pattern BEFORE_AN_EXAMPLE = Pattern.compile(";\\s*(?=\")");

  static Gloss parse(String text) {
    String[] parts = BEFORE_AN_EXAMPLE.split(text.strip());
    return new Gloss(parts[0].strip(), Stream.of(parts).skip(1).map(Gloss::withoutQuotes).toList());
  }

  private static String withoutQuotes(String part) {
    String example = part.strip();
    int last = example.length() - 1;
    boolean quotedAsAWhole = last > 0 && example.indexOf('"', 1) == last;
    return quotedAsAWhole ? example.substring(1, last) : example;
  }
}
