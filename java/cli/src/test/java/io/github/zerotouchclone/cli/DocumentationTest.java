package io.github.zerotouchclone.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shell examples of the cookbook and of the command line, run as they stand there. */
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

  @Test
  void theCommandLinesExamplesRun() throws Exception {
    Path root = Ztc.launcher().toRealPath().resolve("../../../..").normalize();
    String readme = Files.readString(root.resolve("java/cli/README.md"));
    Matcher example = Pattern.compile("(?s)```sh\n(.*?)```").matcher(readme);
    assertTrue(example.find());
    Ztc ztc = new Ztc(folder);
    Files.createDirectories(folder.resolve("java/cli"));
    Files.createSymbolicLink(folder.resolve("java/cli/target"), Ztc.launcher().getParent());
    String lines =
        IntStream.range(0, 50)
            .mapToObj("{\"to\":\"user%d@example.org\",\"prefs\":{\"lang\":\"en\"}}\n"::formatted)
            .collect(Collectors.joining());
    ztc.write("jobs.jsonl", lines);
    // What a reader has at this point: the input, yesterday's region, and the tool that is piped
    // to.
    String before =
        """
        set -euo pipefail; gzip jobs.jsonl; $ZTC build --key to -o yesterday.ztc jobs.jsonl.gz
        ztc() { "$ZTC" "$@" || { echo "ztc $*: exit code $?" >&2; exit 1; }; }
        java() { "$JAVA_HOME/bin/java" "$@"; }
        jq() { cat; }
        """;
    Ztc.Result result = ztc.shell(before + example.group(1));
    Files.delete(folder.resolve("java/cli/target"));
    assertEquals("", result.err());
    assertEquals(0, result.exitCode());
    assertTrue(result.out().contains("\n\"en\"\n"), result.out());
    assertTrue(result.out().endsWith("0 changed, 0 added, 0 removed, 50 equal\n"), result.out());
    assertTrue(example.group(1).lines().count() >= 14, "all commands are there");
    assertFalse(example.find());
  }
}
