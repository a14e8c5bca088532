package io.github.zerotouchclone;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Children that a thread of a JVM forks in native code. */
class JniForksTest {
  @TempDir Path folder;

  @Test
  void a_child_of_a_busy_jvm_reads_opens_and_publishes() throws Exception {
    Path library = Path.of(System.getProperty("ztc.native.lib"), "libztc_jni_test.so");
    ChildJvm.Result child =
        ChildJvm.run(
            List.of(),
            List.of(
                "--enable-native-access=ALL-UNNAMED",
                "-Dio.github.zerotouchclone.library=" + library),
            "JniForks",
            library.toString(),
            folder.toString());
    assertEquals("80 forks, 0 bad\n", child.output());
    assertEquals(0, child.status(), child.output());
  }
}
