package io.github.zerotouchclone.bench.demo;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.zerotouchclone.bench.data.DataSet;
import io.github.zerotouchclone.bench.data.MailJobs;
import io.github.zerotouchclone.bench.data.WordNet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublisherTest {

  private static final int JOBS = 20_000;

  @TempDir Path folder;

  @Test
  void every_synset_of_wordnet_comes_back_equal_from_a_region_smaller_than_its_json()
      throws IOException {
    publishAndCompare(WordNet.open());
  }

  @Test
  void mail_jobs_come_back_equal_from_a_region_smaller_than_their_json() throws IOException {
    publishAndCompare(new MailJobs(JOBS));
  }

  @Test
  void record_that_differs_from_its_source_is_named() {
    Path region = folder.resolve("mail.ztc");
    Publisher.publish(new MailJobs(10, 1), region);

    DemoException thrown =
        assertThrows(
            DemoException.class, () -> Publisher.checkRoundTrip(new MailJobs(10, 2), region));

    assertTrue(thrown.getMessage().startsWith("Record 0 of "), thrown::getMessage);
  }

  @Test
  void region_with_another_number_of_records_is_named() {
    Path region = folder.resolve("mail.ztc");
    Publisher.publish(new MailJobs(10), region);

    DemoException thrown =
        assertThrows(DemoException.class, () -> Publisher.checkRoundTrip(new MailJobs(11), region));

    assertTrue(thrown.getMessage().contains("10 records instead of 11"), thrown::getMessage);
  }

  private void publishAndCompare(DataSet set) throws IOException {
    Path region = folder.resolve(set.name() + ".ztc");
    Publisher.publish(set, region);
    Publisher.checkRoundTrip(set, region);

    long json = jsonSize(set);
    long size = Files.size(region);
    System.out.printf("%s: region %,d bytes, JSON %,d bytes%n", set.name(), size, json);
    assertTrue(size <= json, () -> size + " bytes, but " + json + " as JSON");
  }

  /** The size as one minified array. */
  private static long jsonSize(DataSet set) {
    ObjectMapper mapper = new ObjectMapper();
    long[] bytes = {1};
    set.forEach(
        (index, record) -> {
          try {
            bytes[0] += mapper.writeValueAsBytes(record).length + 1;
          } catch (JsonProcessingException e) {
            throw new AssertionError(e);
          }
        });
    return bytes[0];
  }
}
