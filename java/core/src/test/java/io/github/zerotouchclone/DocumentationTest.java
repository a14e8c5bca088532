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
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * The documents say what is: each Java example compiles and prints what is said, each status and
 * exception is explained.
 */
class DocumentationTest {
  /** The comment of a public type. */
  private static final Pattern TYPE =
      Pattern.compile(
          "(?m)^/\\*\\*((?:(?!\\*/)[\\s\\S])*)\\*/\\s*(?:^@.*\\s+)*^public (?!module|package)");

  private static final Pattern THREADS = Pattern.compile("\\b([Tt]hreads?|[Ii]mmutable)\\b");

  @TempDir Path folder;

  @Test
  void every_java_example_compiles() throws Exception {
    List<Example> examples = Example.all();
    assertTrue(examples.size() >= 4, examples.toString());
    Example.compile(examples, folder);
  }

  @TestFactory
  Stream<DynamicTest> what_an_example_is_said_to_print() throws Exception {
    List<Example> examples = Example.all();
    Example.compile(examples, folder);
    Fixtures.write(
        folder.resolve("jobs.ztc"), IntStream.range(0, 1000).mapToObj(Fixtures::job).toArray());
    List<Example> runnable =
        examples.stream()
            .filter(example -> example.prints() != null && example.runsHere())
            .toList();
    assertTrue(runnable.size() >= 5, runnable.toString());
    return runnable.stream()
        .map(
            example ->
                DynamicTest.dynamicTest(
                    example.name(),
                    () -> {
                      ChildJvm.Result child = example.run(folder);
                      assertEquals(example.prints() + "\n", child.output());
                      assertEquals(0, child.status());
                    }));
  }

  /** Types that callers see, except for command lines' own. */
  private static List<Path> publicTypes() throws IOException {
    List<Path> types = new ArrayList<>();
    for (String module : List.of("core", "json", "junit")) {
      try (var files = Files.walk(Fixtures.source("java", module, "src", "main", "java"))) {
        files
            .filter(file -> file.toString().endsWith(".java"))
            .filter(file -> !file.toString().contains("/internal/"))
            .sorted()
            .forEach(types::add);
      }
    }
    return types;
  }

  @Test
  void every_public_class_says_which_threads_may_use_it() throws IOException {
    List<String> silent = new ArrayList<>();
    int said = 0;
    for (Path type : publicTypes()) {
      Matcher head = TYPE.matcher(Files.readString(type));
      if (head.find()) {
        if (THREADS.matcher(head.group(1)).find()) {
          said++;
        } else {
          silent.add(type.getFileName().toString());
        }
      }
    }
    assertEquals(List.of(), silent);
    assertTrue(said >= 20, said + " classes");
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
