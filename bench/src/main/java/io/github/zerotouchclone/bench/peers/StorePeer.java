package io.github.zerotouchclone.bench.peers;

import java.io.IOException;
import java.util.Set;

/** A store of bytes and a codec. */
record StorePeer(
    String id, String description, Role role, Store.Kind kind, String codec, Set<Work> works)
    implements Contender {

  private static final int LARGEST = 1 << 20;

  @Override
  public Reader open(RecordFiles files, Work work) throws IOException {
    try {
      return work == Work.BYTES ? new Bytes(kind.open(files.images(kind))) : decoded(files, work);
    } catch (RuntimeException | LinkageError e) {
      throw new UnavailableException(id + " does not start here: " + rootOf(e), e);
    }
  }

  @Override
  public BatchReader openBatches(RecordFiles files, Work work) throws IOException {
    if (kind != Store.Kind.MAPPED) {
      return Contender.super.openBatches(files, work);
    }
    return new Batches(decoded(files, work));
  }

  private Decoded decoded(RecordFiles files, Work work) throws IOException {
    Store store = kind.open(files.encoded(kind, codec, work.form()));
    return new Decoded(store, Codec.of(codec, work.form()), new byte[LARGEST]);
  }

  private static Throwable rootOf(Throwable e) {
    return e.getCause() == null ? e : rootOf(e.getCause());
  }

  private record Bytes(Store store) implements Reader {
    @Override
    public Object read(int index) throws IOException {
      return store.get(index);
    }

    @Override
    public void close() throws IOException {
      store.close();
    }
  }

  private record Decoded(Store store, Codec codec, byte[] bytes) implements Reader {
    @Override
    public Object read(int index) throws IOException {
      return codec.decode(bytes, 0, store.get(index, bytes, 0));
    }

    @Override
    public void close() throws IOException {
      store.close();
    }
  }

  /**
   * What a user of a mapped file can do for a batch: fetch the bytes of all its records, a loop
   * short enough for the processor to overlap their cache misses, and decode them then.
   */
  private record Batches(Decoded one) implements BatchReader {
    @Override
    public void read(long[] indices, Object[] made) throws IOException {
      int[] ends = new int[indices.length];
      int end = 0;
      for (int i = 0; i < indices.length; i++) {
        end += one.store.get((int) indices[i], one.bytes, end);
        ends[i] = end;
      }
      int start = 0;
      for (int i = 0; i < indices.length; i++) {
        made[i] = one.codec.decode(one.bytes, start, ends[i] - start);
        start = ends[i];
      }
    }

    @Override
    public void close() throws IOException {
      one.close();
    }
  }
}
