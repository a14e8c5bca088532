package io.github.zerotouchclone.internal;

import java.lang.reflect.Type;
import java.util.List;

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

  /**
   * The object for a value in an image.
   *
   * @param node the value's node, or null for an empty container
   * @param emptyType the type of that
   * @param path the value's path, for errors
   */
  public Object read(Image image, Node node, int emptyType, String path) {
    return new TypedDecoder().read(image, node, emptyType, converter, types, path);
  }

  /** A series of reads by one thread. */
  public Session session() {
    return new Session(this);
  }

  /** A series of reads by one thread, which share working memory. */
  public static final class Session {
    private final TypedReader reader;
    private final TypedDecoder decoder = new TypedDecoder();

    private Session(TypedReader reader) {
      this.reader = reader;
    }

    /** As {@link TypedReader#read(Image)}. */
    public Object read(Image image) {
      return reader.read(image, decoder);
    }
  }

  /** As {@link #read(Image)}, with the decoder of a workbench. */
  Object read(Image image, TypedDecoder decoder) {
    return decoder.readRoot(image, converter, types);
  }
}
