package io.github.zerotouchcloneexample;

import io.github.zerotouchclone.Region;
import io.github.zerotouchclone.RegionException;
import io.github.zerotouchclone.RegionWriter;
import io.github.zerotouchclone.ZeroTouchClone;
import java.nio.file.Path;

/**
 * A program outside of the library: writes a region, 100 bytes a record, and reads the last one.
 */
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    Path path = Path.of(arguments[0]);
    int records = Integer.parseInt(arguments[1]);
    try {
      try (RegionWriter writer = RegionWriter.create(path)) {
        for (int i = 0; i < records; i++) {
          writer.add("record number " + i + " ".repeat(80));
        }
        writer.publish();
      }
      try (Region region = Region.open(path)) {
        System.out.println(ZeroTouchClone.copy(region, region.count() - 1).toObject());
      }
    } catch (RegionException e) {
      System.out.println(e.status() + ": " + e.getMessage());
      System.exit(1);
    }
  }
}
