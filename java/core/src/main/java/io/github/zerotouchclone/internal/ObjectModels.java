package io.github.zerotouchclone.internal;

import io.github.zerotouchclone.RegionException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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
              type,
              type,
              "its constructor",
              lookup -> lookup.unreflectConstructor(type.getDeclaredConstructor(parameters)));
    } catch (NoSuchMethodException e) {
      throw new AssertionError(e); // every record has it
    } catch (IllegalArgumentException e) { // not documented: the JVM's own limit is a little higher
      throw ObjectConverter.unusable(
          type,
          "its constructor has more parameters than a method handle takes: 253, where long and"
              + " double count twice; use a class with setters, or nest some components");
    }
    ObjectModel model = new ObjectModel(type, constructor, true);
    ObjectConverter converter = new ObjectConverter(model, binder.isStrict());
    binder.register(generic, converter);
    ObjectModel.Field[] fields = new ObjectModel.Field[components.length];
    for (int i = 0; i < components.length; i++) {
      RecordComponent component = components[i];
      fields[i] =
          new ObjectModel.Field(
              FieldNames.of(component.getName(), component, component.getAccessor()),
              component.getType(),
              of(binder, component.getGenericType(), variables, component.getName(), type),
              null,
              true);
    }
    model.link(fields);
    return converter;
  }

  private static Converter ofBean(
      Binder binder, Class<?> type, Type generic, TypeVariables variables) {
    MethodHandle constructor;
    try {
      constructor =
          access(
              type,
              type,
              "its constructor",
              lookup -> lookup.unreflectConstructor(type.getDeclaredConstructor()));
    } catch (NoSuchMethodException e) {
      throw ObjectConverter.unusable(
          type, "it is no record and has no constructor without parameters");
    }
    ObjectModel model = new ObjectModel(type, constructor, false);
    ObjectConverter converter = new ObjectConverter(model, binder.isStrict());
    binder.register(generic, converter);
    Map<String, BeanProperty> properties = new LinkedHashMap<>();
    for (BeanProperty property : BeanProperty.of(type)) {
      if (property.isWritable()) {
        properties.put(property.name(), property);
      }
    }
    List<ObjectModel.Field> fields = new ArrayList<>();
    for (BeanProperty property : properties.values()) {
      MethodHandle setter = setter(type, property);
      fields.add(
          new ObjectModel.Field(
              property.name(),
              setter.type().parameterType(1),
              of(binder, type(property), variables, property.name(), type),
              setter.asType(ObjectModel.erased(setter.type())),
              property.isReadable()));
    }
    model.link(fields.toArray(new ObjectModel.Field[0]));
    return converter;
  }

  /** The converter for a field; an error names it, and what is around it. */
  private static Converter of(
      Binder binder, Type wanted, TypeVariables variables, String name, Class<?> owner) {
    try {
      return binder.of(wanted, variables);
    } catch (RegionException e) {
      if (!binder.isFirstFailure()) {
        throw e;
      }
      String place = (owner.isRecord() ? " of record " : " of class ") + owner.getTypeName();
      throw new RegionException(
          e.status(),
          RegionException.NO_OFFSET,
          null,
          e.getMessage() + " (for " + name + place + ")");
    }
  }

  private static Type type(BeanProperty property) {
    Method setter = property.setter();
    return setter != null
        ? setter.getGenericParameterTypes()[0]
        : property.field().getGenericType();
  }

  /** What sets a property, which the class may have from a superclass. */
  private static MethodHandle setter(Class<?> type, BeanProperty property) {
    Method setter = property.setter();
    Member member = setter != null ? setter : property.field();
    Class<?> owner = member.getDeclaringClass();
    String what =
        (setter != null ? "the method " : "the field ")
            + member.getName()
            + (owner == type ? "" : " of its superclass " + owner.getTypeName());
    try {
      return access(
          type,
          owner,
          what,
          lookup -> {
            if (setter == null) {
              return lookup.unreflectSetter(property.field());
            }
            MethodHandle handle = lookup.unreflect(setter);
            return handle.asType(handle.type().changeReturnType(void.class));
          });
    } catch (NoSuchMethodException e) {
      throw new AssertionError(e); // it has been found before
    }
  }

  private interface Access {
    MethodHandle with(MethodHandles.Lookup lookup)
        throws IllegalAccessException, NoSuchMethodException;
  }

  /**
   * A member of a class, also if it is not public, as far as the class's module permits that.
   *
   * @param type what objects are wanted of
   * @param owner that class or the superclass that declares the member
   * @param what names the member for the error
   */
  private static MethodHandle access(Class<?> type, Class<?> owner, String what, Access access)
      throws NoSuchMethodException {
    Module own = ObjectModels.class.getModule();
    own.addReads(owner.getModule());
    try {
      return access.with(MethodHandles.privateLookupIn(owner, MethodHandles.lookup()));
    } catch (IllegalAccessException e) {
      try {
        return access.with(MethodHandles.publicLookup());
      } catch (IllegalAccessException notPublic) {
        String target = own.isNamed() ? own.getName() : "the class path";
        throw ObjectConverter.unusable(
            type,
            what
                + " is not public in a package that is exported; make it so, or open the package "
                + owner.getPackageName()
                + " to "
                + target);
      }
    }
  }
}
