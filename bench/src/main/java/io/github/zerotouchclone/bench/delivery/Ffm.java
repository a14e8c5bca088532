package io.github.zerotouchclone.bench.delivery;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Array;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The C interface through {@code java.lang.foreign}, which is there since JDK 22. This project is
 * compiled for 17, so the handles are made by reflection, once; they are constants for a compiler,
 * exactly as if they were made directly.
 */
final class Ffm {

  /** {@code int ztc_copy(region, index, destination, capacity, size, workspace)}, addresses all. */
  static final MethodHandle COPY = find(false);

  /**
   * The same as a critical call, with the array as the destination: {@code (region, index, byte[],
   * capacity, long[], workspace)int}.
   */
  static final MethodHandle COPY_CRITICAL = find(true);

  private Ffm() {}

  static boolean isAvailable() {
    return COPY != null;
  }

  private static MethodHandle find(boolean critical) {
    if (Runtime.version().feature() < 22) {
      return null;
    }
    try {
      Class<?> linkerType = Class.forName("java.lang.foreign.Linker");
      Class<?> optionType = Class.forName("java.lang.foreign.Linker$Option");
      Class<?> layoutType = Class.forName("java.lang.foreign.MemoryLayout");
      Class<?> valueLayout = Class.forName("java.lang.foreign.ValueLayout");
      Class<?> descriptorType = Class.forName("java.lang.foreign.FunctionDescriptor");
      Class<?> segment = Class.forName("java.lang.foreign.MemorySegment");
      Object word = valueLayout.getField("JAVA_LONG").get(null);
      Object address = critical ? valueLayout.getField("ADDRESS").get(null) : word;

      Object arguments = Array.newInstance(layoutType, 6);
      Object[] layouts = {word, word, address, word, address, word};
      for (int i = 0; i < layouts.length; i++) {
        Array.set(arguments, i, layouts[i]);
      }
      Object descriptor =
          descriptorType
              .getMethod("of", layoutType, arguments.getClass())
              .invoke(null, valueLayout.getField("JAVA_INT").get(null), arguments);
      Object options = Array.newInstance(optionType, critical ? 1 : 0);
      if (critical) {
        Array.set(
            options, 0, optionType.getMethod("critical", boolean.class).invoke(null, Boolean.TRUE));
      }
      Object linker = linkerType.getMethod("nativeLinker").invoke(null);
      Method downcall =
          linkerType.getMethod("downcallHandle", segment, descriptorType, options.getClass());
      MethodHandle handle =
          (MethodHandle) downcall.invoke(linker, symbol(segment), descriptor, options);
      return critical ? withArrays(handle, segment) : handle;
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private static MethodHandle withArrays(MethodHandle handle, Class<?> segment)
      throws ReflectiveOperationException {
    MethodHandles.Lookup lookup = MethodHandles.publicLookup();
    MethodHandle ofBytes =
        lookup.findStatic(segment, "ofArray", MethodType.methodType(segment, byte[].class));
    MethodHandle ofLongs =
        lookup.findStatic(segment, "ofArray", MethodType.methodType(segment, long[].class));
    return MethodHandles.filterArguments(
        MethodHandles.filterArguments(handle, 2, ofBytes), 4, ofLongs);
  }

  private static Object symbol(Class<?> segment) throws ReflectiveOperationException {
    Class<?> arenaType = Class.forName("java.lang.foreign.Arena");
    Class<?> lookupType = Class.forName("java.lang.foreign.SymbolLookup");
    Path library = Path.of(System.getProperty("ztc.native.lib"), "libztc.so");
    Object arena = arenaType.getMethod("global").invoke(null);
    Object symbols =
        lookupType.getMethod("libraryLookup", Path.class, arenaType).invoke(null, library, arena);
    Optional<?> found =
        (Optional<?>) lookupType.getMethod("find", String.class).invoke(symbols, "ztc_copy");
    return segment.cast(found.orElseThrow());
  }
}
