package io.github.zerotouchclone;

import io.github.zerotouchclone.internal.TypedReader;
import java.lang.reflect.Type;

/**
 * How records become objects of a Java type: which key is which field, and what happens if they do
 * not match. {@link RecordCopy#as} and {@link ZeroTouchClone#copy(Region, long, Class)} use the one
 * that {@link #of} gives; others serve generic types and strict reading.
 *
 * <p>A type is one of
 *
 * <ul>
 *   <li>a record: its components are the fields, its constructor gets them all;
 *   <li>a bean: a class with a constructor without parameters. Its fields are those that have a
 *       setter, that are public, that have a public getter, or that {@link Field} names. Setters
 *       are called, of several the one that takes what the getter returns; other fields are
 *       written. A final field is stored, but not read again: it keeps what the constructor gives
 *       it, and strict reading refuses its key;
 *   <li>a primitive or boxed type, {@code String}, an enum (by the constant's name, or the one that
 *       {@link Field} gives it), {@code Optional} and its kin (where one is in another, an empty
 *       one comes back as the innermost), an array, also of a stored set;
 *   <li>{@code Collection}, {@code List}, {@code Set}, {@code Queue}, {@code Map}, their sorted
 *       forms and usual implementations, {@code ConcurrentHashMap}, {@code Vector}, {@code
 *       CopyOnWriteArrayList} and {@code PriorityQueue}, with elements of any of these types;
 *   <li>{@code Object}, {@code ByteBuffer}, and what {@link RecordCopy#toObject} makes: {@code
 *       BigInteger}, {@code UUID}, {@code Instant} and so on.
 * </ul>
 *
 * <p>There are no bindings to other collections and maps, nor to interfaces and abstract classes of
 * your own: which class an object had is not stored.
 *
 * <p>Fields may be of the class itself. A number that is stored in another width, or as a big
 * integer or decimal, is converted if it fits exactly; a decimal number fits a {@code double} that
 * has its value, or whose shortest text says it. A {@code BigDecimal} takes every finite number: of
 * a {@code double} what its shortest text says. What does not fit is a {@link RegionException} that
 * names the path, with {@link Status#LOSSY}, {@link Status#TYPE_MISMATCH}, or {@link
 * Status#NO_SUCH_KEY}. Identity is preserved: what several references lead to is one object for
 * each type it is wanted as. (A list read as {@code List} whose elements lead back to it is another
 * list there, with elements of its own: they are wanted as {@code Object}. {@link
 * RecordCopy#toObject} knows no types.) A record cannot be part of a cycle, as it does not exist
 * before its components; that is an error, too.
 *
 * <p>Sorted sets and maps are in the natural order of their elements or keys: comparators are not
 * kept. A stored set or map keeps all its elements and keys, or it is an error: {@link
 * Status#LOSSY} if some become equal, as 1 and 1L in a {@code Set<Long>}. A stored list that is
 * read as a set has such elements once.
 *
 * <p>Constructors and setters run in the copying thread; what they throw reaches the caller. Code
 * is generated once for a type and the maps' layout. It is not kept longer than the type: class
 * loaders stay collectable. Immutable; any thread.
 *
 * @param <T> the type of the objects
 */
public final class Binding<T> {
  private static final ClassValue<Binding<?>> LENIENT =
      new ClassValue<>() {
        @Override
        protected Binding<?> computeValue(Class<?> type) {
          return new Binding<>(type, FieldPolicy.DEFAULTS);
        }
      };

  private final TypedReader reader;

  private Binding(Type type, FieldPolicy policy) {
    this.reader = new TypedReader(type, policy == FieldPolicy.STRICT);
  }

  /**
   * The binding to a class with {@link FieldPolicy#DEFAULTS}, which is made once. O(1) after that.
   *
   * @throws RegionException with {@link Status#INVALID_ARGUMENT} if no objects can be made of the
   *     class; the message says why
   */
  @SuppressWarnings("unchecked")
  public static <T> Binding<T> of(Class<T> type) {
    return (Binding<T>) LENIENT.get(type);
  }

  /**
   * A new binding to any type, which the caller keeps; making one looks at all classes involved.
   *
   * @param type for instance the generic type of a field or of a method's result
   * @param policy what happens if fields and keys do not match
   * @param <T> what {@code type} says; not checked
   * @throws RegionException as {@link #of}
   */
  public static <T> Binding<T> ofType(Type type, FieldPolicy policy) {
    return new Binding<>(type, policy);
  }

  /** A new binding to the same class that refuses maps whose keys are not exactly its fields. */
  public static <T> Binding<T> strict(Class<T> type) {
    return new Binding<>(type, FieldPolicy.STRICT);
  }

  /** A new binding to lists, for records that are lists of objects of one class. */
  public static <E> Binding<java.util.List<E>> listOf(Class<E> element) {
    return new Binding<>(TypedReader.listOf(element), FieldPolicy.DEFAULTS);
  }

  TypedReader reader() {
    return reader;
  }
}
