package io.github.zerotouchclone;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Neither generated code nor what is known of a class keeps anything alive. */
class BindingMemoryTest {
  @TempDir Path folder;

  /** Loaded a second time by a loader of its own. */
  public record Loaded(long id, List<Inner> inner, Loaded next) {}

  /** Likewise. */
  public record Inner(String text) {}

  private static final class Loader extends ClassLoader {
    Loader() {
      super(BindingMemoryTest.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (!name.equals(Loaded.class.getName()) && !name.equals(Inner.class.getName())) {
        return super.loadClass(name, resolve);
      }
      synchronized (getClassLoadingLock(name)) {
        Class<?> known = findLoadedClass(name);
        return known != null ? known : define(name);
      }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
      String file = name.substring(name.lastIndexOf('.') + 1) + ".class";
      try (InputStream in = BindingMemoryTest.class.getResourceAsStream(file)) {
        byte[] bytes = in.readAllBytes();
        return defineClass(name, bytes, 0, bytes.length);
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }
  }

  @Test
  void a_class_loader_is_collectable_while_regions_that_its_classes_were_read_from_are_open()
      throws Exception {
    Map<String, Object> record =
        Map.of("id", 1L, "inner", List.of(Map.of("text", "x")), "next", Map.of("id", 2L));
    try (Region region = Region.open(Fixtures.write(folder.resolve("r.ztc"), record));
        CopyBuffer buffer = CopyBuffer.allocate()) {
      WeakReference<ClassLoader> loader = readWithOwnLoader(region, buffer);
      for (int i = 0; i < 100 && loader.get() != null; i++) {
        System.gc();
      }
      assertNull(loader.get(), "the class loader is still reachable");
      assertEquals(1, ZeroTouchClone.copy(region, 0, Loaded.class).id());
    }
  }

  private static WeakReference<ClassLoader> readWithOwnLoader(Region region, CopyBuffer buffer)
      throws Exception {
    ClassLoader loader = new Loader();
    Class<?> type = loader.loadClass(Loaded.class.getName());
    assertNotSame(Loaded.class, type);
    for (int i = 0; i < 200; i++) {
      assertEquals(type, ZeroTouchClone.copy(region, 0, type).getClass());
      assertEquals(type, ZeroTouchClone.copyInto(region, 0, buffer).as(type).getClass());
    }
    return new WeakReference<>(loader);
  }

  @Test
  void a_class_loader_is_collectable_while_a_writer_that_stored_its_objects_is_open()
      throws Exception {
    try (RegionWriter writer = RegionWriter.create(folder.resolve("w.ztc"))) {
      WeakReference<ClassLoader> loader = writeWithOwnLoader(writer);
      for (int i = 0; i < 100 && loader.get() != null; i++) {
        System.gc();
      }
      assertNull(loader.get(), "the class loader is still reachable");
      assertEquals(200, writer.add(new Inner("x")));
    }
  }

  private static WeakReference<ClassLoader> writeWithOwnLoader(RegionWriter writer)
      throws Exception {
    ClassLoader loader = new Loader();
    Class<?> type = loader.loadClass(Inner.class.getName());
    assertNotSame(Inner.class, type);
    for (int i = 0; i < 200; i++) {
      writer.add(type.getConstructor(String.class).newInstance("text"));
    }
    return new WeakReference<>(loader);
  }

  @Test
  void a_region_is_collectable_while_classes_that_were_read_from_it_live() {
    Path path = Fixtures.write(folder.resolve("r.ztc"), Map.of("id", 1L));
    WeakReference<Region> region = readOnce(path);
    for (int i = 0; i < 100 && region.get() != null; i++) {
      System.gc();
    }
    assertNull(region.get(), "the region is still reachable");
  }

  private static WeakReference<Region> readOnce(Path path) {
    Region region = Region.open(path);
    assertEquals(1, ZeroTouchClone.copy(region, 0, Loaded.class).id());
    return new WeakReference<>(region);
  }
}
