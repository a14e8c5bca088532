package io.github.zerotouchclone.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.zerotouchclone.NativeLibraryException;
import io.github.zerotouchclone.Status;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The native library: its table, its status codes, and how it is found. */
class NativeTest {
  @TempDir Path folder;

  private static Path source(String first, String... more) {
    Path core = Path.of(System.getProperty("basedir", System.getProperty("user.dir")));
    return core.toAbsolutePath().resolve("../..").normalize().resolve(Path.of(first, more));
  }

  @Test
  void the_registered_table_is_the_class() {
    Native.initialize();
    TreeSet<String> declared = new TreeSet<>();
    for (Method method : Native.class.getDeclaredMethods()) {
      if (Modifier.isNative(method.getModifiers())) {
        MethodType type = MethodType.methodType(method.getReturnType(), method.getParameterTypes());
        declared.add(method.getName() + type.toMethodDescriptorString());
      }
    }
    assertEquals(declared, new TreeSet<>(List.of(Native.registered())));
  }

  @Test
  void the_abi_is_the_one_of_the_loaded_library() {
    Native.initialize();
    assertEquals(Native.ABI_VERSION, Native.abiVersion());
  }

  @Test
  void another_abi_is_refused_with_both_numbers() {
    assertEquals(
        "the native library has ABI 7, but this jar needs ABI 3", NativeLoader.abiProblem(7, 3));
  }

  @Test
  void statuses_are_those_of_the_library() {
    for (Status status : Status.values()) {
      assertEquals(status.name(), NativeAccess.statusName(status.code()));
      assertEquals(status.text(), NativeAccess.statusText(status.code()));
      assertEquals(status, Status.ofCode(status.code()));
    }
  }

  private static String failure(NativeLoader loader) {
    return assertThrows(NativeLibraryException.class, loader::find).getMessage();
  }

  @Test
  void a_named_library_that_does_not_load_is_not_replaced() {
    List<String> loaded = new ArrayList<>();
    NativeLoader loader =
        new NativeLoader(
            Map.of(NativeLoader.PROPERTY, "/named/lib.so", "java.library.path", "/other")::get,
            file -> {
              loaded.add(file);
              throw new UnsatisfiedLinkError("it is not there");
            });
    String message = failure(loader);
    assertEquals(List.of("/named/lib.so"), loaded);
    assertTrue(
        message.contains(
            "system property io.github.zerotouchclone.library, /named/lib.so: it is not there"),
        message);
  }

  @Test
  void a_failed_load_lists_every_place_and_says_how_to_override() throws Exception {
    Files.createFile(folder.resolve("libztc_jni.so"));
    NativeLoader loader =
        new NativeLoader(
            Map.of("java.library.path", folder + ":/no/such/folder")::get,
            file -> {
              throw new UnsatisfiedLinkError("refused here");
            });
    String message = failure(loader);
    assertTrue(message.contains("Platform: linux-"), message);
    assertTrue(message.contains(folder.resolve("libztc_jni.so") + ": refused here"), message);
    assertTrue(message.contains("java.library.path (" + folder + ":/no/such/folder)"), message);
    assertTrue(message.contains("jar"), message);
    assertTrue(message.contains("-Dio.github.zerotouchclone.library="), message);
    assertTrue(message.contains("--enable-native-access=io.github.zerotouchclone"), message);
  }

  @Test
  void a_folder_that_forbids_execution_is_replaced_by_another_one() throws Exception {
    Path forbidden = Files.createDirectory(folder.resolve("noexec"));
    Path home = Files.createDirectories(folder.resolve("home/.cache")).getParent();
    List<String> loaded = new ArrayList<>();
    NativeLoader loader =
        new NativeLoader(
            Map.of("java.io.tmpdir", forbidden.toString(), "user.home", home.toString())::get,
            file -> {
              if (file.startsWith(forbidden.toString())) {
                throw new UnsatisfiedLinkError("failed to map segment");
              }
              loaded.add(file);
            });
    assertTrue(loader.loadFromJar(new byte[] {1}), "no folder was good enough");
    assertTrue(loaded.get(0).endsWith("/libztc_jni.so"), loaded.toString());
    assertTrue(loader.attempts().toString().contains(forbidden.toString()));
    try (var left = Files.list(forbidden)) {
      assertEquals(0, left.count(), "nothing stays where it could not be loaded");
    }
  }

