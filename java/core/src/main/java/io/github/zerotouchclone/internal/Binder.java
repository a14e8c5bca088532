package io.github.zerotouchclone.internal;

import java.lang.reflect.GenericArrayType;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.Vector;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.IntFunction;

/**
 * Finds the converters for Java types. All converters that one binder made know each other, so that
 * a type may contain itself. One use, one thread; the converters are for any thread then.
 */
final class Binder {
  /** How often a generic class may be inside itself with other arguments each time. */
  private static final int MAX_NESTED = 20;

  private final boolean strict;
  private final Map<Type, Converter> converters = new HashMap<>();
  private final Map<Class<?>, Integer> nested = new HashMap<>(); // generic ones being looked at
  private boolean failed;

  Binder(boolean strict) {
    this.strict = strict;
  }

  /** How many different converters there are. */
  int size() {
    return converters.size();
  }

  boolean isStrict() {
    return strict;
  }

  /**
   * The converter to a type.
   *
   * @throws io.github.zerotouchclone.RegionException if there cannot be one
   */
  Converter of(Type type, TypeVariables variables) {
    Type resolved = variables.resolve(type);
    Converter known = converters.get(resolved);
    if (known == null) {
      known = make(resolved);
      converters.putIfAbsent(resolved, known);
    }
    return known;
  }

  /** To be called for a converter that others need before it is complete. */
  void register(Type type, Converter converter) {
    converters.put(type, converter);
  }

  /** Whether this is asked for the first time: only the innermost of nested failures is named. */
  boolean isFirstFailure() {
    boolean first = !failed;
    failed = true;
    return first;
  }

  private Converter make(Type type) {
    if (type instanceof Class<?> plain) {
      return ofClass(plain, plain);
    }
    if (type instanceof ParameterizedType parameterized) {
      Class<?> raw = (Class<?>) parameterized.getRawType();
      if (nested.merge(raw, 1, Integer::sum) > MAX_NESTED) {
        throw ObjectConverter.unusable(
            raw,
            "it is inside itself with ever other type arguments, more than "
                + MAX_NESTED
                + " times");
      }
      Converter converter = ofClass(raw, parameterized);
      nested.merge(raw, -1, Integer::sum);
      return converter;
    }
    if (type instanceof GenericArrayType array) {
      Type component = array.getGenericComponentType();
      Converter element = of(component, TypeVariables.NONE);
      return new ArrayConverters.ObjectArrayConverter(TypeVariables.raw(component), element);
    }
    if (type instanceof WildcardType wildcard) {
      return of(wildcard.getUpperBounds()[0], TypeVariables.NONE);
    }
    if (type instanceof TypeVariable<?> variable) { // of a raw type
      Type bound = variable.getBounds()[0];
      return of(bound instanceof Class ? bound : Object.class, TypeVariables.NONE);
    }
    throw new IllegalArgumentException("there are no values of type " + type);
  }

  private Converter ofClass(Class<?> type, Type generic) {
    Converter boxed = ScalarConverters.ofBoxed(type);
    if (boxed != null) {
      return boxed;
    }
    if (type == String.class || type == CharSequence.class) {
      return new ScalarConverters.StringConverter();
    }
    if (type.isEnum()) {
      return new ScalarConverters.EnumConverter(type);
    }
    if (type.isArray()) {
      Class<?> component = type.getComponentType();
      return component.isPrimitive()
          ? new ArrayConverters.PrimitiveArrayConverter(component)
          : new ArrayConverters.ObjectArrayConverter(component, of(component, TypeVariables.NONE));
    }
    if (Collection.class.isAssignableFrom(type) || type == Iterable.class) {
      Converter collection = ofCollection(type, generic);
      if (collection != null) {
        return collection;
      }
    }
    if (Map.class.isAssignableFrom(type)) {
      Converter map = ofMap(type, generic);
      if (map != null) {
        return map;
      }
    }
    if (Collection.class.isAssignableFrom(type) || Map.class.isAssignableFrom(type)) {
      throw ObjectConverter.unusable(
          type,
          "it is not one of the collections and maps that are made; List, Set, Queue and Map are");
    }
    Converter optional = ofOptional(type, generic);
    if (optional != null) {
      return optional;
    }
    if (type == Object.class) {
      return new ObjectConverters.UntypedConverter();
    }
    if (isOfTheSystem(type)) {
      return new ObjectConverters.InstanceConverter(type);
    }
    if (type.isInterface()) {
      throw ObjectConverter.unusable(
          type, "it is an interface, and the region does not choose a class");
    }
    if (Modifier.isAbstract(type.getModifiers())) {
      throw ObjectConverter.unusable(
          type, "it is abstract, and the region does not choose a class");
    }
    return ObjectModels.converter(this, type, generic);
  }

