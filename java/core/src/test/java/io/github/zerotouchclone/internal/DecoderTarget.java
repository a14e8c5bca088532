package io.github.zerotouchclone.internal;

import io.github.zerotouchclone.LazyTarget;
import io.github.zerotouchclone.RegionException;
import java.lang.reflect.RecordComponent;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.stream.Stream;

/**
 * What a fuzzing engine drives, and what the tests replay: any bytes are a value or an error.
 *
 * <p>The input is that of the C target {@code value}: the size of a schema in a u16, the schema,
 * and a copy.
 */
public final class DecoderTarget {
  /** Bytes of a schema that an input has room for. */
  public static final int MAX_SCHEMA = 0xffff;

  enum Colour {
    RED,
    GREEN
  }

  /** Takes any map, since it misses nothing. */
  static final class Bean {
    public long id;
    public String to;
    public Colour colour;
    public Bean prefs;
    public Set<Bean> items;
    public List<Bean> a;
    public Object b;
    public char c;
  }

  record Pair(Object a, Pair b) {}

  /** Has only what can be plain. */
  record Job(long id, String to, Job prefs, List<Job> items, List<Job> a, String lang) {}

  /** Each component's type is one that every input is read as. */
  private record Types(
      Bean bean,
      List<Bean> beans,
      Map<String, Bean> beansByName,
      Pair pair,
      Set<Pair> pairs,
      Set<Object> set,
      Set<List<Set<Object>>> sets,
      Map<Object, Object> map,
      Map<List<Object>, Set<Object>> mapOfLists,
      Map<String, Set<Object>> named,
      SortedSet<Object> sorted,
      SortedMap<Object, Object> sortedMap,
      Set<Colour> colours,
      EnumMap<Colour, Object> byColour,
      List<Colour> colourList,
      List<Character> characters,
      char[] chars,
      long[] longs,
      Object[] objects,
      Map<String, String> strings,
      List<Optional<Object>> optionals,
      Job job) {}

  private static final List<TypedReader> READERS =
      Stream.of(Types.class.getRecordComponents())
          .map(RecordComponent::getGenericType)
          .map(type -> new TypedReader(type, false))
          .toList();

  private static long plainCopies;

  private DecoderTarget() {}

  /** How many copies were plain until now, each counted for each type that it was read as. */
  public static long plainCopies() {
    return plainCopies;
  }

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
    for (TypedReader reader : READERS) {
      readBothWays(reader, CopyBytes.image(copy, schema));
    }
    LazyTarget.run(CopyBytes.image(copy, schema), DecoderTarget::attempt);
    return printed && decoded;
  }

  /** A copy that is plain is one that is read the other way, and as an equal object. */
  private static void readBothWays(TypedReader reader, Image image) {
    Object plain = PlainAccess.read(reader, image);
    Object[] read = new Object[1];
    boolean done = attempt(() -> read[0] = reader.read(image));
    if (plain == null) {
      return;
    }
    if (!done || (plain instanceof Job && !plain.equals(read[0]))) {
      throw new AssertionError("plain is " + plain + ", else " + (done ? read[0] : "an error"));
    }
    plainCopies++;
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
