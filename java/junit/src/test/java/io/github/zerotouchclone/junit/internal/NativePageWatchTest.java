package io.github.zerotouchclone.junit.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The native library's table. */
class NativePageWatchTest {
  @Test
  void the_registered_table_is_the_class() {
    new NativePageWatch();
    TreeSet<String> declared = new TreeSet<>();
    for (Method method : NativePageWatch.class.getDeclaredMethods()) {
      if (Modifier.isNative(method.getModifiers())) {
        MethodType type = MethodType.methodType(method.getReturnType(), method.getParameterTypes());
        declared.add(method.getName() + type.toMethodDescriptorString());
      }
    }
    assertEquals(declared, new TreeSet<>(List.of(NativePageWatch.registered())));
  }
}
