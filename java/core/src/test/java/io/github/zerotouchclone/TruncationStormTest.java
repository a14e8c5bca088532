package io.github.zerotouchclone;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files that shrink under their readers, in JVMs that handle signals in different ways. */
class TruncationStormTest {
  @TempDir Path folder;

  private String storm(String what, boolean checked, boolean chained) throws Exception {
    List<String> wrapper = new ArrayList<>();
    if (chained) {
      Path chaining = Path.of(System.getProperty("java.home"), "lib", "libjsig.so");
      assertTrue(Files.isRegularFile(chaining), chaining + " is missing");
      wrapper.addAll(List.of("env", "LD_PRELOAD=" + chaining));
    }
    List<String> options = checked ? List.of("-Xcheck:jni") : List.of();
    ChildJvm.Result child =
        ChildJvm.run(wrapper, options, "TruncationStorm", folder.toString(), what);
    assertEquals(0, child.status(), child.output());
    assertFalse(child.output().contains("in native method"), child.output());
    List<String> lines = child.output().lines().toList();
    if (!checked || chained) { // else a checking JVM notes the chained handler of the library
      assertEquals(1, lines.size(), child.output());
    }
    return lines.get(lines.size() - 1);
  }

  @ParameterizedTest(name = "checked {0}, chained {1}")
  @CsvSource({"false,false", "true,false", "false,true", "true,true"})
  void a_jvm_survives_and_its_own_buffers_behave_as_without_the_library(
      boolean checked, boolean chained) throws Exception {
    assertEquals(storm("buffer", checked, chained), storm("regions", checked, chained));
  }

  /** Otherwise the comparison would compare nothing. */
  @Test
  void a_buffer_of_the_jdk_gets_an_error_of_its_own() throws Exception {
    assertEquals("InternalError", storm("buffer", false, false));
  }
}
