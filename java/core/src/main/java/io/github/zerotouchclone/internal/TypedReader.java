package io.github.zerotouchclone.internal;

import java.lang.reflect.Type;
import java.util.List;
import java.util.function.Supplier;

/** Makes objects of one Java type from copies; what a binding consists of. Any thread. */
public final class TypedReader {
  private final Converter converter;
  private final int types;

  /**
   * @param type what objects to make
   * @param strict whether fields and keys must match exactly
   * @throws io.github.zerotouchclone.RegionException if no objects can be made of the type
   */
  public TypedReader(Type type, boolean strict) {
    Binder binder = new Binder(strict);
    converter = binder.of(type, TypeVariables.NONE);
    types = binder.size();
  }

  /** The type of lists with elements of a class. */
  public static Type listOf(Class<?> element) {
    return TypeVariables.parameterized(List.class, element);
  }

  /** The object for the root of an image. */
  public Object read(Image image) {
    return new TypedDecoder().readRoot(image, converter, types);
  }

  /** As {@link #read(Image)}, of an image that holds the value at a path of its record. */
  public Object read(Image image, Supplier<String> path) {
    return new TypedDecoder().read(image, Node.root(image), 0, converter, types, path);
  }

  /** As {@link #read(Image)}, with a decoder that nobody else uses meanwhile. */
  Object read(Image image, TypedDecoder decoder) {
    return decoder.readRoot(image, converter, types);
  }

  /** The object for the root of a copy if that is {@link Plain}, else null. */
  Object readPlain(Plain plain, byte[] bytes, int start, int end, Schema schema) {
    return converter instanceof ObjectConverter objects
        ? plain.read(bytes, start, end, schema, objects)
        : null;
  }

  /**
   * Reads values of any types, with working memory that is kept from one to the next. One thread;
   * but what a setter or constructor reads meanwhile may come through the same session.
   */
  public static final class Session {
    private final TypedDecoder decoder = new TypedDecoder();
    private Plain plain = new Plain();
    private boolean inUse;

    /** A session that has read nothing yet. */
    public Session() {}

    /** Whether an object is being made, and the bytes that it is made of must not change. */
    public boolean isReading() {
      return inUse;
    }

    /** Lets go of what was read last. */
    public void clear() {
      plain = new Plain();
    }

    /** The object for the root of an image. */
    public Object read(TypedReader reader, Image image) {
      if (inUse) {
        return reader.read(image);
      }
      inUse = true;
      try {
        Object object =
            reader.readPlain(plain, image.bytes, image.start, image.limit, image.schema);
        return object != null ? object : reader.read(image, decoder);
      } finally {
        inUse = false;
      }
    }

    /**
     * The object for a value in an image.
     *
     * @param node the value's node, or null for an empty container
     * @param emptyType the type of that
     * @param path says the value's path, for errors
     */
    public Object read(
        TypedReader reader, Image image, Node node, int emptyType, Supplier<String> path) {
      if (inUse) {
        return new Session().read(reader, image, node, emptyType, path);
      }
      inUse = true;
      try {
        return decoder.read(image, node, emptyType, reader.converter, reader.types, path);
      } finally {
        inUse = false;
      }
    }
  }
}
