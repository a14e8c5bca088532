package io.github.zerotouchclone.bench.demo;

import io.github.zerotouchclone.Region;
import io.github.zerotouchclone.RegionWriter;
import io.github.zerotouchclone.ZeroTouchClone;
import io.github.zerotouchclone.bench.data.DataSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/** Publishes a data set as a region and compares what comes back with the source. */
final class Publisher {

  private Publisher() {}

  /**
   * Writes every record of the set to a region.
   *
   * @param set what to write
   * @param path the file that appears, or is replaced, when all of it is written
   */
  static void publish(DataSet set, Path path) {
    try (Progress progress = Progress.of("publishing " + set.name(), set.count())) {
      try (RegionWriter writer = RegionWriter.create(path)) {
        set.forEach(
            (index, record) -> {
              writer.add(record);
              progress.step();
            });
        writer.publish();
      }
      progress.finish();
      System.out.printf(
          Locale.ROOT,
          "%-8s  %,9d records published in %s, %s (%,.0f records/s)%n",
          set.name(),
          set.count(),
          path.getFileName(),
          Table.mebibytes(size(path)),
          progress.rate());
    }
  }

  /**
   * Copies every record of the region and compares it with its source.
   *
   * @throws DemoException if one differs
   */
  static void checkRoundTrip(DataSet set, Path path) {
    try (Progress progress = Progress.of("comparing " + set.name(), set.count());
        Region region = Region.open(path)) {
      if (region.count() != set.count()) {
        throw new DemoException(
            path + " has " + region.count() + " records instead of " + set.count() + ".");
      }
      set.forEach(
          (index, record) -> {
            Map<String, Object> copy = ZeroTouchClone.copy(region, index).toMap();
            if (!copy.equals(record)) {
              throw new DemoException(
                  "Record "
                      + index
                      + " of "
                      + path
                      + " came back as "
                      + copy
                      + " instead of "
                      + record
                      + ".");
            }
            progress.step();
          });
      progress.finish();
      System.out.printf(
          Locale.ROOT,
          "%-8s  %,9d copies compared with the source, all equal (%,.0f records/s)%n",
          set.name(),
          set.count(),
          progress.rate());
    }
  }

  private static long size(Path path) {
    try {
      return Files.size(path);
    } catch (IOException e) {
      throw new DemoException("The size of " + path + " cannot be read.", e);
    }
  }
}
