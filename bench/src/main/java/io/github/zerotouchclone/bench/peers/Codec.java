package io.github.zerotouchclone.bench.peers;

/** Turns a value into bytes and back. For one thread, with memory of its own that it uses again. */
interface Codec {

  byte[] encode(Object value);

  /** Decodes to a private value that refers to nothing of {@code bytes}. */
  Object decode(byte[] bytes, int offset, int length);

  /** The name of the codec whose bytes a codec reads: itself, but for other calls of the same. */
  static String writerOf(String name) {
    return name.startsWith("jsonb-") ? "jsonb" : name;
  }

  /** The codecs by name, for one form of value. */
  static Codec of(String name, Form form) {
    return switch (name) {
      case "fory" -> new ForyCodec(form, false);
      case "fory-refs" -> new ForyCodec(form, true);
      case "kryo" -> new KryoCodec(form, false);
      case "kryo-refs" -> new KryoCodec(form, true);
      case "jsonb" -> new JsonbCodec(form, JsonbCodec.Call.FEATURES);
      case "jsonb-context" -> new JsonbCodec(form, JsonbCodec.Call.CONTEXT);
      case "jsonb-object" -> new JsonbCodec(form, JsonbCodec.Call.JSON_OBJECT);
      default -> throw new IllegalArgumentException("no codec " + name);
    };
  }
}
