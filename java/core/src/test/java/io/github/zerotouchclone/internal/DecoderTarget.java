package io.github.zerotouchclone.internal;

import io.github.zerotouchclone.RegionException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * What a fuzzing engine drives, and what the tests replay: any bytes are a value or an error.
 *
 * <p>The input is that of the C target {@code value}: the size of a schema in a u16, the schema,
 * and a copy.
 */
public final class DecoderTarget {
  /** Bytes of a schema that an input has room for. */
  public static final int MAX_SCHEMA = 0xffff;

  private DecoderTarget() {}

  /** The input that makes {@link #run} decode this copy with this schema. */
  public static byte[] input(byte[] schema, byte[] copy) {
    ByteBuffer input =
        ByteBuffer.allocate(2 + schema.length + copy.length).order(ByteOrder.LITTLE_ENDIAN);
    return input.putShort((short) schema.length).put(schema).put(copy).array();
  }

  /** Any outcome but a value or a {@link RegionException} is thrown. Returns whether it decoded. */
  public static boolean run(byte[] input) {
    if (input.length < 2) {
      return false;
    }
    int length =
        Short.toUnsignedInt(ByteBuffer.wrap(input).order(ByteOrder.LITTLE_ENDIAN).getShort());
    if (length > input.length - 2) {
      return false;
    }
    Schema schema;
    try {
      schema = Schema.parse(Arrays.copyOfRange(input, 2, 2 + length), "fuzz");
    } catch (RegionException e) {
      return false;
    }
    byte[] copy = Arrays.copyOfRange(input, 2 + length, input.length);
    boolean printed = attempt(() -> TypedText.of(Node.root(CopyBytes.image(copy, schema))));
    boolean decoded = attempt(() -> Decoder.decode(Node.root(CopyBytes.image(copy, schema))));
    return printed && decoded;
  }

  private static boolean attempt(Runnable reader) {
    try {
      reader.run();
      return true;
    } catch (RegionException e) {
      if (e.getMessage() == null || e.getMessage().isEmpty()) {
        throw new AssertionError("an error without a word", e);
      }
      return false;
    }
  }
}
