package io.github.zerotouchclone.bench.peers;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import org.lmdbjava.ByteBufferProxy;
import org.lmdbjava.Dbi;
import org.lmdbjava.DbiFlags;
import org.lmdbjava.Env;
import org.lmdbjava.EnvFlags;
import org.lmdbjava.PutFlags;
import org.lmdbjava.Txn;

/**
 * LMDB by lmdbjava, with the natives that its jar brings. Integer keys and appended values (the
 * densest tree); opened read-only, without read-ahead (random access to data in memory), without
 * thread-local reader slots; one read transaction a thread that stays open, and lmdbjava's fast
 * buffer proxy, which needs {@code java.nio} opened to it and falls back to the safe one without.
 * Its optional checks are off, by the property that its documentation names for that ({@link
 * Env#DISABLE_CHECKS_PROP}, in {@code bench/jvm-options}).
 */
final class LmdbStore implements Store {

  private static final String NAME = "records";
  private static final long MAP_SIZE = 64L << 30;

  private final Env<ByteBuffer> env;
  private final Dbi<ByteBuffer> db;
  private final Txn<ByteBuffer> txn;
  private final ByteBuffer key = ByteBuffer.allocateDirect(4).order(ByteOrder.nativeOrder());

  LmdbStore(Path path) {
    env =
        Env.create(ByteBufferProxy.PROXY_OPTIMAL)
            .setMapSize(MAP_SIZE)
            .setMaxDbs(1)
            .open(
                path.toFile(), EnvFlags.MDB_RDONLY_ENV, EnvFlags.MDB_NORDAHEAD, EnvFlags.MDB_NOTLS);
    db = env.openDbi(NAME, DbiFlags.MDB_INTEGERKEY);
    txn = env.txnRead();
  }

  static void build(Path path, int count, Source source) throws IOException {
    ByteBuffer key = ByteBuffer.allocateDirect(4).order(ByteOrder.nativeOrder());
    ByteBuffer value = ByteBuffer.allocateDirect(1 << 20);
    try (Env<ByteBuffer> env =
        Env.create().setMapSize(MAP_SIZE).setMaxDbs(1).open(path.toFile(), EnvFlags.MDB_NOSYNC)) {
      Dbi<ByteBuffer> db = env.openDbi(NAME, DbiFlags.MDB_CREATE, DbiFlags.MDB_INTEGERKEY);
      try (Txn<ByteBuffer> txn = env.txnWrite()) {
        for (int i = 0; i < count; i++) {
          key.clear().putInt(i).flip();
          value.clear().put(source.bytes(i)).flip();
          db.put(txn, key, value, PutFlags.MDB_APPEND);
        }
        txn.commit();
      }
      env.sync(true);
    }
  }

  private ByteBuffer value(int index) {
    key.clear().putInt(index).flip();
    return db.get(txn, key);
  }

  @Override
  public byte[] get(int index) {
    ByteBuffer value = value(index);
    byte[] bytes = new byte[value.remaining()];
    value.get(bytes);
    return bytes;
  }

  @Override
  public int get(int index, byte[] destination, int offset) {
    ByteBuffer value = value(index);
    int length = value.remaining();
    value.get(destination, offset, length);
    return length;
  }

  @Override
  public void close() {
    txn.close();
    env.close();
  }
}
