package io.github.zerotouchclone.bench.peers;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import net.openhft.chronicle.core.values.IntValue;
import net.openhft.chronicle.map.ChronicleMap;
import net.openhft.chronicle.map.ChronicleMapBuilder;
import net.openhft.chronicle.values.Values;

/**
 * Chronicle Map, persisted to a file and opened again: sized for exactly the records and their
 * average length, keys as flyweights, values through {@code getUsing} into a buffer that is used
 * again. It needs parts of the JDK opened to it; where it does not start, it is not available, with
 * its own message as the reason.
 */
final class ChronicleStore implements Store {

  private static final String FILE = "records.dat";

  private final ChronicleMap<IntValue, ByteBuffer> map;
  private final IntValue key = Values.newHeapInstance(IntValue.class);
  private final ByteBuffer value = ByteBuffer.allocate(1 << 20);

  ChronicleStore(Path path) throws IOException {
    // What the file says about its size wins over what is asked for here.
    map = builder(1, 1).createPersistedTo(path.resolve(FILE).toFile());
  }

  private static ChronicleMapBuilder<IntValue, ByteBuffer> builder(int count, double average) {
    return ChronicleMapBuilder.of(IntValue.class, ByteBuffer.class)
        .name("records")
        .entries(count)
        .averageValueSize(average);
  }

  static void build(Path path, int count, Source source) throws IOException {
    double sum = 0;
    int sampled = 0;
    for (int i = 0; i < count; i += 1 + count / 1000) {
      sum += source.bytes(i).length;
      sampled++;
    }
    try (ChronicleMap<IntValue, ByteBuffer> map =
        builder(count, sum / sampled).createPersistedTo(path.resolve(FILE).toFile())) {
      IntValue key = Values.newHeapInstance(IntValue.class);
      for (int i = 0; i < count; i++) {
        key.setValue(i);
        map.put(key, ByteBuffer.wrap(source.bytes(i)));
      }
    }
  }

  private ByteBuffer value(int index) {
    key.setValue(index);
    value.clear();
    return map.getUsing(key, value);
  }

  @Override
  public byte[] get(int index) {
    ByteBuffer found = value(index);
    byte[] bytes = new byte[found.remaining()];
    found.get(bytes);
    return bytes;
  }

  @Override
  public int get(int index, byte[] destination, int offset) {
    ByteBuffer found = value(index);
    int length = found.remaining();
    found.get(destination, offset, length);
    return length;
  }

  @Override
  public void close() {
    map.close();
  }
}
