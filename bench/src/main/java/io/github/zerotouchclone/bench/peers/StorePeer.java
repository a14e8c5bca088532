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
      if (work == Work.BYTES) {
        return new Bytes(kind.open(files.images(kind)));
      }
      Store store = kind.open(files.encoded(kind, codec, work.form()));
      return new Decoded(store, Codec.of(codec, work.form()), new byte[LARGEST]);
    } catch (RuntimeException | LinkageError e) {
      throw new UnavailableException(id + " does not start here: " + rootOf(e), e);
    }
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
      return codec.decode(bytes, 0, store.get(index, bytes));
    }

    @Override
    public void close() throws IOException {
      store.close();
    }
  }
}
