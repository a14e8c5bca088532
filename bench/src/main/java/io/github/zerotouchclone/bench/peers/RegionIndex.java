package io.github.zerotouchclone.bench.peers;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.file.Path;

/** Where a region file has its record index, as the format document says. */
public final class RegionIndex {

  private static final int DIRECTORY = 64;
  private static final int DIRECTORY_ENTRY = 32;
  private static final int RECORD_INDEX = 2;

  private RegionIndex() {}

  /** Finds the record index of a region of at most 2 GiB. */
  public static long offset(Path region) throws IOException {
    MappedByteBuffer bytes = MappedStore.map(region);
    bytes.order(ByteOrder.LITTLE_ENDIAN);
    return offset(bytes);
  }

  static long offset(MappedByteBuffer bytes) {
    int sections = bytes.getInt(40);
    for (int i = 0; i < sections; i++) {
      int entry = DIRECTORY + i * DIRECTORY_ENTRY;
      if (bytes.getInt(entry) == RECORD_INDEX) {
        return bytes.getLong(entry + 8);
      }
    }
    throw new IllegalStateException("the region has no record index");
  }
}
