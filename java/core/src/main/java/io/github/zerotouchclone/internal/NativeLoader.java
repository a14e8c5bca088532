package io.github.zerotouchclone.internal;

import io.github.zerotouchclone.NativeLibraryException;
import io.github.zerotouchclone.RegionException;
import io.github.zerotouchclone.Status;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Finds and loads the native library, once: at the path that a system property names, else on
 * {@code java.library.path}, else in this jar. The first one that loads is taken; a path that was
 * named is never replaced by another one.
 */
public final class NativeLoader {
  /** Names the library file, or a folder that holds it. */
  public static final String PROPERTY = "io.github.zerotouchclone.library";

  /** Names the folder that the jar's library is extracted to. */
  public static final String EXTRACT_PROPERTY = "io.github.zerotouchclone.extract";

  private static final String NAME = "ztc_jni";

  /** What this library is built and tested for. A jar may be built for fewer of them. */
  static final List<String> SUPPORTED =
      List.of(
          "linux-x86_64-glibc", "linux-x86_64-musl", "linux-aarch64-glibc", "linux-aarch64-musl");

  private final String name;
  private final String property;
  private final Class<?> home;
  private final Function<String, String> properties;
  private final Consumer<String> system;
  private final List<String> attempts = new ArrayList<>();
  private String origin;

  /** The outcome of the only attempt. */
  private static final class Once {
    static final NativeLibraryException FAILURE;
    static final String ORIGIN;

    static {
      NativeLoader loader = new NativeLoader(System::getProperty, file -> System.load(file));
      NativeLibraryException failure = null;
      try {
        loader.find();
      } catch (NativeLibraryException e) {
        failure = e;
      } catch (RuntimeException e) {
        loader.attempts.add("failed: " + e);
        failure = loader.failure();
      }
      FAILURE = failure;
      ORIGIN = loader.origin;
    }
  }

  /** For tests: another source of properties, another way to load a file. */
  NativeLoader(Function<String, String> properties, Consumer<String> system) {
    this(NAME, PROPERTY, NativeLoader.class, properties, system);
  }

  private NativeLoader(
      String name,
      String property,
      Class<?> home,
      Function<String, String> properties,
      Consumer<String> system) {
    this.name = name;
    this.property = property;
    this.home = home;
    this.properties = properties;
    this.system = system;
  }

  /**
   * Loads the library of another module, found in the same places as this one's.
   *
   * @param name the library, as in {@code lib<name>.so}
   * @param property the system property that names its file or folder
   * @param home a class of the jar that has it
   * @param system {@link System#load}, called by the module that the library belongs to
   * @throws NativeLibraryException if that is not possible; it says where it looked
   */
  public static void load(String name, String property, Class<?> home, Consumer<String> system) {
    new NativeLoader(name, property, home, System::getProperty, system).find();
  }

  /**
   * Loads the library if it is not loaded yet.
   *
   * @throws NativeLibraryException if that is not possible; it says where it looked
   */
  static void load() {
    if (Once.FAILURE != null) {
      // A fresh one, with the stack of this caller.
      throw new NativeLibraryException(
          Once.FAILURE.status(), RegionException.NO_OFFSET, null, Once.FAILURE.getMessage());
    }
  }

  /** Where the library came from. */
  public static String origin() {
    load();
    return Once.ORIGIN;
  }

  // ------------------------------------------------------------------------------------- finding

  void find() {
    String named = properties.apply(property);
    if (named != null) {
      String place = "system property " + property;
      Path file = path(named, place);
      if (file != null && Files.isDirectory(file)) {
        file = file.resolve(System.mapLibraryName(name));
      }
      if (file == null || !load(file, place)) {
        throw failure();
      }
      return;
    }
    if (!loadFromLibraryPath() && !loadFromJar()) {
      throw failure();
    }
  }

  /**
   * An absolute path; null if the text is none, which is noted: a locale without the characters of
   * a folder has no path for it.
   */
  private Path path(String text, String place) {
    try {
      return Path.of(text).toAbsolutePath();
    } catch (InvalidPathException e) {
      attempts.add(place + ", " + text + ": no path in this locale: " + e.getMessage());
      return null;
    }
  }

  private boolean loadFromLibraryPath() {
    String path = properties.apply("java.library.path");
    String file = System.mapLibraryName(name);
    for (String folder : (path == null ? "" : path).split(System.getProperty("path.separator"))) {
      Path found = path(folder.isEmpty() ? "." : folder, "java.library.path");
      Path candidate = found == null ? null : found.resolve(file);
      if (candidate != null && Files.exists(candidate) && load(candidate, "java.library.path")) {
        return true;
      }
    }
    if (origin == null) {
      attempts.add("java.library.path (" + path + "): there is no " + file + " that loads");
    }
    return false;
  }

  private boolean loadFromJar() {
    String resource = "/natives/" + platform() + "/lib" + name + ".so";
    byte[] library;
    try (InputStream in = home.getResourceAsStream(resource)) {
      if (in == null) {
        attempts.add("jar: it has no " + resource + whyMissing());
        return false;
      }
      library = in.readAllBytes();
    } catch (IOException e) {
      attempts.add("jar: " + resource + " cannot be read: " + e);
      return false;
    }
    return loadFromJar(library);
  }

