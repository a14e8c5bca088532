package io.github.zerotouchclone.internal;

import io.github.zerotouchclone.SharedValue;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * How values of a class are written, for classes that the encoder does not meet all the time. Kept
 * with the class, so that it goes when the class is unloaded.
 */
final class ValueWriters {
  /** Writes values of one class. */
  @FunctionalInterface
  interface Writer {
    void write(EventEncoder to, Object value);
  }

  private static final ClassValue<Writer> BY_CLASS =
      new ClassValue<>() {
        @Override
        protected Writer computeValue(Class<?> type) {
          return find(type);
        }
      };

  private ValueWriters() {}

  /** The writer for values of a class that are neither null nor container nor simple. */
  static Writer of(Class<?> type) {
    return BY_CLASS.get(type);
  }

  private static Writer find(Class<?> type) {
    ExtEvents.Writer ext = ExtEvents.of(type);
    if (ext != null) {
      return (to, value) -> ext.write(to.exts(), value);
    }
    if (Enum.class.isAssignableFrom(type)) {
      return (to, value) -> to.exts().enumConstant((Enum<?>) value);
    }
    if (type.isArray()) {
      return ArrayEvents::write;
    }
    if (type == Optional.class) {
      return (to, value) -> to.value(((Optional<?>) value).orElse(null));
    }
    if (type == OptionalInt.class) {
      return (to, value) ->
          to.value(((OptionalInt) value).isEmpty() ? null : ((OptionalInt) value).getAsInt());
    }
    if (type == OptionalLong.class) {
      return (to, value) ->
          to.value(((OptionalLong) value).isEmpty() ? null : ((OptionalLong) value).getAsLong());
    }
    if (type == OptionalDouble.class) {
      return (to, value) ->
          to.value(
              ((OptionalDouble) value).isEmpty() ? null : ((OptionalDouble) value).getAsDouble());
    }
    if (ByteBuffer.class.isAssignableFrom(type)) {
      return (to, value) -> to.out().bytes((ByteBuffer) value);
    }
    if (type == SharedValue.class) {
      return (to, value) -> to.handle((SharedValue) value);
    }
    if (EventSource.class.isAssignableFrom(type)) {
      return (to, value) -> ((EventSource) value).write(to.sink());
    }
    if (isPlatform(type) || type.isSynthetic() || type.isHidden()) {
      String reason = "a value of type " + type.getTypeName() + " cannot be stored";
      return (to, value) -> {
        throw to.refuse(reason);
      };
    }
    Properties properties = Properties.of(type);
    if (properties.refusal != null) {
      String reason =
          "a value of type " + type.getTypeName() + " cannot be stored: " + properties.refusal;
      return (to, value) -> {
        throw to.refuse(reason);
      };
    }
    return (to, value) -> to.object(value, properties);
  }

  /** Whether a class is one of the JDK's own. */
  static boolean isPlatform(Class<?> type) {
    ClassLoader loader = type.getClassLoader();
    String module = type.getModule().getName();
    return loader == null
        || loader == ClassLoader.getPlatformClassLoader()
        || (module != null && (module.startsWith("java.") || module.startsWith("jdk.")));
  }
}
