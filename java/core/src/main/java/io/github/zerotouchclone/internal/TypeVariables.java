package io.github.zerotouchclone.internal;

import java.lang.reflect.Array;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** What the type variables of a generic class stand for. Immutable. */
final class TypeVariables {
  static final TypeVariables NONE = new TypeVariables(Map.of());

  private final Map<TypeVariable<?>, Type> types;

  private TypeVariables(Map<TypeVariable<?>, Type> types) {
    this.types = types;
  }

  /** Those of a class and its superclasses, given the type as it is used. */
  static TypeVariables of(Type used) {
    Map<TypeVariable<?>, Type> types = new HashMap<>();
    for (Type type = used; type != null; type = raw(type).getGenericSuperclass()) {
      if (type instanceof ParameterizedType parameterized) {
        TypeVariable<?>[] variables = raw(parameterized).getTypeParameters();
        Type[] arguments = parameterized.getActualTypeArguments();
        TypeVariables soFar = new TypeVariables(types);
        for (int i = 0; i < variables.length; i++) {
          types.put(variables[i], soFar.resolve(arguments[i]));
        }
      }
    }
    return new TypeVariables(types);
  }

  /** A generic class with arguments. */
  static Type parameterized(Class<?> raw, Type... arguments) {
    return new Parameterized(raw, arguments);
  }

  /** The class that a type is of. */
  static Class<?> raw(Type type) {
    if (type instanceof Class<?> plain) {
      return plain;
    }
    if (type instanceof ParameterizedType parameterized) {
      return (Class<?>) parameterized.getRawType();
    }
    if (type instanceof GenericArrayType array) {
      return Array.newInstance(raw(array.getGenericComponentType()), 0).getClass();
    }
    if (type instanceof WildcardType wildcard) {
      return raw(wildcard.getUpperBounds()[0]);
    }
    return raw(((TypeVariable<?>) type).getBounds()[0]);
  }

  /** The type with all variables replaced, in a form whose equality is structural. */
  Type resolve(Type type) {
    if (type instanceof TypeVariable<?> variable) {
      Type known = types.get(variable);
      return known == null ? raw(variable) : known;
    }
    if (type instanceof WildcardType wildcard) {
      return resolve(wildcard.getUpperBounds()[0]);
    }
    if (type instanceof ParameterizedType parameterized) {
      Type[] arguments = parameterized.getActualTypeArguments().clone();
      for (int i = 0; i < arguments.length; i++) {
        arguments[i] = resolve(arguments[i]);
      }
      return new Parameterized(raw(parameterized), arguments);
    }
    if (type instanceof GenericArrayType array) {
      Type component = resolve(array.getGenericComponentType());
      return component instanceof Class<?> plain
          ? Array.newInstance(plain, 0).getClass()
          : new ArrayOf(component);
    }
    return type;
  }

  private record Parameterized(Class<?> raw, Type[] arguments) implements ParameterizedType {
    @Override
    public Type[] getActualTypeArguments() {
      return arguments.clone();
    }

    @Override
    public Type getRawType() {
      return raw;
    }

    @Override
    public Type getOwnerType() {
      return raw.getDeclaringClass();
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Parameterized that
          && raw == that.raw
          && Arrays.equals(arguments, that.arguments);
    }

    @Override
    public int hashCode() {
      return 31 * raw.hashCode() + Arrays.hashCode(arguments);
    }

    @Override
    public String toString() {
      return raw.getTypeName() + Arrays.toString(arguments);
    }
  }

  private record ArrayOf(Type component) implements GenericArrayType {
    @Override
    public Type getGenericComponentType() {
      return component;
    }
  }
}
