package io.github.zerotouchclone;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.zerotouchcloneexample.JniFaults;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A lack of memory in native code, at each place where it can strike. */
class JniFaultsTest {
  private static final List<String> CALLS_THAT_ALLOCATE =
      List.of(
          "load",
          "open",
          "open whole",
          "open sealed",
          "copy path",
          "path",
          "field",
          "preload",
          "validate",
          "library",
          "publish",
          "watch",
          "an error's text");

  @TempDir Path folder;

  @Test
  void every_failed_allocation_is_an_exception_and_leaves_the_library_usable() throws Exception {
    Path library = Path.of(System.getProperty("ztc.native.lib"), "libztc_jni_test.so");
    Path victim = Files.writeString(folder.resolve("victim"), "0");
    ChildJvm.Result child =
        ChildJvm.run(
            List.of("env", "ZTC_JNI_FAULTS=" + victim),
            List.of(
                "-Xcheck:jni",
                "--enable-native-access=ALL-UNNAMED",
                "-Dio.github.zerotouchclone.library=" + library),
            "JniFaults",
            library.toString(),
            folder.toString(),
            victim.toString());
    assertEquals(0, child.status(), child.output());
    assertFalse(child.output().contains("in native method"), child.output());
    String counts = Files.readString(folder.resolve(JniFaults.COUNTS));
    for (String call : CALLS_THAT_ALLOCATE) {
      assertTrue(
          counts.lines().anyMatch(line -> line.matches(call + " [1-9][0-9]*")),
          call + " met no failed allocation:\n" + counts);
    }
  }
}