  private String whyMissing() {
    return SUPPORTED.contains(platform())
        ? ": it was built for another platform; a build with -Pplatforms is for all of them"
        : ": this platform is not supported";
  }

  /** Extracts the library to the first folder that it can be loaded from. */
  boolean loadFromJar(byte[] library) {
    Set<Path> folders = extractionFolders();
    int before = attempts.size();
    if (folders.isEmpty()) {
      attempts.add("jar: there is no folder to extract to");
    }
    for (Path folder : folders) {
      if (extractAndLoad(library, folder)) {
        if (attempts.size() > before) {
          System.getLogger("io.github.zerotouchclone")
              .log(
                  System.Logger.Level.INFO,
                  "native library extracted to " + folder + ", because: " + attempts);
        }
        return true;
      }
    }
    return false;
  }

  /** Folders to extract to, in the order they are tried; one may forbid execution. */
  private Set<Path> extractionFolders() {
    Set<Path> folders = new LinkedHashSet<>();
    String named = properties.apply(EXTRACT_PROPERTY);
    if (named != null && !named.isEmpty()) {
      addFolder(folders, named, "");
    } else {
      addFolder(folders, properties.apply("java.io.tmpdir"), "");
      addFolder(folders, System.getenv("XDG_CACHE_HOME"), "");
      addFolder(folders, properties.apply("user.home"), ".cache");
      addFolder(folders, properties.apply("user.dir"), "target");
      addFolder(folders, properties.apply("user.dir"), "");
    }
    return folders;
  }

  private void addFolder(Set<Path> folders, String folder, String below) {
    Path path = folder == null || folder.isEmpty() ? null : path(folder, "folder to extract to");
    if (path != null) {
      folders.add(path.resolve(below));
    }
  }

  private boolean extractAndLoad(byte[] library, Path folder) {
    Path own = null;
    Path file = null;
    try {
      own =
          Files.createTempDirectory(
              folder,
              "zerotouchclone-",
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      file = own.resolve("lib" + name + ".so");
      Files.write(file, library);
      return load(file, "jar, extracted");
    } catch (IOException | SecurityException e) {
      attempts.add("jar, extracted to " + folder + ": " + e);
      return false;
    } finally {
      // The mapping stays when the file goes.
      delete(file);
      delete(own);
    }
  }

  private static void delete(Path path) {
    try {
      if (path != null) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      path.toFile().deleteOnExit();
    }
  }

  /** What was tried in vain. */
  List<String> attempts() {
    return attempts;
  }

  // ------------------------------------------------------------------------------------- loading

  private boolean load(Path file, String place) {
    try {
      system.accept(file.toString());
      origin = file + " (" + place + ")";
      return true;
    } catch (LinkageError | RuntimeException e) {
      attempts.add(place + ", " + file + ": " + e.getMessage());
      return false;
    }
  }

  /**
   * Checks the ABI number of a library that was loaded.
   *
   * @return null if it is the right one, else what is wrong
   */
  static String abiProblem(int found, int wanted) {
    return found == wanted
        ? null
        : "the native library has ABI " + found + ", but this jar needs ABI " + wanted;
  }

  /** Called by the native library when it is loaded, before anything else. */
  @SuppressWarnings("unused")
  private static String abiProblem(int found) {
    return abiProblem(found, Native.ABI_VERSION);
  }

  private NativeLibraryException failure() {
    StringBuilder message =
        new StringBuilder(
            "the native library was not loaded. Platform: "
                + platform()
                + "; supported: "
                + String.join(", ", SUPPORTED));
    for (String attempt : attempts) {
      message.append("\n  tried ").append(attempt);
    }
    // Modules are named as their packages.
    String module = home.getPackageName().replace(".internal", "");
    message
        .append("\nName the file with -D" + property + "=/path/to/lib" + name + ".so, or put its")
        .append(" folder on -Djava.library.path, or name a folder whose file system allows")
        .append(" execution with -D" + EXTRACT_PROPERTY + ". Where the JVM denies native access,")
        .append(" add --enable-native-access=" + module + " (ALL-UNNAMED on the class path).");
    return new NativeLibraryException(
        Status.UNSUPPORTED, RegionException.NO_OFFSET, null, message.toString());
  }

  // ------------------------------------------------------------------------------------ platform

  /** Operating system, architecture and C library, as the folders in the jar are named. */
  private String platform() {
    String os = system("os.name").toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
    String arch = system("os.arch");
    return os
        + "-"
        + (arch.equals("amd64") ? "x86_64" : arch)
        + "-"
        + (isMusl() ? "musl" : "glibc");
  }

  /** A property that every JVM has. */
  private String system(String key) {
    String value = properties.apply(key);
    return value == null ? System.getProperty(key) : value;
  }

  private static boolean isMusl() {
    try {
      return Files.readString(Path.of("/proc/self/maps")).contains("/ld-musl-");
    } catch (IOException | RuntimeException e) {
      return false;
    }
  }
}
