package io.github.zerotouchclone.internal;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * Generates {@link Maker}s. The code of one reads each field from its slot, as a primitive where
 * the class has one, and hands all to the constructor, or one after the other to the setters:
 *
 * <pre>{@code
 * return constructor.invokeExact(longAt(decoder, map, 0, I64), converter1.read(decoder, map, 1, …), …);
 * }</pre>
 *
 * The classes are hidden and belong to nobody but their instances, so they go when the class that
 * they make objects of goes.
 */
final class MakerFactory {
  static final String PACKAGE = "io/github/zerotouchclone/internal/";
  private static final String NODE = "L" + PACKAGE + "Node;";
  private static final String DECODER = "L" + PACKAGE + "TypedDecoder;";
  private static final String OBJECT = "Ljava/lang/Object;";
  static final String CONVERTER = "L" + PACKAGE + "Converter;";

  private static final int INVOKE_STATIC = 0xb8;
  private static final int ACONST_NULL = 0x01;
  private static final int ICONST_0 = 0x03;
  private static final int LCONST_0 = 0x09;
  private static final int FCONST_0 = 0x0b;
  private static final int DCONST_0 = 0x0e;
  private static final int ARETURN = 0xb0;

  // Locals of Maker.make
  private static final int DECODER_LOCAL = 1;
  private static final int MAP = 2;
  private static final int DEPTH = 3;
  private static final int INTO = 4;
  private static final int LOCALS = 5;

  /** Slots of arguments that a method handle can take. */
  private static final int MAX_ARGUMENTS = 250;

  static final int MAX_STACK = MAX_ARGUMENTS + 10;

  private static final int MAX_FIELDS = 1000; // a method has at most 64 KiB of code

  private final ObjectModel model;
  private final Shape shape;
  private final ClassFile file = new ClassFile();

  private MakerFactory(ObjectModel model, Shape shape) {
    this.model = model;
    this.shape = shape;
  }

  /** Whether class and shape are small enough. */
  static boolean canGenerate(ObjectModel model, Shape shape) {
    int slots = 0;
    for (ObjectModel.Field field : model.fields()) {
      slots += field.type() == long.class || field.type() == double.class ? 2 : 1;
    }
    return shape.size <= Short.MAX_VALUE
        && (model.isRecord() ? slots <= MAX_ARGUMENTS : model.fields().length <= MAX_FIELDS);
  }

  /** The maker of a class for maps of a shape. */
  static Maker generate(ObjectModel model, Shape shape, boolean strict) {
    if (strict) {
      Maker refusal = refusal(model, shape);
      if (refusal != null) {
        return refusal;
      }
    }
    return new MakerFactory(model, shape).generate();
  }

  /** A maker that throws, if strictly no object can be made of a shape; else null. */
  private static Maker refusal(ObjectModel model, Shape shape) {
    int found = 0;
    for (ObjectModel.Field field : model.fields()) {
      if (shape.find(field.name()) >= 0) {
        found++;
      } else if (field.required()) {
        return refuse(map -> ObjectConverter.missing(field.name(), model));
      }
    }
    return shape.size > found ? refuse(map -> ObjectConverter.extra(map, model)) : null;
  }

  private interface Refusal {
    PathError of(Node map);
  }

  private static Maker refuse(Refusal refusal) {
    return new Maker() {
      @Override
      Object make(TypedDecoder decoder, Node map, int depth, Object into) {
        throw refusal.of(map);
      }
    };
  }

  private Maker generate() {
    if (model.isRecord()) {
      file.pushHandle(model.constructor());
      for (ObjectModel.Field field : model.fields()) {
        pushValue(field, shape.find(field.name()));
      }
      file.invoke(model.constructor().type());
    } else {
      for (ObjectModel.Field field : model.fields()) {
        int slot = shape.find(field.name());
        if (slot >= 0) {
          file.pushHandle(field.setter());
          file.loadReference(INTO);
          pushValue(field, slot);
          file.invoke(field.setter().type());
        }
      }
      file.loadReference(INTO);
    }
    String make = "(" + DECODER + NODE + "I" + OBJECT + ")" + OBJECT;
    file.op(ARETURN).endMethod("make", make, MAX_STACK, LOCALS);
    PlainCode plain = new PlainCode(model, shape, file);
    if (plain.isPossible()) {
      plain.addMethods();
    }
    byte[] bytes = file.toBytes(PACKAGE + "GeneratedMaker", PACKAGE + "Maker");
    try {
      MethodHandles.Lookup lookup =
          MethodHandles.lookup().defineHiddenClassWithClassData(bytes, file.data(), true);
      MethodHandle instance =
          lookup.findConstructor(lookup.lookupClass(), MethodType.methodType(void.class));
      return (Maker) instance.invoke();
    } catch (VirtualMachineError e) {
      throw e; // the stack or the memory ended, which says nothing about the class
    } catch (Throwable e) {
      throw new LinkageError("cannot generate a reader of " + model.kindName(), e);
    }
  }

  /** Pushes the value of a field. */
  private void pushValue(ObjectModel.Field field, int slot) {
    if (slot < 0) {
      pushDefault(file, field);
    } else if (field.type().isPrimitive()) {
      file.loadReference(DECODER_LOCAL).loadReference(MAP).push(slot);
      file.push(shape.type(slot) & 0xff);
      String descriptor = "(" + DECODER + NODE + "II)" + field.type().descriptorString();
      file.call(INVOKE_STATIC, PACKAGE + "Scalars", field.type().getName() + "At", descriptor);
    } else {
      file.pushObject(field.converter(), CONVERTER);
      file.loadReference(DECODER_LOCAL).loadReference(MAP).push(slot);
      file.loadReference(MAP).push(slot).push(shape.type(slot) & 0xff);
      file.call(ClassFile.INVOKE_VIRTUAL, PACKAGE + "Node", "type", "(II)I");
      file.loadInt(DEPTH);
      String descriptor = "(" + DECODER + NODE + "III)" + OBJECT;
      file.call(ClassFile.INVOKE_VIRTUAL, PACKAGE + "Converter", "read", descriptor);
    }
  }

  /** Pushes what a record gets if there is no such field. */
  static void pushDefault(ClassFile file, ObjectModel.Field field) {
    Class<?> type = field.type();
    if (type == long.class) {
      file.op(LCONST_0);
    } else if (type == double.class) {
      file.op(DCONST_0);
    } else if (type == float.class) {
      file.op(FCONST_0);
    } else if (type.isPrimitive()) {
      file.op(ICONST_0);
    } else if (field.converter().missing() == null) {
      file.op(ACONST_NULL);
    } else {
      file.pushObject(field.converter().missing(), OBJECT);
    }
  }
}
