package io.github.zerotouchclone.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README shows what compiles. */
class ReadmeTest {
  private static final Pattern EXAMPLE = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  private static final String IMPORTS =
      "import static org.junit.jupiter.api.Assertions.*;\n"
          + "import io.github.zerotouchclone.*;\nimport io.github.zerotouchclone.junit.*;\n";

  /** What the examples take from the test class that they are in. */
  private static final String GIVEN = "  private static final long JOBS = 1000;\n";

  @TempDir Path folder;

  @Test
  void every_java_example_compiles() throws Exception {
    String text = Files.readString(Path.of(System.getProperty("basedir", ""), "README.md"));
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "javac").toString());
    command.addAll(List.of("-d", folder.toString(), "-proc:none"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    int examples = 0;
    Matcher example = EXAMPLE.matcher(text);
    while (example.find()) {
      String name = "Example" + ++examples;
      Path file = folder.resolve(name + ".java");
      Files.writeString(
          file, IMPORTS + "class " + name + " {\n" + GIVEN + example.group(1) + "}\n");
      command.add(file.toString());
    }
    assertTrue(examples > 0);
    Process compiler = new ProcessBuilder(command).redirectErrorStream(true).start();
    String errors = new String(compiler.getInputStream().readAllBytes());
    assertEquals(0, compiler.waitFor(), errors);
  }
}
