package io.github.zerotouchclone.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shell examples of the cookbook, run as they stand there. */
class DocumentationTest {
  @TempDir Path folder;

  @Test
  void theCookbooksShellExamplesRun() throws Exception {
    Path root = Ztc.launcher().toRealPath().resolve("../../../..").normalize();
    String cookbook = Files.readString(root.resolve("docs/cookbook.md"));
    Matcher example = Pattern.compile("(?s)```sh\n(.*?)```").matcher(cookbook);
    int examples = 0;
    while (example.find()) {
      String script = "set -euo pipefail; ztc() { \"$ZTC\" \"$@\"; }\n" + example.group(1);
      Ztc.Result result = new Ztc(folder).shell(script);
      assertEquals("", result.err());
      assertEquals(0, result.exitCode());
      assertTrue(result.out().contains("\"bob\"\n{\"id\":1,\"to\":\"anna\"}\n"), result.out());
      examples++;
    }
    assertEquals(1, examples);
  }
}
