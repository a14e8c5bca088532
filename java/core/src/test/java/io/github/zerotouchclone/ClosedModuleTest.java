package io.github.zerotouchclone;

import static io.github.zerotouchclone.Fixtures.fails;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.github.zerotouchcloneexample.Parcel;
import java.io.IOException;
import java.lang.module.Configuration;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReader;
import java.lang.module.ModuleReference;
import java.net.URI;
import java.net.URL;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Classes of a named module that is neither exported nor opened. */
class ClosedModuleTest {
  private static final String MODULE = "example.closed";
  private static final String PACKAGE = Parcel.class.getPackageName();

  @TempDir Path folder;

  /** Class files of the tests. */
  private static final class Reader implements ModuleReader {
    @Override
    public Optional<URI> find(String name) {
      URL url = Parcel.class.getResource("/" + name);
      return url == null ? Optional.empty() : Optional.of(URI.create(url.toString()));
    }

    @Override
    public Stream<String> list() {
      return Stream.of(Parcel.class.getName().replace('.', '/') + ".class");
    }

    @Override
    public void close() {}
  }

  /** The module, whose class is loaded once more for it. */
  private static final class Finder implements ModuleFinder {
    private final ModuleReference module =
        new ModuleReference(
            ModuleDescriptor.newModule(MODULE)
                .requires("java.base")
                .packages(Set.of(PACKAGE))
                .provides(Runnable.class.getName(), List.of(Parcel.class.getName()))
                .build(),
            null) {
          @Override
          public ModuleReader open() throws IOException {
            return new Reader();
          }
        };

    @Override
    public Optional<ModuleReference> find(String name) {
      return name.equals(MODULE) ? Optional.of(module) : Optional.empty();
    }

    @Override
    public Set<ModuleReference> findAll() {
      return Set.of(module);
    }
  }

  private static ModuleLayer layer() {
    ModuleLayer boot = ModuleLayer.boot();
    Configuration configuration =
        boot.configuration().resolve(new Finder(), ModuleFinder.of(), Set.of(MODULE));
    return boot.defineModulesWithOneLoader(configuration, ClassLoader.getPlatformClassLoader());
  }

  @Test
  void a_class_says_which_package_its_module_must_open() throws Exception {
    ModuleLayer layer = layer();
    Class<?> type = layer.findLoader(MODULE).loadClass(Parcel.class.getName());
    assertNotSame(Parcel.class, type);
    assertFalse(type.getModule().isExported(PACKAGE));
    fails(
        Status.INVALID_ARGUMENT,
        "its constructor is not public in a package that is exported; make it so, or open the"
            + " package "
            + PACKAGE
            + " to ",
        () -> Binding.of(type));
    ClosedModuleTest.class.getModule().addUses(Runnable.class); // only services give objects of it
    Runnable object = ServiceLoader.load(layer, Runnable.class).iterator().next();
    assertSame(type, object.getClass());
    fails(
        Status.UNSTORABLE,
        "its module " + MODULE + " must open the package " + PACKAGE + " to ",
        () -> Fixtures.write(folder.resolve("closed.ztc"), object));
  }
}
