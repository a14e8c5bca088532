package io.github.zerotouchclone;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A Java example of a document: statements, or a whole class. Comments in front of it, which
 * readers of the document do not see, say what goes without saying.
 *
 * @param name a class name, made of the document's and the line
 * @param given statements that declare what the example takes for given
 * @param since the first Java version that it is for
 * @param prints what it prints when it runs in a folder with a region {@code jobs.ztc} of 1000
 *     {@link Fixtures#job}s; null if it is only compiled
 * @param code what readers see
 */
record Example(String name, String given, int since, String prints, String code) {
  private static final int OLDEST = 17;
  private static final Pattern BLOCK =
      Pattern.compile(
          "((?:<!-- \\w+:\\s(?:(?!-->)[\\s\\S])*? -->\n)*)```java\n(.*?)```", Pattern.DOTALL);
  private static final Pattern CLASS = Pattern.compile("^public final class (\\w+) ");
  private static final String IMPORTS =
      "import io.github.zerotouchclone.*;\nimport java.nio.file.*;\nimport java.time.*;\n"
          + "import java.util.*;\nimport java.util.concurrent.*;\nimport java.util.stream.*;\n";

  /** The examples of all documents for users of the Java library. */
  static List<Example> all() throws IOException {
    List<Path> documents = new ArrayList<>(List.of(Fixtures.source("README.md")));
    for (Path folder : List.of(Fixtures.source("docs"), Fixtures.source("native", "doc"))) {
      try (var files = Files.list(folder)) {
        files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(documents::add);
      }
    }
    List<Example> examples = new ArrayList<>();
    for (Path document : documents) {
      String text = Files.readString(document);
      Matcher block = BLOCK.matcher(text);
      while (block.find()) {
        long line = 1 + text.substring(0, block.start(2)).lines().count();
        String name = document.getFileName().toString().replaceAll("\\W", "_") + "_line_" + line;
        String given = comment(block.group(1), "given");
        String since = comment(block.group(1), "since");
        examples.add(
            new Example(
                name,
                given == null ? "" : given,
                since == null ? OLDEST : Integer.parseInt(since),
                comment(block.group(1), "prints"),
                block.group(2)));
      }
    }
    return examples;
  }

  private static String comment(String comments, String name) {
    Matcher comment =
        Pattern.compile("<!-- " + name + ":\\s(.*?) -->", Pattern.DOTALL).matcher(comments);
    return comment.find() ? comment.group(1) : null;
  }

  /** Whether this JDK knows what the example uses. */
  boolean runsHere() {
    return Runtime.version().feature() >= since;
  }

  /** Compiles those that are for this JDK into class files in a folder. */
  static void compile(List<Example> examples, Path folder) throws Exception {
    examples = examples.stream().filter(Example::runsHere).toList();
    int[] versions = examples.stream().mapToInt(Example::since).distinct().toArray();
    for (int version : versions) {
      List<String> command =
          new ArrayList<>(
              List.of(
                  Path.of(System.getProperty("java.home"), "bin", "javac").toString(),
                  "-d",
                  folder.toString(),
                  "-cp",
                  ChildJvm.library(),
                  "-proc:none",
                  "--release",
                  Integer.toString(version)));
      for (Example example : examples) {
        if (example.since == version) {
          command.add(example.write(folder).toString());
        }
      }
      Process compiler = new ProcessBuilder(command).redirectErrorStream(true).start();
      String errors = new String(compiler.getInputStream().readAllBytes());
      assertEquals(0, compiler.waitFor(), errors);
    }
  }

  private Path write(Path folder) throws IOException {
    Matcher type = CLASS.matcher(code);
    if (type.find()) {
      return Files.writeString(folder.resolve(type.group(1) + ".java"), IMPORTS + code);
    }
    String source =
        IMPORTS
            + ("class "
                + name
                + " {\n  public static void main(String[] none) throws Exception {\n")
            + (given + "\n" + code + "  }\n}\n");
    return Files.writeString(folder.resolve(name + ".java"), source);
  }

  /** Runs it, compiled, in a JVM of its own. */
  ChildJvm.Result run(Path folder) throws Exception {
    List<String> command = new ArrayList<>(ChildJvm.java());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(List.of("-cp", ChildJvm.library() + ":" + folder, name));
    return ChildJvm.run(new ProcessBuilder(command).directory(folder.toFile()));
  }
}
