package io.github.zerotouchclone.bench.suite;

import io.github.zerotouchclone.bench.measure.Task;
import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * Tasks that share no code with each other. Two sides that ran through one loop would share its
 * profile: its calls would have two receivers, and neither side would be inlined as it is where a
 * program has only one. So each task is of a hidden class of its own, made of the same bytes.
 */
final class OwnCode {

  private OwnCode() {}

  /**
   * Makes a task of a new copy of a class.
   *
   * @param loop a class of this package that refers to no nested class and no lambda of its own
   * @param parameters of its constructor
   * @param arguments for it
   */
  static Task of(Class<? extends Task> loop, Class<?>[] parameters, Object... arguments)
      throws IOException {
    try (InputStream file = loop.getResourceAsStream(loop.getSimpleName() + ".class")) {
      MethodHandles.Lookup copy =
          MethodHandles.lookup().defineHiddenClass(file.readAllBytes(), true);
      return (Task)
          copy.findConstructor(copy.lookupClass(), MethodType.methodType(void.class, parameters))
              .invokeWithArguments(arguments);
    } catch (IOException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new LinkageError("cannot make a copy of " + loop, e);
    }
  }
}