  private static boolean isOfTheSystem(Class<?> type) {
    ClassLoader loader = type.getClassLoader();
    return loader == null
        || loader == ClassLoader.getPlatformClassLoader()
        || type == io.github.zerotouchclone.Ext.class;
  }

  private static Type argument(Type generic, int number) {
    return generic instanceof ParameterizedType parameterized
        ? parameterized.getActualTypeArguments()[number]
        : Object.class;
  }

  private Converter ofOptional(Class<?> type, Type generic) {
    Type content =
        type == Optional.class
            ? argument(generic, 0)
            : type == OptionalInt.class
                ? Integer.class
                : type == OptionalLong.class
                    ? Long.class
                    : type == OptionalDouble.class ? Double.class : null;
    return content == null
        ? null
        : new CollectionConverters.OptionalConverter(type, of(content, TypeVariables.NONE));
  }

  // ---------------------------------------------------------------------------------- collections

  private Converter ofCollection(Class<?> type, Type generic) {
    boolean sorted =
        type.isAssignableFrom(TreeSet.class) && !type.isAssignableFrom(ArrayList.class);
    boolean set = Set.class.isAssignableFrom(type);
    IntFunction<? extends Collection<Object>> constructor = null;
    if (type.isAssignableFrom(ArrayList.class)) {
      constructor = ArrayList::new;
    } else if (type.isAssignableFrom(LinkedHashSet.class)) {
      constructor = size -> new LinkedHashSet<>(capacity(size));
    } else if (sorted) {
      constructor = size -> new TreeSet<>();
    } else if (type.isAssignableFrom(ArrayDeque.class)) {
      constructor = ArrayDeque::new;
    } else if (type == LinkedList.class) {
      constructor = size -> new LinkedList<>();
    } else if (type == EnumSet.class) {
      constructor = enumSet(argument(generic, 0));
    } else if (type == Vector.class) {
      constructor = Vector::new;
    } else if (type == CopyOnWriteArrayList.class) {
      constructor = size -> new CopyOnWriteArrayList<>();
    } else if (type == PriorityQueue.class) {
      constructor = size -> new PriorityQueue<>();
    }
    if (constructor == null) {
      return null;
    }
    Converter element = of(argument(generic, 0), TypeVariables.NONE);
    return new CollectionConverters.CollectionConverter(
        ObjectModel.simpleName(type), constructor, element, set || type == PriorityQueue.class);
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  private static IntFunction<? extends Collection<Object>> enumSet(Type constants) {
    if (!(constants instanceof Class<?> type) || !type.isEnum()) {
      throw ObjectConverter.unusable(EnumSet.class, "which enum it is of is not known");
    }
    return size -> (Collection) EnumSet.noneOf((Class) type);
  }

  private Converter ofMap(Class<?> type, Type generic) {
    IntFunction<? extends Map<Object, Object>> constructor = null;
    if (type.isAssignableFrom(LinkedHashMap.class)) {
      constructor = size -> new LinkedHashMap<>(capacity(size));
    } else if (type.isAssignableFrom(TreeMap.class)) {
      constructor = size -> new TreeMap<>((Comparator<Object>) null);
    } else if (type == EnumMap.class) {
      constructor = enumMap(argument(generic, 0));
    } else if (type.isAssignableFrom(ConcurrentHashMap.class)) {
      constructor = ConcurrentHashMap::new;
    }
    if (constructor == null) {
      return null;
    }
    Converter key = of(argument(generic, 0), TypeVariables.NONE);
    Converter value = of(argument(generic, 1), TypeVariables.NONE);
    return new CollectionConverters.MapConverter(
        ObjectModel.simpleName(type), constructor, key, value);
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  private static IntFunction<? extends Map<Object, Object>> enumMap(Type constants) {
    if (!(constants instanceof Class<?> type) || !type.isEnum()) {
      throw ObjectConverter.unusable(EnumMap.class, "which enum it is of is not known");
    }
    return size -> new EnumMap((Class) type);
  }

  private static int capacity(int size) {
    return size + size / 3 + 1;
  }
}
