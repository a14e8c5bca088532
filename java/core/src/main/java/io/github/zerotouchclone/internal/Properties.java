package io.github.zerotouchclone.internal;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.AccessibleObject;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What of an object is stored: the components of a record, or the {@link BeanProperty properties}
 * of a bean. Found by reflection once a class; values are then read through method handles.
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
      Map<String, Property> found = type.isRecord() ? components(type) : ofBean(type);
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

  private static Map<String, Property> ofBean(Class<?> type) throws Refusal {
    Map<String, Property> properties = new LinkedHashMap<>();
    Map<String, Member> members = new HashMap<>(); // by property
    for (BeanProperty property : BeanProperty.of(type)) {
      if (property.isReadable()) {
        String name = property.name();
        Method getter = property.getter();
        Member member = getter != null ? getter : property.field();
        Member known = members.putIfAbsent(name, member);
        if (known == null) {
          MethodHandle handle = getter != null ? handle(getter) : handle(property.field());
          properties.put(name, new Property(name, handle));
        } else if (!known.equals(member)) {
          // A field that a subclass hides has the same getter, which is stored once.
          throw twice(name);
        }
      }
    }
    if (properties.isEmpty()) {
      throw new Refusal(
          "it has no properties: no public field, no getter with a field or setter, and no"
              + " annotation @Field");
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
}
