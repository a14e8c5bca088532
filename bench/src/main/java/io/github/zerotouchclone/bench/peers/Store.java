package io.github.zerotouchclone.bench.peers;

import java.io.IOException;
import java.nio.file.Path;

/** Bytes by number. A handle is for one thread. */
interface Store extends AutoCloseable {

  /** Returns the bytes in a fresh array. */
  byte[] get(int index) throws IOException;

  /** Copies the bytes to an array that is used again and returns how many they are. */
  int get(int index, byte[] destination) throws IOException;

  @Override
  void close() throws IOException;

  /** Makes the bytes of one record. */
  @FunctionalInterface
  interface Source {
    byte[] bytes(int index) throws IOException;
  }

  /** A kind of store. */
  enum Kind {
    /** A file of bytes and one of offsets, both mapped. */
    MAPPED {
      @Override
      void build(Path path, int count, Source source) throws IOException {
        MappedStore.build(path, count, source);
      }

      @Override
      Store open(Path path) throws IOException {
        return new MappedStore(path);
      }
    },
    /** Spotify's Sparkey. */
    SPARKEY {
      @Override
      void build(Path path, int count, Source source) throws IOException {
        SparkeyStore.build(path, count, source);
      }

      @Override
      Store open(Path path) throws IOException {
        return new SparkeyStore(path);
      }
    },
    /** LMDB by lmdbjava. */
    LMDB {
      @Override
      void build(Path path, int count, Source source) throws IOException {
        LmdbStore.build(path, count, source);
      }

      @Override
      Store open(Path path) throws IOException {
        return new LmdbStore(path);
      }
    },
    /** Chronicle Map. */
    CHRONICLE {
      @Override
      void build(Path path, int count, Source source) throws IOException {
        ChronicleStore.build(path, count, source);
      }

      @Override
      Store open(Path path) throws IOException {
        return new ChronicleStore(path);
      }
    };

    /** Writes a store; {@code path} is a folder that exists and is empty. */
    abstract void build(Path path, int count, Source source) throws IOException;

    /** Opens what {@link #build} wrote, to read. */
    abstract Store open(Path path) throws IOException;

    String id() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }
}
