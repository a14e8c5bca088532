package io.github.zerotouchclone.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** However many threads build a region: the same records, the same order, the same messages. */
class BuildThreadsTest {
  private static final long SEED = 20261123;
  // Several blocks, and lines of all lengths at their borders.
  private static final int LINES = 40_000;

  @TempDir Path folder;

  private String run(int exitCode, String... arguments) {
    PrintStream console = System.err;
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
    try {
      assertEquals(exitCode, Main.run(arguments), said::toString);
    } finally {
      System.setErr(console);
    }
    return said.toString(StandardCharsets.UTF_8);
  }

  private String build(int exitCode, String threads, String... options) {
    List<String> arguments = new ArrayList<>(List.of("build", "--threads", threads, "-o"));
    arguments.add(folder.resolve(threads + ".ztc").toString());
    arguments.addAll(List.of(options));
    arguments.add(folder.resolve("in.jsonl").toString());
    return run(exitCode, arguments.toArray(String[]::new)).replace(folder + "/", "");
  }

  private byte[] built(String threads) throws Exception {
    return Files.readAllBytes(folder.resolve(threads + ".ztc"));
  }

  private static List<String> lines() {
    Random random = new Random(SEED);
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < LINES; i++) {
      String text = "x".repeat(random.nextInt(random.nextInt(100) == 0 ? 5000 : 100));
      lines.add("{\"id\":" + i + ",\"k" + random.nextInt(300) + "\":\"" + text + "\"}");
      if (random.nextInt(50) == 0) {
        lines.add("");
      }
    }
    return lines;
  }

  private void write(List<String> lines) throws Exception {
    Files.write(folder.resolve("in.jsonl"), lines);
  }

  @ParameterizedTest
  @ValueSource(strings = {"2", "5"})
  void regionsAreTheSameByteByByte(String threads) throws Exception {
    System.out.println("seed " + SEED);
    write(lines());
    build(0, "1", "--key", "id");
    build(0, threads, "--key", "id");
    assertArrayEquals(built("1"), built(threads));
    build(0, "1");
    byte[] withKeys = built(threads);
    build(0, threads);
    assertArrayEquals(built("1"), built(threads));
    assertTrue(withKeys.length > built(threads).length);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "3"})
  void theFirstBadLineIsNamedAndNothingIsLeft(String threads) throws Exception {
    List<String> lines = lines();
    lines.set(31_000, "{\"id\":1,");
    lines.set(35_000, "[");
    write(lines);
    String said = build(1, threads);
    assertTrue(said.startsWith("ztc: in.jsonl:31001:9: "), said);
    try (var files = Files.list(folder)) {
      assertEquals(List.of(folder.resolve("in.jsonl")), files.toList());
    }
  }

  // The value of line 7 can be read, but its key is longer than a key may be: only the writer
  // knows.
  @ParameterizedTest
  @ValueSource(strings = {"1", "3"})
  void linesThatOnlyTheWriterRefusesArePutAsideToo(String threads) throws Exception {
    List<String> lines = lines();
    String tooLong = "{\"id\":\"" + "k".repeat(70_000) + "\"}";
    lines.set(6, tooLong);
    lines.set(7, "{\"id\":");
    lines.set(8, tooLong);
    lines.set(30_000, tooLong);
    write(lines);
    String bad = folder.resolve("bad").toString();
    String said = build(0, threads, "--key", "id", "--skip-bad", bad);
    assertTrue(
        said.startsWith("ztc: 4 bad lines put aside in bad; the first: in.jsonl:7:1: "), said);
    assertEquals(
        List.of(tooLong, "{\"id\":", tooLong, tooLong), Files.readAllLines(folder.resolve("bad")));
    lines.removeAll(List.of(tooLong, "{\"id\":"));
    write(lines);
    byte[] skipping = built(threads);
    build(0, threads, "--key", "id");
    assertArrayEquals(built(threads), skipping);
  }

  @Test
  void numbersOfThreadsThatMakeNoSenseAreMisuse() throws Exception {
    write(List.of("1"));
    assertTrue(build(2, "0").contains("--threads 0 is not in 1 to 256"));
    assertFalse(Files.exists(folder.resolve("0.ztc")));
  }
}
