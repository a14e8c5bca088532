package io.github.zerotouchclone.internal;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.util.HashMap;
import java.util.Map;

/**
 * How objects of a class are made: all at once by the constructor of a record, or by the
 * constructor without parameters of a bean and one setter or field after the other.
 */
final class ObjectModel {
  private static final Map<Class<?>, Object> ZEROS =
      Map.of(
          long.class,
          0L,
          int.class,
          0,
          short.class,
          (short) 0,
          byte.class,
          (byte) 0,
          double.class,
          0.0,
          float.class,
          0.0f,
          boolean.class,
          false,
          char.class,
          '\0');

  private final Class<?> type;
  private final MethodHandle constructor; // parameters and result that are no primitives: Object
  private final boolean record;
  private Field[] fields;
  private Map<String, Integer> numbers;
  private MethodHandle spreader; // of a record's constructor: takes an array

  /**
   * A component of a record, or a property of a bean.
   *
   * @param setter takes the bean and the value, both as Object unless primitive; null in a record
   * @param required whether it is stored of each object, so that strictly it cannot be missing
   */
  record Field(
      String name, Class<?> type, Converter converter, MethodHandle setter, boolean required) {
    /** What a record gets if there is no such field. */
    Object defaultValue() {
      return type.isPrimitive() ? ZEROS.get(type) : converter.missing();
    }
  }

  ObjectModel(Class<?> type, MethodHandle constructor, boolean record) {
    this.type = type;
    this.record = record;
    this.constructor = constructor.asType(erased(constructor.type()));
  }

  /** Completes the model, whose fields may be of this class again. */
  void link(Field[] all) {
    fields = all;
    numbers = new HashMap<>();
    for (int i = 0; i < all.length; i++) {
      if (numbers.put(all[i].name, i) != null) {
        throw ObjectConverter.unusable(type, "two fields have the name " + all[i].name);
      }
    }
    if (record) {
      spreader =
          constructor
              .asType(constructor.type().generic())
              .asSpreader(Object[].class, all.length)
              .asType(MethodType.methodType(Object.class, Object[].class));
    }
  }

  /** With Object for everything that is no primitive. */
  static MethodType erased(MethodType exact) {
    return exact.erase();
  }

  boolean isRecord() {
    return record;
  }

  MethodHandle constructor() {
    return constructor;
  }

  Field[] fields() {
    return fields;
  }

  /** The number of a field, or -1. */
  int field(String name) {
    return numbers.getOrDefault(name, -1);
  }

  /** The name without package; Class.getSimpleName looks at other classes for it, and may fail. */
  static String simpleName(Class<?> type) {
    String name = type.getTypeName();
    return name.substring(Math.max(name.lastIndexOf('.'), name.lastIndexOf('$')) + 1);
  }

  /** What errors call the class. */
  String kindName() {
    return (record ? "record " : "class ") + simpleName(type);
  }

  /** An empty bean; null for a record. */
  Object create() {
    if (record) {
      return null;
    }
    try {
      return (Object) constructor.invokeExact();
    } catch (Throwable e) {
      throw sneak(e);
    }
  }

  /** A record of these values, or the bean {@code into} with those that are present. */
  Object build(Object into, Object[] values, boolean[] present) {
    try {
      if (record) {
        return (Object) spreader.invokeExact(values);
      }
      for (int f = 0; f < fields.length; f++) {
        if (present[f]) {
          fields[f].setter.invoke(into, values[f]);
        }
      }
      return into;
    } catch (Throwable e) {
      throw sneak(e);
    }
  }

  /** What a constructor or setter throws goes to the caller as it is. */
  @SuppressWarnings("unchecked")
  private static <E extends Throwable> RuntimeException sneak(Throwable e) throws E {
    throw (E) e;
  }
}
