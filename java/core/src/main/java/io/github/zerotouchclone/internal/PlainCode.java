package io.github.zerotouchclone.internal;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;

/**
 * Writes the two methods of a {@link Maker} for maps in {@link Plain} copies:
 *
 * <pre>{@code
 * minimum = converter1.check(copy, at, slots + 8, minimum, end);
 * minimum = copy.checkInteger(slots + 16, 32, minimum); …
 * return minimum;
 *
 * return constructor.invokeExact(copy.longAt(slots), converter1.take(copy, at, slots + 8), …);
 * }</pre>
 */
final class PlainCode {
  private static final String PLAIN = MakerFactory.PACKAGE + "Plain";
  private static final String COPY = "L" + PLAIN + ";";
  private static final String OBJECT = "Ljava/lang/Object;";

  private static final int IADD = 0x60;
  private static final int IRETURN = 0xac;
  private static final int ARETURN = 0xb0;

  // Locals of Maker.check and Maker.take
  private static final int COPY_LOCAL = 1;
  private static final int AT = 2;
  private static final int SLOTS = 3;
  private static final int MINIMUM = 4;
  private static final int END = 5;
  private static final int INTO = 4;

  /** The type of slots that a primitive is read from; others, and char, are not plain. */
  private static final Map<Class<?>, Integer> STORED =
      Map.of(
          long.class, Node.T_I64,
          int.class, Node.T_I32,
          short.class, Node.T_I16,
          byte.class, Node.T_I8,
          float.class, Node.T_F32,
          double.class, Node.T_F64,
          boolean.class, Node.T_BOOL);

  private static final int MAX_SLOTS = Short.MAX_VALUE / 8; // the last one's place can be pushed

  private final ObjectModel model;
  private final Shape shape;
  private final ClassFile file;

  PlainCode(ObjectModel model, Shape shape, ClassFile file) {
    this.model = model;
    this.shape = shape;
    this.file = file;
  }

  /** Whether maps of the shape can be plain for the class. */
  boolean isPossible() {
    return shape.size <= MAX_SLOTS && Arrays.stream(model.fields()).allMatch(this::isPossible);
  }

  private boolean isPossible(ObjectModel.Field field) {
    int slot = shape.find(field.name());
    if (slot < 0) {
      return true;
    }
    int stored = shape.type(slot);
    return field.type().isPrimitive()
        ? STORED.getOrDefault(field.type(), -1) == stored
        : field.converter().takes(stored);
  }

  void addMethods() {
    addCheck();
    addTake();
  }

  /** Looks at the fields in the order of their slots, as their bytes lie. */
  private void addCheck() {
    Arrays.stream(model.fields())
        .filter(field -> shape.find(field.name()) >= 0)
        .sorted(Comparator.comparingInt(field -> shape.find(field.name())))
        .forEach(this::check);
    file.loadInt(MINIMUM).op(IRETURN).endMethod("check", "(" + COPY + "IIII)I", 7, END + 1);
  }

  private void check(ObjectModel.Field field) {
    Class<?> type = field.type();
    if (type == long.class || type == float.class || type == double.class) {
      return; // whatever the slot says
    }
    int slot = shape.find(field.name());
    if (!type.isPrimitive()) {
      pushConverter(field).loadReference(COPY_LOCAL).loadInt(AT);
      pushPlace(slot).loadInt(MINIMUM).loadInt(END);
      call("Converter", "check", "(" + COPY + "IIII)I");
    } else if (type == boolean.class) {
      file.loadReference(COPY_LOCAL);
      pushPlace(slot).loadInt(MINIMUM);
      call("Plain", "checkBoolean", "(II)I");
    } else {
      file.loadReference(COPY_LOCAL);
      pushPlace(slot).push(8 << (STORED.get(type) - Node.T_I8)).loadInt(MINIMUM);
      call("Plain", "checkInteger", "(III)I");
    }
    file.storeInt(MINIMUM);
  }

  private void addTake() {
    file.pushHandle(model.constructor());
    if (model.isRecord()) {
      for (ObjectModel.Field field : model.fields()) {
        take(field);
      }
      file.invoke(model.constructor().type());
    } else {
      file.invoke(model.constructor().type()).storeReference(INTO);
      for (ObjectModel.Field field : model.fields()) {
        if (shape.find(field.name()) >= 0) {
          file.pushHandle(field.setter()).loadReference(INTO);
          take(field);
          file.invoke(field.setter().type());
        }
      }
      file.loadReference(INTO);
    }
    String descriptor = "(" + COPY + "II)" + OBJECT;
    file.op(ARETURN).endMethod("take", descriptor, MakerFactory.MAX_STACK, INTO + 1);
  }

  private void take(ObjectModel.Field field) {
    Class<?> type = field.type();
    int slot = shape.find(field.name());
    if (slot < 0) {
      MakerFactory.pushDefault(file, field);
    } else if (type.isPrimitive()) {
      file.loadReference(COPY_LOCAL);
      pushPlace(slot);
      call("Plain", type.getName() + "At", "(I)" + type.descriptorString());
    } else {
      pushConverter(field).loadReference(COPY_LOCAL).loadInt(AT);
      pushPlace(slot);
      call("Converter", "take", "(" + COPY + "II)" + OBJECT);
    }
  }

  private ClassFile pushConverter(ObjectModel.Field field) {
    return file.pushObject(field.converter(), MakerFactory.CONVERTER);
  }

  private ClassFile pushPlace(int slot) {
    return file.loadInt(SLOTS).push(8 * slot).op(IADD);
  }

  private void call(String owner, String method, String descriptor) {
    file.call(ClassFile.INVOKE_VIRTUAL, MakerFactory.PACKAGE + owner, method, descriptor);
  }
}
