package io.github.zerotouchclone.bench.peers;

import com.spotify.sparkey.CompressionType;
import com.spotify.sparkey.Sparkey;
import com.spotify.sparkey.SparkeyReader;
import com.spotify.sparkey.SparkeyWriter;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * Sparkey: a log of values and a hash file, both mapped. Not compressed, as records of some 500
 * bytes would have to be inflated by the block; a single-threaded reader a thread, which its
 * documentation names the fastest; keys of four bytes.
 */
final class SparkeyStore implements Store {

  private final SparkeyReader reader;
  private final byte[] key = new byte[4];

  SparkeyStore(Path path) throws IOException {
    reader = Sparkey.openSingleThreadedReader(path.resolve("records.spi").toFile());
  }

  static void build(Path path, int count, Source source) throws IOException {
    SparkeyWriter writer =
        Sparkey.createNew(path.resolve("records.spi").toFile(), CompressionType.NONE, 4096);
    try {
      for (int i = 0; i < count; i++) {
        writer.put(ByteBuffer.allocate(4).putInt(i).array(), source.bytes(i));
      }
      writer.flush();
      writer.writeHash();
    } finally {
      writer.close();
    }
  }

  private byte[] key(int index) {
    key[0] = (byte) (index >>> 24);
    key[1] = (byte) (index >>> 16);
    key[2] = (byte) (index >>> 8);
    key[3] = (byte) index;
    return key;
  }

  @Override
  public byte[] get(int index) throws IOException {
    return reader.getAsByteArray(key(index));
  }

  @Override
  public int get(int index, byte[] destination, int offset) throws IOException {
    SparkeyReader.Entry entry = reader.getAsEntry(key(index));
    int length = (int) entry.getValueLength();
    InputStream value = entry.getValueAsStream();
    if (value.readNBytes(destination, offset, length) != length) {
      throw new EOFException("record " + index);
    }
    return length;
  }

  @Override
  public void close() {
    reader.close();
  }
}
