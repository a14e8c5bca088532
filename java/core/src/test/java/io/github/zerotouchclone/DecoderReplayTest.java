package io.github.zerotouchclone;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.zerotouchclone.internal.DecoderTarget;
import io.github.zerotouchclone.internal.Native;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What fuzzing of the decoder starts from, and mutations of it, without an engine. */
class DecoderReplayTest {
  /** A copy of every record of the corpus, as {@link DecoderTarget} takes it. */
  static Stream<byte[]> seeds() throws IOException {
    List<Path> paths;
    try (Stream<Path> files = Files.list(Fixtures.source("native", "test", "corpus"))) {
      paths = files.filter(file -> file.toString().endsWith(".ztc")).sorted().toList();
    }
    List<byte[]> seeds = new ArrayList<>();
    for (Path path : paths) {
      try (Region region = Region.open(path)) {
        byte[] schema = Native.schemaImage(region.handle());
        boolean fits = schema.length <= DecoderTarget.MAX_SCHEMA;
        for (long i = 0; fits && i < region.count(); i++) {
          seeds.add(DecoderTarget.input(schema, ZeroTouchClone.copy(region, i).copyBytes()));
        }
      } catch (RegionException e) {
        // The corpus holds regions that must not open or not copy, too.
      }
    }
    return seeds.stream();
  }

  @Test
  void records_of_the_corpus_decode() throws IOException {
    List<byte[]> seeds = seeds().toList();
    long before = DecoderTarget.plainCopies();
    long decoded = seeds.stream().filter(DecoderTarget::run).count();
    long plain = DecoderTarget.plainCopies() - before;
    assertTrue(plain > 5, plain + " plain of " + seeds.size());
    // Some of the damaged ones open, too.
    assertTrue(decoded > 50 && decoded > seeds.size() * 3 / 4, decoded + " of " + seeds.size());
  }

  @Test
  void mutations_of_them_are_a_value_or_an_error() throws IOException {
    long start = 20261123;
    Random random = new Random(start);
    int number = 0;
    for (byte[] seed : seeds().toList()) {
      for (int round = 0; round < 40; round++) {
        byte[] bytes = seed.clone();
        for (int change = random.nextInt(8); change >= 0; change--) {
          bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
        }
        try {
          DecoderTarget.run(bytes);
        } catch (Throwable e) {
          throw new AssertionError("record " + number + ", seed " + start + ", round " + round, e);
        }
      }
      number++;
    }
  }
}
