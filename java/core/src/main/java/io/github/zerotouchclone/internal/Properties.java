package io.github.zerotouchclone.internal;

import io.github.zerotouchclone.Field;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.AccessibleObject;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What of an object is stored: the components of a record, or the properties of a bean. Found by
 * reflection once a class; values are then read through method handles.
 *
 * <p>Properties of a bean are, superclass first and in the order of the fields: fields that are
 * public, or have a getter ({@code getName}, {@code isName} or {@code name}), or an annotation
 * {@link Field}; and, in alphabetical order, getters without a field that have a setter or the
 * annotation. Static and transient fields are none.
 */
final class Properties {
  /** Why values of the class cannot be stored, or null. */
  final String refusal;

  final Property[] all;

  /** A name and how the value is read. */
  static final class Property {
    final String name;

    /** The type of the value if it is one of {@code boolean, int, long, double}, else Object. */
    final Class<?> type;

    /** From Object to {@link #type}. */
    final MethodHandle getter;

    private Property(String name, MethodHandle getter) {
      Class<?> full = getter.type().returnType();
      boolean direct =
          full == int.class || full == long.class || full == double.class || full == boolean.class;
      this.name = name;
      this.type = direct ? full : Object.class;
      this.getter = getter.asType(MethodType.methodType(type, Object.class));
    }
  }

  /** Why a class has no properties here. */
  private static final class Refusal extends Exception {
    private static final long serialVersionUID = 1;

    Refusal(String reason) {
      super(reason, null, false, false);
    }
  }

  private Properties(String refusal, Property[] all) {
    this.refusal = refusal;
    this.all = all;
  }

  /** The properties of a class that is not one of the platform's. */
  static Properties of(Class<?> type) {
    try {
      Map<String, Property> found =
          type.isRecord() ? components(type) : new Bean(type).properties();
      return new Properties(null, found.values().toArray(new Property[0]));
    } catch (Refusal e) {
      return new Properties(e.getMessage(), new Property[0]);
    }
  }

  private static Map<String, Property> components(Class<?> type) throws Refusal {
    Map<String, Property> properties = new LinkedHashMap<>();
    for (RecordComponent component : type.getRecordComponents()) {
      Method accessor = component.getAccessor();
      String name = FieldNames.of(component.getName(), component, accessor);
      if (properties.put(name, new Property(name, handle(accessor))) != null) {
        throw twice(name);
      }
    }
    return properties;
  }

  private static Refusal twice(String name) {
    return new Refusal("two properties have the name " + name);
  }

  private static <T extends AccessibleObject & Member> MethodHandle handle(T member)
      throws Refusal {
    if (!member.trySetAccessible()) {
      Class<?> owner = member.getDeclaringClass();
      throw new Refusal(
          "its module "
              + owner.getModule().getName()
              + " must open the package "
              + owner.getPackageName()
              + " to io.github.zerotouchclone");
    }
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      return member instanceof Method method
          ? lookup.unreflect(method)
          : lookup.unreflectGetter((java.lang.reflect.Field) (Object) member);
    } catch (IllegalAccessException e) {
      throw new Refusal(e.getMessage());
    }
  }

  /** Finds the properties of one class. */
  private static final class Bean {
    private final List<Class<?>> classes = new ArrayList<>(); // superclass first
    private final Map<String, Property> properties = new LinkedHashMap<>();
    private final Map<String, String> members = new LinkedHashMap<>(); // by property

    Bean(Class<?> type) {
      for (Class<?> each = type; each != Object.class; each = each.getSuperclass()) {
        classes.add(0, each);
      }
    }

    Map<String, Property> properties() throws Refusal {
      Map<String, java.lang.reflect.Field> fields = new LinkedHashMap<>();
      for (Class<?> type : classes) {
        for (java.lang.reflect.Field field : type.getDeclaredFields()) {
          if (!Modifier.isStatic(field.getModifiers()) && !field.isSynthetic()) {
            fields.put(field.getName(), field);
            addField(field);
          }
        }
      }
      Map<String, Method> others = new TreeMap<>();
      for (Class<?> type : classes) {
        for (Method method : type.getDeclaredMethods()) {
          String name = propertyName(method);
          if (name != null && !fields.containsKey(name)) {
            others.put(name, method);
          }
        }
      }
      for (Map.Entry<String, Method> entry : others.entrySet()) {
        addGetter(entry.getKey(), entry.getValue());
      }
      if (properties.isEmpty()) {
        throw new Refusal(
            "it has no properties: no public field, no getter with a field or setter, and no"
                + " annotation @Field");
      }
      return properties;
    }

    private void addField(java.lang.reflect.Field field) throws Refusal {
      int modifiers = field.getModifiers();
      Method getter = getter(field);
      Method setter = setter(field.getName(), field.getType());
      String name = FieldNames.of(null, field, getter, setter);
      if (name == null
          && (Modifier.isTransient(modifiers)
              || (getter == null && !Modifier.isPublic(modifiers)))) {
        return;
      }
      String key = name == null ? field.getName() : name;
      if (getter != null) {
        add(key, getter.getName() + "()", handle(getter));
      } else {
        add(key, field.toString(), handle(field));
      }
    }

    private void addGetter(String property, Method getter) throws Refusal {
      Method setter = setter(property, getter.getReturnType());
      String name = FieldNames.of(setter == null ? null : property, getter, setter);
      if (name != null) {
        add(name, getter.getName() + "()", handle(getter));
      }
    }

    private void add(String name, String member, MethodHandle handle) throws Refusal {
      String known = members.putIfAbsent(name, member);
      if (known != null && !known.equals(member)) {
        throw twice(name);
      }
      // A field that a subclass hides has the same getter, which is stored once.
      properties.putIfAbsent(name, new Property(name, handle));
    }

    private Method getter(java.lang.reflect.Field field) {
      String name = field.getName();
      Class<?> type = field.getType();
      Method getter = find("get" + capital(name), type);
      if (getter == null && (type == boolean.class || type == Boolean.class)) {
        getter = find("is" + capital(name), type);
      }
      return getter != null ? getter : find(name, type);
    }

    private Method setter(String property, Class<?> type) {
      return find("set" + capital(property), null, type);
    }

    /**
     * The public method of the class or its superclasses; any type is fine for a setter's result.
     */
    private Method find(String name, Class<?> result, Class<?>... parameters) {
      for (int i = classes.size() - 1; i >= 0; i--) {
        try {
          Method method = classes.get(i).getDeclaredMethod(name, parameters);
          boolean matches = result == null || method.getReturnType() == result;
          if (matches && isPublic(method)) {
            return method;
          }
        } catch (NoSuchMethodException e) {
          // perhaps the superclass has it
        }
      }
      return null;
    }

    private static boolean isPublic(Method method) {
      return Modifier.isPublic(method.getModifiers())
          && !Modifier.isStatic(method.getModifiers())
          && !method.isBridge();
    }

    /** The property that a method is the getter of, or null. */
    private static String propertyName(Method method) {
      Class<?> type = method.getReturnType();
      if (!isPublic(method)
          || method.isSynthetic()
          || method.getParameterCount() > 0
          || type == void.class) {
        return null;
      }
      String name = method.getName();
      boolean bool = type == boolean.class || type == Boolean.class;
      if (name.startsWith("get") && name.length() > 3) {
        return decapital(name.substring(3));
      }
      if (bool && name.startsWith("is") && name.length() > 2) {
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
