package io.github.zerotouchclone.json;

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
  /** A comment in front of an example says what goes without saying. */
  private static final Pattern EXAMPLE =
      Pattern.compile("<!-- given:\\s(.*?) -->\n```java\n(.*?)```", Pattern.DOTALL);

  private static final String IMPORTS =
      "import com.fasterxml.jackson.core.*;\nimport com.fasterxml.jackson.databind.ObjectMapper;\n"
          + "import io.github.zerotouchclone.*;\nimport io.github.zerotouchclone.json.*;\n"
          + "import java.io.*;\nimport java.nio.file.*;\n";

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
      String method = "  static void run() throws Exception {\n";
      String body = example.group(1) + "\n" + example.group(2);
      Path file = folder.resolve(name + ".java");
      Files.writeString(file, IMPORTS + "class " + name + " {\n" + method + body + "  }\n}\n");
      command.add(file.toString());
    }
    assertTrue(examples > 0);
    assertEquals(text.split("```java\n", -1).length - 1, examples, "one is not compiled");
    Process compiler = new ProcessBuilder(command).redirectErrorStream(true).start();
    String errors = new String(compiler.getInputStream().readAllBytes());
    assertEquals(0, compiler.waitFor(), errors);
  }
}
