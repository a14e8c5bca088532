package io.github.zerotouchclone.internal;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Looks at classes: which fields have their objects, and how are they made. */
final class ObjectModels {
  private ObjectModels() {}

  /** The converter to a record or bean. */
  static Converter converter(Binder binder, Class<?> type, Type generic) {
    TypeVariables variables = TypeVariables.of(generic);
    return type.isRecord()
        ? ofRecord(binder, type, generic, variables)
        : ofBean(binder, type, generic, variables);
  }

  private static Converter ofRecord(
      Binder binder, Class<?> type, Type generic, TypeVariables variables) {
    RecordComponent[] components = type.getRecordComponents();
    Class<?>[] parameters = new Class<?>[components.length];
    for (int i = 0; i < components.length; i++) {
      parameters[i] = components[i].getType();
    }
    MethodHandle constructor;
    try {
      constructor =
          access(
              type, lookup -> lookup.unreflectConstructor(type.getDeclaredConstructor(parameters)));
    } catch (NoSuchMethodException e) {
      throw new AssertionError(e); // every record has it
    }
    ObjectModel model = new ObjectModel(type, constructor, true);
    ObjectConverter converter = new ObjectConverter(model, binder.isStrict());
    binder.register(generic, converter);
    ObjectModel.Field[] fields = new ObjectModel.Field[components.length];
    for (int i = 0; i < components.length; i++) {
      RecordComponent component = components[i];
      fields[i] =
          new ObjectModel.Field(
              FieldNames.of(component.getName(), component),
              component.getType(),
              binder.of(component.getGenericType(), variables),
              null);
    }
    model.link(fields);
    return converter;
  }

  private static Converter ofBean(
      Binder binder, Class<?> type, Type generic, TypeVariables variables) {
    MethodHandle constructor;
    try {
      constructor =
          access(type, lookup -> lookup.unreflectConstructor(type.getDeclaredConstructor()));
    } catch (NoSuchMethodException e) {
      throw ObjectConverter.unusable(
          type, "it is no record and has no constructor without parameters");
    }
    ObjectModel model = new ObjectModel(type, constructor, false);
    ObjectConverter converter = new ObjectConverter(model, binder.isStrict());
    binder.register(generic, converter);
    List<ObjectModel.Field> fields = new ArrayList<>();
    properties(type)
        .forEach(
            (name, property) -> {
              MethodHandle setter;
              try {
                setter = access(type, property::handle);
              } catch (NoSuchMethodException e) {
                throw new AssertionError(e);
              }
              fields.add(
                  new ObjectModel.Field(
                      name,
                      setter.type().parameterType(1),
                      binder.of(property.type(), variables),
                      setter.asType(ObjectModel.erased(setter.type()))));
            });
    model.link(fields.toArray(new ObjectModel.Field[0]));
    return converter;
  }

  /** A setter, or a field that has none. */
  private record Property(Field field, Method setter) {
    Type type() {
      return setter != null ? setter.getGenericParameterTypes()[0] : field.getGenericType();
    }

    MethodHandle handle(MethodHandles.Lookup lookup) throws IllegalAccessException {
      if (setter == null) {
        return lookup.unreflectSetter(field);
      }
      MethodHandle handle = lookup.unreflect(setter);
      return handle.asType(handle.type().changeReturnType(void.class));
    }
  }

  /** The properties of a bean by name: superclasses first, fields in their order. */
  private static Map<String, Property> properties(Class<?> type) {
    List<Class<?>> classes = new ArrayList<>();
    for (Class<?> c = type; c != null && c != Object.class; c = c.getSuperclass()) {
      classes.add(c);
    }
    Collections.reverse(classes);
    Map<String, Property> properties = new LinkedHashMap<>();
    Map<String, Method> getters = getters(type);
    Map<String, Method> setters = setters(type);
    for (Class<?> c : classes) {
      for (Field field : c.getDeclaredFields()) {
        int modifiers = field.getModifiers();
        if (Modifier.isStatic(modifiers)
            || Modifier.isTransient(modifiers)
            || field.isSynthetic()) {
          continue;
        }
        Method setter = setters.remove(field.getName());
        Method getter = getters.get(field.getName());
        boolean visible =
            setter != null
                || getter != null
                || Modifier.isPublic(modifiers)
                || FieldNames.isNamed(field);
        if (visible && (setter != null || !Modifier.isFinal(modifiers))) {
          String name = FieldNames.of(field.getName(), field, getter, setter);
          properties.put(name, new Property(field, setter));
        }
      }
    }
    setters.forEach(
        (name, setter) ->
            properties.putIfAbsent(
                FieldNames.of(name, setter, getters.get(name)), new Property(null, setter)));
    return properties;
  }

  /** Public methods like {@code getName()} or {@code isName()}, by the property's name. */
  private static Map<String, Method> getters(Class<?> type) {
    Map<String, Method> getters = new TreeMap<>();
    for (Method method : type.getMethods()) {
      String name = method.getName();
      boolean is = name.startsWith("is") && method.getReturnType() == boolean.class;
      int prefix = is ? 2 : 3;
      boolean getter =
          (is || name.startsWith("get"))
              && name.length() > prefix
              && method.getParameterCount() == 0
              && method.getReturnType() != void.class
              && method.getDeclaringClass() != Object.class
              && !Modifier.isStatic(method.getModifiers());
      if (getter) {
        getters.putIfAbsent(propertyName(name, prefix), method);
      }
    }
    return getters;
  }

  private static String propertyName(String method, int prefix) {
    return Character.toLowerCase(method.charAt(prefix)) + method.substring(prefix + 1);
  }

  /** Public methods like {@code setName(value)}, by the property's name. */
  private static Map<String, Method> setters(Class<?> type) {
    Map<String, Method> setters = new TreeMap<>();
    for (Method method : type.getMethods()) {
      String name = method.getName();
      boolean setter =
          name.length() > 3
              && name.startsWith("set")
              && method.getParameterCount() == 1
              && !Modifier.isStatic(method.getModifiers())
              && !method.isBridge();
      if (setter) {
        setters.merge(propertyName(name, 3), method, ObjectModels::narrower);
      }
    }
    return setters;
  }

  /** Of overloaded setters, the one that a subclass declares, else the first by its parameter. */
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

  private interface Access {
    MethodHandle with(MethodHandles.Lookup lookup)
        throws IllegalAccessException, NoSuchMethodException;
  }

  /** A member of a class, also if it is not public, as far as the class's module permits that. */
  private static MethodHandle access(Class<?> type, Access access) throws NoSuchMethodException {
    Module own = ObjectModels.class.getModule();
    own.addReads(type.getModule());
    try {
      return access.with(MethodHandles.privateLookupIn(type, MethodHandles.lookup()));
    } catch (IllegalAccessException e) {
      try {
        return access.with(MethodHandles.publicLookup());
      } catch (IllegalAccessException notPublic) {
        String target = own.isNamed() ? own.getName() : "the class path";
        throw ObjectConverter.unusable(
            type,
            "it is not public; make it so, or open the package "
                + type.getPackageName()
                + " to "
                + target);
      }
    }
  }
}
