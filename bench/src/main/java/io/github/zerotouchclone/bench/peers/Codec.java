package io.github.zerotouchclone.bench.peers;

/** Turns a value into bytes and back. For one thread, with memory of its own that it uses again. */
interface Codec {

  byte[] encode(Object value);

  /** Decodes to a private value that refers to nothing of {@code bytes}. */
  Object decode(byte[] bytes, int offset, int length);

  /** The codecs by name, for one form of value. */
  static Codec of(String name, Form form) {
    return switch (name) {
      case "fory" -> new ForyCodec(form, false);
      case "fory-refs" -> new ForyCodec(form, true);
      case "kryo" -> new KryoCodec(form, false);
      case "kryo-refs" -> new KryoCodec(form, true);
      case "jsonb" -> new JsonbCodec(form);
      default -> throw new IllegalArgumentException("no codec " + name);
    };
  }
}
