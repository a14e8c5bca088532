package io.github.zerotouchclone.bench.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.junit.jupiter.api.Test;

class FindingsTest {

  private static final JvmFleet.Worker CLEAN =
      new JvmFleet.Worker(1000, 0.5, 40, 30_000, 100, 0, true, 3, 3);

  @Test
  void clean_run_with_caught_controls_has_no_complaints() {
    assertEquals(List.of(), complaints("zero", 0, 990, CLEAN));
  }

  @Test
  void harness_without_a_zero_verdict_is_repeated() {
    assertEquals(List.of("set: the sentence"), complaints("inconclusive", 0, 990, CLEAN));
  }

  @Test
  void unshared_page_of_a_forked_worker_is_named() {
    assertEquals(
        List.of("set: a forked C worker un-shared 1 source pages."),
        complaints("zero", 1, 990, CLEAN));
  }

  @Test
  void control_that_is_not_caught_is_named() {
    List<String> complaints = complaints("zero", 0, 100, CLEAN);

    assertEquals(1, complaints.size());
    assertTrue(complaints.get(0).contains("100 of 1,000"), complaints::toString);
  }

  @Test
  void missing_control_is_named() throws JsonProcessingException {
    JsonNode run =
        new ObjectMapper()
            .readTree(
                "{\"verdict\":{\"outcome\":\"zero\"},\"region\":{\"unshared_pages_most\":0},"
                    + "\"heap\":null}");

    assertEquals(1, new Findings("set", run, List.of(CLEAN)).complaints().size());
  }

  @Test
  void unshared_page_of_a_worker_jvm_is_named() {
    assertEquals(
        List.of("set: worker JVM 2 un-shared 5 source pages."),
        complaints(
            "zero", 0, 990, CLEAN, new JvmFleet.Worker(1000, 0.5, 40, 3000, 100, 5, true, 3, 3)));
  }

  @Test
  void mapping_that_refuses_writes_proves_nothing() {
    List<String> complaints =
        complaints("zero", 0, 990, new JvmFleet.Worker(1000, 0.5, 40, 3000, 100, 0, false, 3, 3));

    assertEquals(1, complaints.size());
    assertTrue(complaints.get(0).contains("refused a write"), complaints::toString);
  }

  @Test
  void write_that_was_not_seen_proves_nothing() {
    List<String> complaints =
        complaints("zero", 0, 990, new JvmFleet.Worker(1000, 0.5, 40, 3000, 100, 0, true, 3, 2));

    assertEquals(1, complaints.size());
    assertTrue(complaints.get(0).contains("3 pages of worker JVM 1"), complaints::toString);
  }

  @Test
  void table_shows_all_three_kinds_of_workers() {
    String table = new Findings("set", run("zero", 0, 990), List.of(CLEAN, CLEAN)).table();

    assertTrue(table.startsWith("set: 1,000 records, 2.0 MiB\n"), table);
    assertTrue(table.contains("0 of 500"), table);
    assertTrue(table.contains("990 of 1,000 (99.0 %)"), table);
    assertTrue(table.contains("0 of 100"), table);
    assertTrue(table.contains("2,000"), table);
    assertTrue(table.contains("58.6 MiB"), table);
  }

  private static List<String> complaints(
      String outcome, long unshared, long controlUnshared, JvmFleet.Worker... jvms) {
    return new Findings("set", run(outcome, unshared, controlUnshared), List.of(jvms)).complaints();
  }

  private static JsonNode run(String outcome, long unshared, long controlUnshared) {
    String json =
        """
        {"verdict": {"outcome": "%s", "sentence": "the sentence"},
         "region": {"records": 1000, "size": 2097152, "records_per_second": 5e5,
           "private_growth_kb": 8.0, "unshared_pages_most": %d, "total_pss_kb": 4000,
           "page_map": {"pages": 500}},
         "heap": {"records": 1000, "size": 4000000, "records_per_second": 3e5,
           "private_growth_kb": 4000.0, "unshared_pages_most": %d, "total_pss_kb": 20000,
           "page_map": {"pages": 1000}},
         "heap_note": ""}
        """
            .formatted(outcome, unshared, controlUnshared);
    try {
      return new ObjectMapper().readTree(json);
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }
}
