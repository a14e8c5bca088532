package io.github.zerotouchclone.junit.internal;

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.TestInstances;
import org.junit.platform.commons.support.HierarchyTraversalMode;
import org.junit.platform.commons.support.ReflectionSupport;

/** Finds the file that a test's annotation names. */
public final class RegionFile {
  private RegionFile() {}

  /**
   * The file.
   *
   * @param path the path itself, or empty
   * @param from the name of a method or field that gives it, or empty
   * @param tests the test's instance, and those of the classes around it
   */
  public static Path find(String path, String from, TestInstances tests) {
    if (path.isEmpty() == from.isEmpty()) {
      throw new ExtensionConfigurationException(
          "@ZeroTouch needs either region = a path, or from = the name of a method or field");
    }
    if (!path.isEmpty()) {
      return Path.of(path);
    }
    List<Object> inwards = new ArrayList<>(tests.getAllInstances());
    Collections.reverse(inwards);
    for (Object test : inwards) {
      Optional<Object> given = ask(from, test);
      if (given.isPresent()) {
        return pathOf(given.get(), from);
      }
    }
    throw new ExtensionConfigurationException(
        "@ZeroTouch(from = \""
            + from
            + "\"): "
            + tests.getInnermostInstance().getClass().getName()
            + " has no method without parameters and no field of that name that gives a path");
  }

  private static Optional<Object> ask(String name, Object test) {
    Optional<Method> method = ReflectionSupport.findMethod(test.getClass(), name);
    if (method.isPresent()) {
      return Optional.ofNullable(ReflectionSupport.invokeMethod(method.get(), test));
    }
    List<Field> fields =
        ReflectionSupport.findFields(
            test.getClass(), f -> f.getName().equals(name), HierarchyTraversalMode.BOTTOM_UP);
    if (fields.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.ofNullable(ReflectionSupport.tryToReadFieldValue(fields.get(0), test).get());
    } catch (Exception e) {
      throw new ExtensionConfigurationException("cannot read " + fields.get(0), e);
    }
  }

  private static Path pathOf(Object given, String from) {
    if (given instanceof Path path) {
      return path;
    }
    if (given instanceof String path) {
      return Path.of(path);
    }
    throw new ExtensionConfigurationException(
        "@ZeroTouch(from = \""
            + from
            + "\") must give a Path or a String, not a "
            + given.getClass().getName());
  }
}
