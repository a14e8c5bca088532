package io.github.zerotouchclone.bench.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class WordNetTest {

  private static final String FOLDER = "/net/sf/extjwnl/data/wordnet/wn31/";
  private static final List<String> FILES = List.of("noun", "verb", "adj", "adv");

  /** Where an adjective may stand, as the data files note it behind a lemma. */
  private static final Pattern MARKER = Pattern.compile("\\((a|p|ip)\\)$");

  private static final int SYNSETS = 117_791;

  private static WordNet wordNet;
  private static List<Map<String, Object>> records;

  @BeforeAll
  static void readEverything() {
    wordNet = WordNet.open();
    records = new ArrayList<>(SYNSETS);
    wordNet.forEach(
        (index, record) -> {
          assertEquals(records.size(), index);
          records.add(record);
        });
  }

  @Test
  void has_every_synset() {
    assertEquals(SYNSETS, wordNet.count());
    assertEquals(SYNSETS, records.size());
  }

  @Test
  void every_record_has_the_stated_keys() {
    for (Map<String, Object> record : records) {
      assertEquals(
          List.of("pos", "lexfile", "lemmas", "gloss", "examples", "pointers", "offset"),
          List.copyOf(record.keySet()));
    }
  }

  @Test
  void is_ordered_by_part_of_speech_and_offset() {
    String order = "nvar";
    long last = -1;
    for (Map<String, Object> record : records) {
      String pos = record.get("pos").equals("s") ? "a" : (String) record.get("pos");
      long rank = ((long) order.indexOf(pos) << 32) + (long) record.get("offset");
      assertTrue(rank > last, record::toString);
      last = rank;
    }
  }

  @Test
  void single_record_of_a_second_reading_equals_the_streamed_one() {
    WordNet again = WordNet.open();
    for (int i = 0; i < SYNSETS; i += 97) {
      assertEquals(records.get(i), again.record(i));
    }
    assertThrows(IndexOutOfBoundsException.class, () -> again.record(SYNSETS));
    assertThrows(IndexOutOfBoundsException.class, () -> again.record(-1));
  }

  @Test
  void every_pointer_leads_to_a_synset_and_to_words_that_exist() {
    long pointers = 0;
    for (Map<String, Object> record : records) {
      for (Map<String, Object> pointer : pointers(record)) {
        long target = (long) pointer.get("target");
        assertTrue(target >= 0 && target < SYNSETS, record::toString);
        assertTrue((long) pointer.get("source") <= lemmas(record).size(), record::toString);
        assertTrue(
            (long) pointer.get("dest") <= lemmas(records.get((int) target)).size(),
            record::toString);
        pointers++;
      }
    }
    assertEquals(378_203, pointers);
  }

  /** Reads WordNet's own files a second way, so that a mistake in the library above would show. */
  @Test
  void records_say_what_wordnets_data_files_say() throws IOException {
    List<String[]> lines = new ArrayList<>(SYNSETS);
    Map<String, Long> indexAt = new HashMap<>();
    for (String file : FILES) {
      for (String line : dataLines(file)) {
        String[] fields = line.substring(0, line.indexOf('|')).split(" ");
        indexAt.put(file + fields[0], (long) lines.size());
        lines.add(fields);
      }
    }
    assertEquals(records.size(), lines.size());

    for (int i = 0; i < lines.size(); i++) {
      String[] fields = lines.get(i);
      Map<String, Object> record = records.get(i);
      assertEquals(Long.parseLong(fields[0]), record.get("offset"));
      assertEquals(fields[2], record.get("pos"));
      int words = Integer.parseInt(fields[3], 16);
      List<String> lemmas = new ArrayList<>();
      for (int w = 0; w < words; w++) {
        lemmas.add(MARKER.matcher(fields[4 + 2 * w]).replaceFirst("").replace('_', ' '));
      }
      assertEquals(lemmas, record.get("lemmas"));

      int at = 4 + 2 * words;
      int count = Integer.parseInt(fields[at++]);
      List<Map<String, Object>> pointers = new ArrayList<>();
      for (int p = 0; p < count; p++, at += 4) {
        int linked = Integer.parseInt(fields[at + 3], 16);
        pointers.add(
            Map.of(
                "symbol",
                fields[at],
                "target",
                indexAt.get(file(fields[at + 2]) + fields[at + 1]),
                "source",
                (long) (linked >> 8),
                "dest",
                (long) (linked & 0xff)));
      }
      assertEquals(pointers, record.get("pointers"), () -> String.join(" ", fields));
    }
  }

  private static String file(String pos) {
    return switch (pos) {
      case "n" -> "noun";
      case "v" -> "verb";
      case "r" -> "adv";
      default -> "adj";
    };
  }

  private static List<String> dataLines(String file) throws IOException {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                Objects.requireNonNull(
                    WordNetTest.class.getResourceAsStream(FOLDER + "data." + file)),
                StandardCharsets.UTF_8))) {
      return reader.lines().filter(line -> !line.startsWith("  ")).toList();
    }
  }

  @SuppressWarnings("unchecked")
  private static List<Map<String, Object>> pointers(Map<String, Object> record) {
    return (List<Map<String, Object>>) record.get("pointers");
  }

  private static List<?> lemmas(Map<String, Object> record) {
    return (List<?>) record.get("lemmas");
  }
}
