package io.github.zerotouchclone.bench.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

class MailJobsTest {

  private static final int MANY = 20_000;

  private final ObjectMapper json = new ObjectMapper();

  @Test
  void record_depends_on_index_and_seed_alone() {
    MailJobs small = new MailJobs(10, 7);
    MailJobs large = new MailJobs(1_000_000, 7);

    assertEquals(large.record(9), small.record(9));
    assertNotEquals(large.record(9), large.record(8));
    assertNotEquals(large.record(9), new MailJobs(10, 8).record(9));
  }

  @Test
  void records_are_the_same_on_every_jdk() throws JsonProcessingException {
    CRC32C crc = new CRC32C();
    MailJobs jobs = new MailJobs(1_000);
    for (int i = 0; i < jobs.count(); i++) {
      crc.update(json.writeValueAsString(jobs.record(i)).getBytes(StandardCharsets.UTF_8));
    }

    assertEquals("c68c558c", Long.toHexString(crc.getValue()));
  }

  @Test
  void each_call_makes_a_fresh_tree() {
    MailJobs jobs = new MailJobs(1);

    assertNotSame(jobs.record(0), jobs.record(0));
    assertNotSame(jobs.record(0).get("tags"), jobs.record(0).get("tags"));
  }

  @Test
  void map_has_the_fields_of_the_record_class_in_order() {
    MailJobs jobs = new MailJobs(100);
    MailJob job = jobs.job(42);
    Map<String, Object> map = jobs.record(42);

    assertEquals(
        List.of("id", "to", "name", "subject", "body", "tags", "prefs", "created"),
        List.copyOf(map.keySet()));
    assertEquals(42L, map.get("id"));
    assertEquals(job.to(), map.get("to"));
    assertEquals(job.name(), map.get("name"));
    assertEquals(job.subject(), map.get("subject"));
    assertEquals(job.body(), map.get("body"));
    assertEquals(job.tags(), map.get("tags"));
    assertEquals(job.created(), map.get("created"));
    assertEquals(
        Map.of(
            "html", job.prefs().html(),
            "lang", job.prefs().lang(),
            "score", job.prefs().score(),
            "token", job.prefs().token()),
        map.get("prefs"));
  }

  @Test
  void fields_have_the_stated_sizes() throws JsonProcessingException {
    MailJobs jobs = new MailJobs(MANY);
    long bodies = 0;
    long bytes = 0;
    for (int i = 0; i < MANY; i++) {
      MailJob job = jobs.job(i);
      assertTrue(job.tags().size() >= 2 && job.tags().size() <= 5, job::toString);
      assertEquals(job.tags().size(), new HashSet<>(job.tags()).size(), job::toString);
      assertTrue(job.prefs().score() >= 0 && job.prefs().score() < 100, job::toString);
      assertTrue(job.prefs().token().matches("[0-9a-f]{32}"), job::toString);
      bodies += job.body().length();
      bytes += json.writeValueAsBytes(job.toMap()).length;
    }

    assertEquals(200, bodies / (double) MANY, 5);
    assertEquals(500, bytes / (double) MANY, 25);
  }

  @Test
  void about_one_subject_in_a_hundred_is_not_latin_1_and_some_names_are_not_ascii() {
    MailJobs jobs = new MailJobs(MANY);
    int wideSubjects = 0;
    int accentedNames = 0;
    for (int i = 0; i < MANY; i++) {
      MailJob job = jobs.job(i);
      wideSubjects += job.subject().chars().anyMatch(c -> c > 0xff) ? 1 : 0;
      accentedNames += job.name().chars().anyMatch(c -> c > 0x7f) ? 1 : 0;
      assertTrue(job.name().chars().allMatch(c -> c <= 0xff), job::name);
      assertTrue(job.body().chars().allMatch(c -> c <= 0x7f), job::body);
    }

    assertEquals(0.01, wideSubjects / (double) MANY, 0.003);
    assertEquals(0.5, accentedNames / (double) MANY, 0.2);
  }

  @Test
  void forEach_visits_every_record_in_order() {
    MailJobs jobs = new MailJobs(500);
    long[] visited = {0};

    jobs.forEach(
        (index, record) -> {
          assertEquals(visited[0]++, index);
          assertEquals(index, record.get("id"));
        });

    assertEquals(500, visited[0]);
  }

  @Test
  void index_out_of_range_is_refused() {
    MailJobs jobs = new MailJobs(3);

    assertThrows(IndexOutOfBoundsException.class, () -> jobs.record(3));
    assertThrows(IndexOutOfBoundsException.class, () -> jobs.record(-1));
    assertThrows(IllegalArgumentException.class, () -> new MailJobs(-1));
  }
}
