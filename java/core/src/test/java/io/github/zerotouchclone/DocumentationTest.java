package io.github.zerotouchclone;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The documents say what is: each Java example compiles, each status and exception is explained.
 */
class DocumentationTest {
  /** An example, after a comment that declares what it takes for given. */
  private static final Pattern EXAMPLE =
      Pattern.compile("(?:<!-- given: (.*?) -->\n)?```java\n(.*?)```", Pattern.DOTALL);

  @TempDir Path folder;

  private static List<Path> documents() throws IOException {
    List<Path> documents = new ArrayList<>(List.of(Fixtures.source("README.md")));
    for (Path folder : List.of(Fixtures.source("docs"), Fixtures.source("native", "doc"))) {
      try (var files = Files.list(folder)) {
        files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(documents::add);
      }
    }
    return documents;
  }

  @Test
  void every_java_example_compiles() throws Exception {
    List<String> sources = new ArrayList<>();
    for (Path document : documents()) {
      String text = Files.readString(document);
      Matcher example = EXAMPLE.matcher(text);
      while (example.find()) {
        long line = 1 + text.substring(0, example.start(2)).chars().filter(c -> c == '\n').count();
        String name = document.getFileName().toString().replaceAll("\\W", "_") + "_line_" + line;
        String given = example.group(1) == null ? "" : example.group(1);
        Path source = folder.resolve(name + ".java");
        Files.writeString(
            source,
            "import io.github.zerotouchclone.*;\nimport java.nio.file.*;\nimport java.time.*;\n"
                + "import java.util.*;\n"
                + ("class " + name + " {\n  void example() throws Exception {\n")
                + (given + "\n" + example.group(2) + "  }\n}\n"));
        sources.add(source.toString());
      }
    }
    assertTrue(sources.size() >= 4, sources.toString());
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "javac").toString(),
                "-d",
                folder.toString(),
                "-cp",
                location(),
                "-proc:none",
                "--release",
                "17"));
    command.addAll(sources);
    Process compiler = new ProcessBuilder(command).redirectErrorStream(true).start();
    String errors = new String(compiler.getInputStream().readAllBytes());
    assertEquals(0, compiler.waitFor(), errors);
  }

  private static String location() {
    String url = Region.class.getResource("Region.class").toString();
    String base = url.substring(0, url.length() - "io/github/zerotouchclone/Region.class".length());
    return Path.of(java.net.URI.create(base.replaceAll("^jar:|!/$", ""))).toString();
  }

  /** The first cells, in code, of the rows of a section. */
  private static TreeSet<String> rows(String section) throws IOException {
    String text = Files.readString(Fixtures.source("docs", "troubleshooting.md"));
    String body = text.substring(text.indexOf("\n## " + section));
    int end = body.indexOf("\n## ", 4);
    return Pattern.compile("(?m)^\\| `(\\w+)` \\|")
        .matcher(end < 0 ? body : body.substring(0, end))
        .results()
        .map(match -> match.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void troubleshooting_explains_every_status() throws IOException {
    TreeSet<String> statuses =
        Arrays.stream(Status.values())
            .map(Enum::name)
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(statuses, rows("Statuses"));
  }

  @Test
  void troubleshooting_explains_every_exception() throws IOException {
    TreeSet<String> exceptions = new TreeSet<>(List.of("OutOfMemoryError"));
    try (var files =
        Files.list(
            Fixtures.source(
                "java", "core", "src", "main", "java", "io", "github", "zerotouchclone"))) {
      files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith("Exception.java"))
          .forEach(name -> exceptions.add(name.replace(".java", "")));
    }
    assertEquals(exceptions, rows("Exceptions in Java"));
  }
}
