package io.github.zerotouchclone.json;

import io.github.zerotouchclone.RecordCopy;
import io.github.zerotouchclone.Region;
import io.github.zerotouchclone.RegionOption;
import io.github.zerotouchclone.RegionWriter;
import io.github.zerotouchclone.ZeroTouchClone;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Regions for tests. */
final class Regions {
  private Regions() {}

  /** The records of a region that was written at a path. */
  static List<RecordCopy> records(Path path, Consumer<RegionWriter> writing) {
    try (RegionWriter writer = RegionWriter.create(path)) {
      writing.accept(writer);
      writer.publish();
    }
    List<RecordCopy> records = new ArrayList<>();
    try (Region region = Region.open(path, RegionOption.VERIFY_ALL)) {
      for (long i = 0; i < region.count(); i++) {
        records.add(ZeroTouchClone.copy(region, i));
      }
    }
    return records;
  }
}
