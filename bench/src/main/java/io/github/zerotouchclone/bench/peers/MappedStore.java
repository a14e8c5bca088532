package io.github.zerotouchclone.bench.peers;

import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The least that a store can be: a file with the values one after the other and a file with their
 * offsets, both mapped. A value is two offsets and one bulk {@code get}; no checks, no checksums.
 * At most 2 GiB of values, which is what one {@link MappedByteBuffer} spans.
 */
final class MappedStore implements Store {

  private final MappedByteBuffer values;
  private final LongBuffer offsets;

  MappedStore(Path path) throws IOException {
    values = map(path.resolve("values"));
    offsets = map(path.resolve("offsets")).order(ByteOrder.BIG_ENDIAN).asLongBuffer();
  }

  static MappedByteBuffer map(Path path) throws IOException {
    try (FileChannel file = FileChannel.open(path)) {
      return file.map(FileChannel.MapMode.READ_ONLY, 0, file.size());
    }
  }

  static void build(Path path, int count, Source source) throws IOException {
    try (BufferedOutputStream values =
            new BufferedOutputStream(Files.newOutputStream(path.resolve("values")), 1 << 20);
        DataOutputStream offsets =
            new DataOutputStream(
                new BufferedOutputStream(
                    Files.newOutputStream(path.resolve("offsets")), 1 << 20))) {
      long offset = 0;
      offsets.writeLong(0);
      for (int i = 0; i < count; i++) {
        byte[] value = source.bytes(i);
        values.write(value);
        offset += value.length;
        offsets.writeLong(offset);
      }
    }
  }

  /** The values, for a codec that reads from a mapping without a copy in between. */
  MappedByteBuffer values() {
    return values;
  }

  int offset(int index) {
    return (int) offsets.get(index);
  }

  @Override
  public byte[] get(int index) {
    int from = offset(index);
    byte[] value = new byte[offset(index + 1) - from];
    values.get(from, value);
    return value;
  }

  @Override
  public int get(int index, byte[] destination, int offset) {
    int from = offset(index);
    int length = offset(index + 1) - from;
    values.get(from, destination, offset, length);
    return length;
  }

  /** Nothing: the collector unmaps. */
  @Override
  public void close() {}
}
