package io.github.zerotouchclone.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The header and the section directory of a region's file, for people. The region has been opened
 * before, which checks them.
 *
 * @param version of the format
 * @param checksum of header and directory
 * @param sections in the order of the directory
 */
record RegionHeader(String version, int checksum, List<Section> sections) {
  private static final int HEADER = 64;
  private static final int ENTRY = 32;
  private static final int MAX_SECTIONS = 64;
  private static final int RECORDS = 1;
  private static final int SHARED = 3;
  private static final String[] NAMES = {
    null, "records", "record index", "shared", "shared index", "schema", "key index", "metadata"
  };

  /** An entry of the directory. */
  record Section(long type, boolean required, long offset, long length, int checksum) {
    String name() {
      return type > 0 && type < NAMES.length ? NAMES[(int) type] : "type " + type;
    }

    /** Records and shared extents have a checksum each, in their index. */
    boolean hasChecksum() {
      return type != RECORDS && type != SHARED;
    }

    String checksumText() {
      return hex(checksum);
    }
  }

  String checksumText() {
    return hex(checksum);
  }

  private static String hex(int checksum) {
    return String.format("%08x", checksum);
  }

  static RegionHeader read(Path path) {
    ByteBuffer bytes = ByteBuffer.allocate(HEADER + ENTRY * MAX_SECTIONS);
    try (FileChannel file = FileChannel.open(path)) {
      while (bytes.hasRemaining() && file.read(bytes) >= 0) {
        // until the buffer is full or the file ends
      }
    } catch (IOException e) {
      throw Failure.of(path.toString(), e);
    }
    bytes.flip().order(ByteOrder.LITTLE_ENDIAN);
    int count = bytes.limit() < HEADER ? 0 : bytes.getInt(40);
    if (count < 1 || count > MAX_SECTIONS || bytes.limit() < HEADER + ENTRY * count) {
      throw Failure.badData(path + ": the file changed while it was read");
    }
    List<Section> sections = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int at = HEADER + ENTRY * i;
      sections.add(
          new Section(
              Integer.toUnsignedLong(bytes.getInt(at)),
              (bytes.getInt(at + 4) & 1) != 0,
              bytes.getLong(at + 8),
              bytes.getLong(at + 16),
              bytes.getInt(at + 24)));
    }
    String version = bytes.getShort(12) + "." + bytes.getShort(14);
    return new RegionHeader(version, bytes.getInt(44), sections);
  }
}
