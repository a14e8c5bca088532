package io.github.zerotouchclone.bench.peers;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;

/** Bytes by number. A handle is for one thread. */
interface Store extends AutoCloseable {

  /** Returns the bytes in a fresh array. */
  byte[] get(int index) throws IOException;

  /** Copies the bytes to {@code offset} in an array and returns how many they are. */
  int get(int index, byte[] destination, int offset) throws IOException;

  @Override
  void close() throws IOException;

  /** Makes the bytes of one record. */
  @FunctionalInterface
  interface Source {
    byte[] bytes(int index) throws IOException;
  }

  /** Writes a store; {@code path} is a folder that exists and is empty. */
  @FunctionalInterface
  interface Builder {
    void build(Path path, int count, Source source) throws IOException;
  }

  /** Opens what a {@link Builder} wrote, to read. */
  @FunctionalInterface
  interface Opener {
    Store open(Path path) throws IOException;
  }

  /** A kind of store. */
  enum Kind {
    /** A file of bytes and one of offsets, both mapped. */
    MAPPED(MappedStore::build, MappedStore::new),
    /** Spotify's Sparkey. */
    SPARKEY(SparkeyStore::build, SparkeyStore::new),
    /** LMDB by lmdbjava. */
    LMDB(LmdbStore::build, LmdbStore::new),
    /** Chronicle Map. */
    CHRONICLE(ChronicleStore::build, ChronicleStore::new);

    private final Builder builder;
    private final Opener opener;

    Kind(Builder builder, Opener opener) {
      this.builder = builder;
      this.opener = opener;
    }

    void build(Path path, int count, Source source) throws IOException {
      builder.build(path, count, source);
    }

    Store open(Path path) throws IOException {
      return opener.open(path);
    }

    String id() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
