package io.github.zerotouchclone;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Executable;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What callers in Kotlin and Scala, and lambdas in Java, stumble over is not in the API. */
class ApiTest {
  /** The public types of the package, nested ones included. */
  private static List<Class<?>> types() throws IOException, ClassNotFoundException {
    Path sources =
        Fixtures.source("java", "core", "src", "main", "java", "io", "github", "zerotouchclone");
    List<Class<?>> types = new ArrayList<>();
    try (var files = Files.list(sources)) {
      for (Path file : files.sorted().toList()) {
        String name = file.getFileName().toString().replace(".java", "");
        if (file.toString().endsWith(".java") && !name.equals("package-info")) {
          Class<?> type = Class.forName("io.github.zerotouchclone." + name);
          Stream.concat(Stream.of(type), Arrays.stream(type.getDeclaredClasses()))
              .filter(each -> Modifier.isPublic(each.getModifiers()))
              .forEach(types::add);
        }
      }
    }
    assertTrue(types.size() > 20, types.toString());
    return types;
  }

  private static List<Method> methods(Class<?> type) {
    return Arrays.stream(type.getDeclaredMethods())
        .filter(method -> Modifier.isPublic(method.getModifiers()) && !method.isSynthetic())
        .toList();
  }

  private static boolean isChecked(Class<?> exception) {
    return !RuntimeException.class.isAssignableFrom(exception)
        && !Error.class.isAssignableFrom(exception);
  }

  @Test
  void nothing_throws_a_checked_exception() throws Exception {
    List<String> found = new ArrayList<>();
    for (Class<?> type : types()) {
      List<Executable> all = new ArrayList<>(methods(type));
      all.addAll(List.of(type.getConstructors()));
      for (Executable each : all) {
        if (Arrays.stream(each.getExceptionTypes()).anyMatch(ApiTest::isChecked)) {
          found.add(each.toString());
        }
      }
      assertFalse(Throwable.class.isAssignableFrom(type) && isChecked(type), type.toString());
    }
    assertEquals(List.of(), found);
  }

  /** What an argument like {@code null}, a lambda or a number could be taken for. */
  private static boolean isConfusing(Class<?> a, Class<?> b) {
    boolean functions = isFunction(a) && isFunction(b);
    boolean boxes = isNumber(a) && isNumber(b);
    boolean general = a == Object.class || b == Object.class;
    return a == b || functions || boxes || general;
  }

  private static boolean isNumber(Class<?> type) {
    return Number.class.isAssignableFrom(type) || (type.isPrimitive() && type != boolean.class);
  }

  private static boolean isFunction(Class<?> type) {
    return type.isInterface()
        && Arrays.stream(type.getMethods())
                .filter(method -> Modifier.isAbstract(method.getModifiers()))
                .count()
            == 1;
  }

  /** The overloads of a method with as many parameters must differ in one that tells them apart. */
  @Test
  void no_overload_is_a_trap() throws Exception {
    List<String> traps = new ArrayList<>();
    for (Class<?> type : types()) {
      List<Method> methods = methods(type);
      methods = methods.stream().filter(each -> !isRefusal(each)).toList();
      for (Method a : methods) {
        for (Method b : methods) {
          boolean overloads =
              a.getName().equals(b.getName())
                  && a.getParameterCount() == b.getParameterCount()
                  && !Arrays.equals(a.getParameterTypes(), b.getParameterTypes());
          if (overloads && isTrap(a.getParameterTypes(), b.getParameterTypes())) {
            traps.add(a + " and " + b);
          }
        }
      }
    }
    assertEquals(List.of(), traps);
  }

  /** An overload that exists to refuse a character. */
  private static boolean isRefusal(Method method) {
    return method.isAnnotationPresent(Deprecated.class)
        && List.of(method.getParameterTypes()).contains(char.class);
  }

  /** Java widens 'A' to the number 65, where {@code "A"} is the key that is meant. */
  @Test
  void a_character_is_not_taken_for_the_number_of_a_key() throws Exception {
    List<String> traps = new ArrayList<>();
    int keys = 0;
    for (Class<?> type : types()) {
      for (Method method : methods(type)) {
        Class<?>[] parameters = method.getParameterTypes();
        int at = List.of(parameters).indexOf(long.class);
        if (at < 0 || !has(type, method, at, String.class)) {
          continue;
        }
        keys++;
        if (!has(type, method, at, char.class)) {
          traps.add(method.toString());
        }
      }
    }
    assertEquals(List.of(), traps);
    assertEquals(7, keys);
  }

  /** Whether a method has an overload with another type in one place. */
  private static boolean has(Class<?> type, Method method, int at, Class<?> other) {
    Class<?>[] wanted = method.getParameterTypes();
    wanted[at] = other;
    return methods(type).stream()
        .filter(each -> each.getName().equals(method.getName()))
        .anyMatch(each -> Arrays.equals(each.getParameterTypes(), wanted));
  }

  private static boolean isTrap(Class<?>[] a, Class<?>[] b) {
    for (int i = 0; i < a.length; i++) {
      if (!isConfusing(a[i], b[i])) {
        return false;
      }
    }
    return true;
  }

  @Test
  void nullability_is_said_for_the_whole_package() throws Exception {
    for (Path info :
        List.of(
            Fixtures.source("java", "core", "src", "main", "java", "io", "github"),
            Fixtures.source("java", "json", "src", "main", "java", "io", "github"))) {
      try (var files = Files.walk(info)) {
        List<Path> packages =
            files
                .filter(file -> file.endsWith("package-info.java"))
                .filter(file -> !file.toString().contains("/internal/"))
                .toList();
        assertEquals(1, packages.size(), info.toString());
        assertTrue(Files.readString(packages.get(0)).contains("@NullMarked"), info.toString());
      }
    }
  }
}
