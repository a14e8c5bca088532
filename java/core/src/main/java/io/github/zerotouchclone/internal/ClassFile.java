package io.github.zerotouchclone.internal;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes the class file of one class with a default constructor and methods without branches, which
 * therefore need no stack maps. Objects that the code uses are elements of the class data (see
 * {@link java.lang.invoke.MethodHandles#classDataAt}), so that the compiler sees constants. One
 * use, one thread.
 */
final class ClassFile {
  private static final int VERSION = 61; // Java 17
  private static final int FINAL_SUPER_SYNTHETIC = 0x1030;

  private static final int UTF8 = 1;
  private static final int INTEGER = 3;
  private static final int CLASS = 7;
  private static final int METHOD = 10;
  private static final int NAME_AND_TYPE = 12;
  private static final int METHOD_HANDLE = 15;
  private static final int DYNAMIC = 17;
  private static final int INVOKE_STATIC = 6; // kind of a method handle

  static final int INVOKE_VIRTUAL = 0xb6;
  private static final int ALOAD = 0x19;
  private static final int ILOAD = 0x15;
  private static final int LDC_W = 0x13;
  private static final int SIPUSH = 0x11;
  private static final int ASTORE = 0x3a;
  private static final int ISTORE = 0x36;

  private final ByteArrayOutputStream poolBytes = new ByteArrayOutputStream();
  private final DataOutputStream pool = new DataOutputStream(poolBytes);
  private final Map<String, Integer> constants = new HashMap<>();
  private int poolSize = 1;
  private final ByteArrayOutputStream bootstrapBytes = new ByteArrayOutputStream();
  private final DataOutputStream bootstraps = new DataOutputStream(bootstrapBytes);
  private int bootstrapCount;
  private final ByteArrayOutputStream methodBytes = new ByteArrayOutputStream();
  private final DataOutputStream methods = new DataOutputStream(methodBytes);
  private int methodCount;
  private final List<Object> data = new ArrayList<>();
  private final ByteArrayOutputStream codeBytes = new ByteArrayOutputStream();
  private final DataOutputStream code = new DataOutputStream(codeBytes);

  // --------------------------------------------------------------------------------- instructions

  ClassFile loadReference(int local) {
    return op(ALOAD, local);
  }

  ClassFile loadInt(int local) {
    return op(ILOAD, local);
  }

  ClassFile storeReference(int local) {
    return op(ASTORE, local);
  }

  ClassFile storeInt(int local) {
    return op(ISTORE, local);
  }

  /** Any instruction without operands. */
  ClassFile op(int opcode) {
    write(code, out -> out.writeByte(opcode));
    return this;
  }

  private ClassFile op(int opcode, int operand) {
    write(
        code,
        out -> {
          out.writeByte(opcode);
          out.writeByte(operand);
        });
    return this;
  }

  private ClassFile wide(int opcode, int operand) {
    write(
        code,
        out -> {
          out.writeByte(opcode);
          out.writeShort(operand);
        });
    return this;
  }

  /** Pushes an int from 0 to 32,767. */
  ClassFile push(int value) {
    return wide(SIPUSH, value);
  }

  /** Pushes an object, as one of a class that is visible from here. */
  ClassFile pushObject(Object object, String descriptor) {
    int bootstrap = dataBootstrap(data.size());
    data.add(object);
    int name = nameAndType("_", descriptor);
    return wide(LDC_W, constant("data " + bootstrap, DYNAMIC, bootstrap, name));
  }

  ClassFile pushHandle(MethodHandle handle) {
    return pushObject(handle, "Ljava/lang/invoke/MethodHandle;");
  }

  /** Invokes a handle of this very type, which was pushed before its arguments. */
  ClassFile invoke(MethodType type) {
    String descriptor = type.toMethodDescriptorString();
    return call(INVOKE_VIRTUAL, "java/lang/invoke/MethodHandle", "invokeExact", descriptor);
  }

  /** Calls a method of a class; {@code opcode} is invokevirtual, invokespecial or invokestatic. */
  ClassFile call(int opcode, String owner, String name, String descriptor) {
    return wide(opcode, method(owner, name, descriptor));
  }

  // --------------------------------------------------------------------------------- the class

  /** Makes the code since the last method a method. */
  void endMethod(String name, String descriptor, int maxStack, int locals) {
    int nameText = utf8(name);
    int type = utf8(descriptor);
    int codeName = utf8("Code");
    byte[] body = codeBytes.toByteArray();
    codeBytes.reset();
    write(methods, out -> method(out, nameText, type, codeName, body, maxStack, locals));
    methodCount++;
  }

  /** The objects that the code uses: the class data. */
  List<Object> data() {
    return List.copyOf(data);
  }

  /** The bytes of the class with the methods so far. */
  byte[] toBytes(String name, String superName) {
    int self = classConstant(name);
    int parent = classConstant(superName);
    int codeName = utf8("Code");
    int bootstrapName = utf8("BootstrapMethods");
    int init = utf8("<init>");
    int noArguments = utf8("()V");
    int parentInit = method(superName, "<init>", "()V");
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    write(
        new DataOutputStream(bytes),
        out -> {
          out.writeInt(0xCAFEBABE);
          out.writeInt(VERSION);
          out.writeShort(poolSize);
          poolBytes.writeTo(out);
          out.writeShort(FINAL_SUPER_SYNTHETIC);
          out.writeShort(self);
          out.writeShort(parent);
          out.writeShort(0); // interfaces
          out.writeShort(0); // fields
          out.writeShort(1 + methodCount);
          byte[] superCall = {
            0x2a, (byte) 0xb7, (byte) (parentInit >> 8), (byte) parentInit, (byte) 0xb1
          };
          method(out, init, noArguments, codeName, superCall, 1, 1);
          methodBytes.writeTo(out);
          out.writeShort(1); // attributes
          out.writeShort(bootstrapName);
          out.writeInt(2 + bootstrapBytes.size());
          out.writeShort(bootstrapCount);
          bootstrapBytes.writeTo(out);
        });
    return bytes.toByteArray();
  }

  private static void method(
      DataOutputStream out, int name, int type, int codeName, byte[] body, int stack, int locals)
      throws IOException {
    out.writeShort(0); // package-private
    out.writeShort(name);
    out.writeShort(type);
    out.writeShort(1);
    out.writeShort(codeName);
    out.writeInt(12 + body.length);
    out.writeShort(stack);
    out.writeShort(locals);
    out.writeInt(body.length);
    out.write(body);
    out.writeShort(0); // exception table
    out.writeShort(0); // attributes
  }

  // ---------------------------------------------------------------------------------- constants

  private int utf8(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8); // of names: no NUL, no supplementary
    return constants.computeIfAbsent(
        "utf8 " + text,
        key -> {
          write(
              pool,
              out -> {
                out.writeByte(UTF8);
                out.writeShort(bytes.length);
                out.write(bytes);
              });
          return poolSize++;
        });
  }

  private int classConstant(String name) {
    int text = utf8(name);
    return constant("class " + name, CLASS, text, -1);
  }

  private int nameAndType(String name, String descriptor) {
    int nameText = utf8(name);
    int type = utf8(descriptor);
    return constant("name " + name + descriptor, NAME_AND_TYPE, nameText, type);
  }

  private int method(String owner, String name, String descriptor) {
    int type = classConstant(owner);
    int signature = nameAndType(name, descriptor);
    return constant("method " + owner + '.' + name + descriptor, METHOD, type, signature);
  }

  private int dataBootstrap(int index) {
    int classDataAt =
        method(
            "java/lang/invoke/MethodHandles",
            "classDataAt",
            "(Ljava/lang/invoke/MethodHandles$Lookup;Ljava/lang/String;Ljava/lang/Class;I)"
                + "Ljava/lang/Object;");
    int handle =
        constants.computeIfAbsent(
            "handle",
            key -> {
              write(
                  pool,
                  out -> {
                    out.writeByte(METHOD_HANDLE);
                    out.writeByte(INVOKE_STATIC);
                    out.writeShort(classDataAt);
                  });
              return poolSize++;
            });
    int number =
        constants.computeIfAbsent(
            "int " + index,
            key -> {
              write(
                  pool,
                  out -> {
                    out.writeByte(INTEGER);
                    out.writeInt(index);
                  });
              return poolSize++;
            });
    write(
        bootstraps,
        out -> {
          out.writeShort(handle);
          out.writeShort(1);
          out.writeShort(number);
        });
    return bootstrapCount++;
  }

  private int constant(String key, int tag, int first, int second) {
    Integer known = constants.get(key);
    if (known != null) {
      return known;
    }
    write(
        pool,
        out -> {
          out.writeByte(tag);
          out.writeShort(first);
          if (second >= 0) {
            out.writeShort(second);
          }
        });
    constants.put(key, poolSize);
    return poolSize++;
  }

  private interface Writing {
    void to(DataOutputStream out) throws IOException;
  }

  private static void write(DataOutputStream out, Writing writing) {
    try {
      writing.to(out);
    } catch (IOException e) { // of a byte array
      throw new UncheckedIOException(e);
    }
  }
}
