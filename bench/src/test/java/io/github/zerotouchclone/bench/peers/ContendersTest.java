package io.github.zerotouchclone.bench.peers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import io.github.zerotouchclone.RecordCopy;
import io.github.zerotouchclone.bench.data.MailJobBean;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.lmdbjava.Env;

/** Every contender gives the same values as the source, for every work it claims to do. */
class ContendersTest {

  /** More than a hundred, so that a few subjects need UTF-8. */
  private static final int COUNT = 400;

  @TempDir static Path folder;

  private static RecordFiles files;

  @BeforeAll
  static void name_the_files() {
    files = new RecordFiles(folder, COUNT);
  }

  static Stream<Arguments> everything() {
    return Contenders.all().stream()
        .flatMap(
            contender ->
                contender.works().stream()
                    .sorted()
                    .map(work -> Arguments.of(contender.id(), work)));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("everything")
  void every_record_comes_back_as_it_was(String id, Work work) throws IOException {
    try (Reader reader = open(id, work)) {
      // Backwards, so that nothing can lean on what came before.
      for (int i = COUNT - 1; i >= 0; i--) {
        check(work, i, reader.read(i));
      }
    }
  }

  static Stream<Arguments> everythingInBatches() {
    return everything()
        .filter(arguments -> arguments.get()[0].toString().matches("ztc|mapped\\+.*"))
        .filter(arguments -> !arguments.get()[0].equals("mapped+fory-direct"))
        .filter(arguments -> arguments.get()[1] != Work.BYTES)
        .filter(arguments -> arguments.get()[1] != Work.REUSED);
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("everythingInBatches")
  void every_record_of_a_batch_comes_back_as_it_was(String id, Work work) throws IOException {
    try (BatchReader reader = Contenders.of(id).openBatches(files, work)) {
      for (int first = COUNT - 1; first >= 50; first -= 50) {
        long[] indices = LongStream.iterate(first, i -> i - 1).limit(50).toArray();
        Object[] made = new Object[50];
        reader.read(indices, made);
        for (int i = 0; i < 50; i++) {
          check(work, (int) indices[i], made[i]);
        }
      }
    }
  }

  static Stream<Arguments> nothingInBatches() {
    return Stream.of(
        Arguments.of("ztc", Work.BYTES, "the work bytes makes none"),
        Arguments.of("ztc", Work.REUSED, "the work reused makes none"),
        Arguments.of("mapped-get", Work.BYTES, "one record after the other"));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("nothingInBatches")
  void what_comes_in_no_batches_says_so(String id, Work work, String why) {
    Exception e =
        assertThrows(
            IllegalArgumentException.class, () -> Contenders.of(id).openBatches(files, work));
    assertTrue(e.getMessage().contains(why), e.getMessage());
  }

  /** All but what shares its memory on purpose. */
  static Stream<Arguments> everythingThatMakesObjects() {
    return everything().filter(arguments -> arguments.get()[1] != Work.REUSED);
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("everythingThatMakesObjects")
  void two_reads_share_no_object(String id, Work work) throws IOException {
    try (Reader reader = open(id, work)) {
      assertNotSame(reader.read(7), reader.read(7));
    }
  }

  /** With them it would not be set up as its documentation says for speed. */
  @Test
  void lmdb_runs_without_its_optional_checks() {
    assertFalse(Env.SHOULD_CHECK, "bench/jvm-options has not been given");
  }

  private static Reader open(String id, Work work) throws IOException {
    try {
      return Contenders.of(id).open(files, work);
    } catch (UnavailableException e) {
      return abort(e.getMessage());
    }
  }

  private static void check(Work work, int i, Object read) throws IOException {
    switch (work) {
      case BYTES, REUSED -> assertImage(i, read);
      case TREE -> {
        assertInstanceOf(LinkedHashMap.class, read);
        assertEquals(files.jobs().record(i), read);
      }
      case COMPACT -> assertEquals(files.jobs().record(i), read);
      case RECORD -> assertEquals(files.jobs().job(i), read);
      case BEAN -> assertEquals(files.jobs().job(i), ((MailJobBean) read).toRecord());
      case FIELDS, HANDLES -> {
        Map<String, Object> record = files.jobs().record(i);
        assertEquals(
            new ThreeFields(
                (String) record.get("to"),
                (String) record.get("subject"),
                (Long) record.get("created")),
            read);
      }
    }
  }

  private static void assertImage(int i, Object read) throws IOException {
    byte[] image = RegionExtents.open(files.region()).get(i);
    if (read instanceof RecordCopy copy) {
      assertEquals(image.length, copy.byteSize());
      assertEquals(files.jobs().record(i), copy.toMap());
    } else {
      assertArrayEquals(image, Arrays.copyOf((byte[]) read, image.length));
    }
  }
}
