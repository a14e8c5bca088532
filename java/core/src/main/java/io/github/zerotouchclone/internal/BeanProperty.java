package io.github.zerotouchclone.internal;

import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * A property of a bean: what stands for it in the class. Objects are stored and made by the same
 * ones, so what was stored comes back.
 *
 * <p>Properties are, superclass first and in the order of the fields: fields that are public, or
 * have a getter ({@code getName}, {@code isName} or {@code name}) or a setter, or an annotation
 * {@link io.github.zerotouchclone.Field}; and, in alphabetical order, getters and setters without a
 * field. A {@code boolean} field may be named {@code isX} as its getter, and have the getter {@code
 * getX} and the setter {@code setX}. Static fields are none, transient ones only with the
 * annotation.
 *
 * <p>A getter of the field's type is taken before others; {@code getName} may have any type, {@code
 * name} that of the field boxed or not, one above it, or {@code Optional}: a class has methods of
 * such names for other purposes. What is stored is what the getter returns. It is read as the
 * setter's type, where the one of the getter's type comes first, else as the field's.
 *
 * @param name in the region
 * @param field or null
 * @param getter a public one; or null
 * @param setter a public one; or null
 * @param named whether an annotation gives the name
 */
record BeanProperty(String name, Field field, Method getter, Method setter, boolean named) {
  /** Whether its value is stored. */
  boolean isReadable() {
    return field == null
        ? getter != null && (setter != null || named)
        : getter != null || named || Modifier.isPublic(field.getModifiers());
  }

  /** Whether its value is set. */
  boolean isWritable() {
    return setter != null || (field != null && !Modifier.isFinal(field.getModifiers()));
  }

  /** The properties of a class; two may have the same name. */
  static List<BeanProperty> of(Class<?> type) {
    List<Class<?>> classes = new ArrayList<>();
    for (Class<?> each = type; each != null && each != Object.class; each = each.getSuperclass()) {
      classes.add(0, each);
    }
    Set<Class<?>> interfaces = new LinkedHashSet<>();
    classes.forEach(each -> addInterfaces(interfaces, each));
    List<Class<?>> all = new ArrayList<>(interfaces);
    all.addAll(classes);
    return new Search(all).properties();
  }

  /** Interfaces that extend others come behind them, as subclasses do. */
  private static void addInterfaces(Set<Class<?>> interfaces, Class<?> type) {
    for (Class<?> each : type.getInterfaces()) {
      addInterfaces(interfaces, each);
      interfaces.add(each);
    }
  }

  /** Looks through a class and what it inherits from: interfaces, then superclasses come first. */
  private record Search(List<Class<?>> classes, Set<Method> used) {
    Search(List<Class<?>> classes) {
      this(classes, new HashSet<>());
    }

    List<BeanProperty> properties() {
      List<BeanProperty> properties = new ArrayList<>();
      Set<String> fields = new HashSet<>();
      for (Class<?> type : classes) {
        for (Field field : type.getDeclaredFields()) {
          if (!Modifier.isStatic(field.getModifiers()) && !field.isSynthetic()) {
            fields.add(field.getName());
            addField(properties, field);
          }
        }
      }
      Map<String, Method[]> others = new TreeMap<>(); // getter and setter
      for (Class<?> type : classes) {
        for (Method method : type.getDeclaredMethods()) {
          String name = isPublic(method) && !used.contains(method) ? propertyName(method) : null;
          if (name != null && !fields.contains(name)) {
            boolean sets = method.getParameterCount() == 1;
            Method[] pair = others.computeIfAbsent(name, key -> new Method[2]);
            pair[sets ? 1 : 0] = sets && pair[1] != null ? narrower(pair[1], method) : method;
          }
        }
      }
      others.forEach((name, pair) -> add(properties, name, null, pair[0], pair[1]));
      return properties;
    }

    private void addField(List<BeanProperty> properties, Field field) {
      Method getter = getter(field);
      Method setter = setter(field, getter);
      boolean named = FieldNames.of(null, field, getter, setter) != null;
      boolean visible = getter != null || setter != null || isPublic(field.getModifiers());
      if (named || (visible && !Modifier.isTransient(field.getModifiers()))) {
        add(properties, field.getName(), field, getter, setter);
      }
      used.add(getter);
      used.add(setter);
    }

    private static void add(
        List<BeanProperty> properties, String usual, Field field, Method getter, Method setter) {
      String given =
          field == null
              ? FieldNames.of(null, getter, setter)
              : FieldNames.of(null, field, getter, setter);
      String name = given == null ? usual : given;
      properties.add(new BeanProperty(name, field, getter, setter, given != null));
    }

    private Method getter(Field field) {
      Method getter = getter(field, field.getType()::equals, field.getType()::equals);
      return getter != null ? getter : getter(field, any -> true, type -> isKin(type, field));
    }