  @Test
  void without_any_folder_the_error_names_all_that_were_tried() {
    NativeLoader loader =
        new NativeLoader(
            Map.of("java.io.tmpdir", folder.toString(), "user.home", "/no/home")::get,
            file -> {
              throw new UnsatisfiedLinkError("failed to map segment");
            });
    assertFalse(loader.loadFromJar(new byte[] {1}));
    String attempts = loader.attempts().toString();
    assertTrue(attempts.contains(folder + "/zerotouchclone-"), attempts);
    assertTrue(attempts.contains("failed to map segment"), attempts);
    assertTrue(attempts.contains("/no/home/.cache"), attempts);
  }

  /** As folders with other characters than the locale has, for which there is no path. */
  @Test
  void places_that_are_no_paths_are_passed_over() throws Exception {
    String none = "/no\0path";
    List<String> loaded = new ArrayList<>();
    NativeLoader loader =
        new NativeLoader(
            Map.of(
                    "java.library.path", none,
                    "java.io.tmpdir", folder.toString(),
                    "user.home", none,
                    "user.dir", none)
                ::get,
            loaded::add);
    assertTrue(loader.loadFromJar(new byte[] {1}), loader.attempts().toString());
    assertTrue(loaded.get(0).startsWith(folder.toString()), loaded.toString());
    NativeLoader inVain =
        new NativeLoader(
            Map.of("java.library.path", none, NativeLoader.EXTRACT_PROPERTY, none)::get,
            file -> {
              throw new AssertionError("another place than the one that was named: " + file);
            });
    String message = failure(inVain);
    assertTrue(message.contains("java.library.path, /no\0path: no path in this locale"), message);
    assertTrue(message.contains("there is no folder to extract to"), message);
  }

  @Test
  void a_named_library_that_is_no_path_is_a_failure_and_not_replaced() {
    NativeLoader loader =
        new NativeLoader(
            Map.of(NativeLoader.PROPERTY, "/no\0path")::get,
            file -> {
              throw new AssertionError(file);
            });
    String message = failure(loader);
    assertTrue(message.contains(NativeLoader.PROPERTY + ", /no\0path: no path"), message);
  }

  @Test
  void a_platform_without_a_library_is_told_which_have_one() {
    NativeLoader loader = new NativeLoader(Map.of("os.arch", "riscv64")::get, file -> {});
    String message = failure(loader);
    assertTrue(message.contains("Platform: linux-riscv64-"), message);
    assertTrue(message.contains("supported: linux-x86_64-glibc, linux-x86_64-musl"), message);
    assertTrue(message.contains("this platform is not supported"), message);
    assertTrue(message.contains("-Dio.github.zerotouchclone.library="), message);
  }

  @Test
  void the_supported_platforms_are_those_that_there_are_toolchains_for() throws Exception {
    try (var files = Files.list(source("native", "toolchains"))) {
      assertEquals(
          new TreeSet<>(NativeLoader.SUPPORTED),
          files
              .map(file -> file.getFileName().toString().replace(".cmake", ""))
              .collect(Collectors.toCollection(TreeSet::new)));
    }
  }

  /** What native code looks up by name, a native image has to be told of. */
  @Test
  void reachability_metadata_names_what_the_glue_looks_up() throws Exception {
    String glue =
        Files.readString(source("native", "jni", "ztc_jni.c"))
            .replaceAll("PACKAGE \"", "\"io/github/zerotouchclone/internal/");
    String metadata;
    try (var in =
        Native.class.getResourceAsStream(
            "/META-INF/native-image/io.github.zerotouchclone/zerotouchclone/"
                + "reachability-metadata.json")) {
      metadata = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    Set<String> wanted = new TreeSet<>();
    Matcher types = Pattern.compile("FindClass\\(env, \"([^\"]*)\"").matcher(glue);
    while (types.find()) {
      wanted.add("\"type\": \"" + types.group(1).replace('/', '.') + "\"");
    }
    Pattern lookup =
        Pattern.compile(
            "Get(?:Static)?(?:Method|Field)ID\\(env, \\w+, \"(\\w+)\",\\s*\"([^\"]*)\"");
    Matcher members = lookup.matcher(glue);
    while (members.find()) {
      String parameters =
          MethodType.fromMethodDescriptorString(members.group(2), Native.class.getClassLoader())
              .parameterList()
              .stream()
              .map(type -> "\"" + type.getTypeName() + "\"")
              .collect(Collectors.joining(", ", "[", "]"));
      wanted.add("\"name\": \"" + members.group(1) + "\", \"parameterTypes\": " + parameters);
    }
    assertTrue(wanted.size() >= 8, wanted.toString());
    for (String entry : wanted) {
      assertTrue(metadata.contains(entry), entry + " is not in the reachability metadata");
    }
    assertTrue(metadata.contains("\"glob\": \"natives/**\""), metadata);
  }
}