    /** A getter of one of these types; {@code plain} is for the one that has the field's name. */
    private Method getter(Field field, Predicate<Class<?>> types, Predicate<Class<?>> plain) {
      String name = field.getName();
      Method getter = find("get" + capital(name), types);
      if (getter == null && isBoolean(field.getType())) {
        getter = find("is" + capital(name), types.and(Search::isBoolean));
      }
      if (getter == null) {
        getter = find(name, plain);
      }
      if (getter == null && isFlag(field) && !hasField(flag(field))) {
        getter = find("get" + name.substring(2), types.and(Search::isBoolean));
      }
      return getter;
    }

    /** Whether a method with a field's name and this type can hardly be anything but a getter. */
    private static boolean isKin(Class<?> result, Field field) {
      Class<?> type = MethodType.methodType(field.getType()).wrap().returnType();
      return result != void.class
          && (result == Optional.class
              || MethodType.methodType(result).wrap().returnType().isAssignableFrom(type));
    }

    /** The public method of the class or what it inherits from; of an interface only defaults. */
    private Method find(String name, Predicate<Class<?>> results) {
      for (int i = classes.size() - 1; i >= 0; i--) {
        for (Method method : classes.get(i).getDeclaredMethods()) {
          if (method.getName().equals(name)
              && method.getParameterCount() == 0
              && method.getReturnType() != void.class
              && results.test(method.getReturnType())
              && isPublic(method)) {
            return method;
          }
        }
      }
      return null;
    }

    private Method setter(Field field, Method getter) {
      String name = "set" + capital(field.getName());
      Method setter = setter(name, field.getType());
      if (getter != null && setter != null) {
        Method paired = setter(name, getter.getReturnType());
        setter = paired.getParameterTypes()[0] == getter.getReturnType() ? paired : setter;
      }
      if (setter != null || !isFlag(field) || hasField(flag(field))) {
        return setter;
      }
      setter = setter("set" + field.getName().substring(2), field.getType());
      return setter != null && isBoolean(setter.getParameterTypes()[0]) ? setter : null;
    }

    /** What the property would be called whose getter has the field's name. */
    private static String flag(Field field) {
      return decapital(field.getName().substring(2));
    }

    /** Whether a field has the name of its getter, {@code isX}; then {@code setX} is its setter. */
    private static boolean isFlag(Field field) {
      String name = field.getName();
      return isBoolean(field.getType())
          && name.length() > 2
          && name.startsWith("is")
          && Character.isUpperCase(name.charAt(2));
    }

    private boolean hasField(String name) {
      for (Class<?> type : classes) {
        for (Field field : type.getDeclaredFields()) {
          if (field.getName().equals(name)) {
            return true;
          }
        }
      }
      return false;
    }

    private Method setter(String name, Class<?> wanted) {
      Method setter = null;
      for (int i = classes.size() - 1; i >= 0; i--) {
        for (Method method : classes.get(i).getDeclaredMethods()) {
          if (method.getName().equals(name)
              && method.getParameterCount() == 1
              && isPublic(method)) {
            if (method.getParameterTypes()[0] == wanted) {
              return method;
            }
            setter = setter == null ? method : narrower(setter, method);
          }
        }
      }
      return setter;
    }

    /** Of overloaded setters, the one with the narrower type, else the first by its type. */
    private static Method narrower(Method a, Method b) {
      Class<?> left = a.getParameterTypes()[0];
      Class<?> right = b.getParameterTypes()[0];
      if (left.isAssignableFrom(right)) {
        return b;
      }
      if (right.isAssignableFrom(left)) {
        return a;
      }
      return left.getName().compareTo(right.getName()) <= 0 ? a : b;
    }

    private static boolean isPublic(int modifiers) {
      return Modifier.isPublic(modifiers);
    }

    private static boolean isPublic(Method method) {
      return Modifier.isPublic(method.getModifiers())
          && (method.isDefault() || !method.getDeclaringClass().isInterface())
          && !Modifier.isStatic(method.getModifiers())
          && !method.isBridge()
          && !method.isSynthetic();
    }

    private static boolean isBoolean(Class<?> type) {
      return type == boolean.class || type == Boolean.class;
    }

    /** The property that a method gets or sets, or null. */
    private static String propertyName(Method method) {
      String name = method.getName();
      int parameters = method.getParameterCount();
      if (parameters == 1) {
        return name.startsWith("set") && name.length() > 3 ? decapital(name.substring(3)) : null;
      }
      Class<?> type = method.getReturnType();
      if (parameters > 1 || type == void.class) {
        return null;
      }
      if (name.startsWith("get") && name.length() > 3) {
        return decapital(name.substring(3));
      }
      if (isBoolean(type) && name.startsWith("is") && name.length() > 2) {
        return decapital(name.substring(2));
      }
      return FieldNames.isNamed(method) ? name : null;
    }

    private static String capital(String name) {
      return Character.toUpperCase(name.charAt(0)) + name.substring(1);
    }

    /** As bean properties are named: {@code URL} stays, {@code Name} becomes {@code name}. */
    private static String decapital(String name) {
      boolean stays =
          name.length() > 1
              && Character.isUpperCase(name.charAt(0))
              && Character.isUpperCase(name.charAt(1));
      return stays ? name : Character.toLowerCase(name.charAt(0)) + name.substring(1);
    }
  }
}
