package io.github.zerotouchclone.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a user reads when an input is bad: the exact place, and what is wrong there. */
class BuildErrorsTest {
  @TempDir Path folder;

  /** How the command ended, and the one line that it said. */
  private record Outcome(int exitCode, String said) {}

  private Outcome run(String... arguments) {
    PrintStream console = System.err;
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
    try {
      return new Outcome(Main.run(arguments), said.toString(StandardCharsets.UTF_8));
    } finally {
      System.setErr(console);
    }
  }

  private Outcome build(String name, byte[] content, String... options) throws Exception {
    Path input = Files.write(folder.resolve(name), content);
    String[] arguments = new String[options.length + 4];
    arguments[0] = "build";
    arguments[1] = "-o";
    arguments[2] = folder.resolve("o.ztc").toString();
    arguments[3] = input.toString();
    System.arraycopy(options, 0, arguments, 4, options.length);
    Outcome outcome = run(arguments);
    return new Outcome(outcome.exitCode(), outcome.said().replace(folder + "/", ""));
  }

  // The first column is Latin-1, so that it can say bytes that are not UTF-8; ¦ ends a line.
  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      textBlock =
          """
          {"a":1}¦{"a":1,} ~ 2:8 ~ was expecting double-quote to start field name
          {"a":1 ~ 1:7 ~ expected close marker for Object that begins at column 1
          {"a":tru} ~ 1:6 ~ Unrecognized token 'tru'
          {"a" 2} ~ 1:6 ~ was expecting a colon
          [1,2 ~ 1:5 ~ expected close marker for Array that begins at column 1; each line is a record
          [¦{"a":1}] ~ 1:2 ~ --format json reads documents of many lines
          ["\\x"] ~ 1:4 ~ Unrecognized character escape 'x'
          {"a":1} {"b":2} ~ 1:9 ~ expected the end of the line after the value
          {"a":1,"a":2} ~ 1:8 ~ the object has the key "a" twice
          {"a":"ÿ"} ~ 1:7 ~ the bytes are not UTF-8
          {"Ã©":1,"Ã©":2} ~ 1:8 ~ the object has the key "é" twice
          {"ð\u009f\u0098\u0080":1}} ~ 1:8 ~ no open Object to close
          ï»¿[1 ~ 1:3 ~ expected close marker
          {"\\ud800":1} ~ 1:2 ~ half of a surrogate pair
          [NaN] ~ 1:5 ~ 'NaN' is not JSON
          [+1] ~ 1:3 ~ JSON spec does not allow numbers to have plus signs
          //x ~ 1:1 ~ maybe a (non-standard) comment?
          1¦¦-01 ~ 3:3 ~ Leading zeroes not allowed
          [1e99999999999] ~ 1:2 ~ has an exponent out of range
          """)
  void badLineIsNamedByLineAndColumn(String lines, String place, String reason) throws Exception {
    byte[] content = lines.replace('¦', '\n').getBytes(StandardCharsets.ISO_8859_1);
    Outcome outcome = build("in.jsonl", content);
    assertTrue(outcome.said().startsWith("ztc: in.jsonl:" + place + ": "), outcome.said());
    assertTrue(outcome.said().contains(reason), outcome.said());
    assertFalse(outcome.said().contains("Feature"), outcome.said()); // advice to programmers
    assertEquals(1, outcome.said().lines().count(), outcome.said());
    assertEquals(ExitCode.BAD_DATA, outcome.exitCode());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      textBlock =
          """
          [1,¦ {"a":2,¦  "a":3}] ~ 3:3 ~ the object has the key "a" twice
          [1,¦ {"a":"ÀÁ"}] ~ 2:8 ~ the bytes are not UTF-8
          [1]¦[2] ~ 2:1 ~ --format jsonl reads one value a line
          [1,2 ~ 1:5 ~ expected close marker for Array that begins at column 1
          1¦} ~ 2:1 ~ Unexpected close marker
          """)
  void badDocumentIsNamedByLineAndColumn(String text, String place, String reason)
      throws Exception {
    byte[] content = text.replace('¦', '\n').getBytes(StandardCharsets.ISO_8859_1);
    Outcome outcome = build("in.json", content);
    assertTrue(outcome.said().startsWith("ztc: in.json:" + place + ": "), outcome.said());
    assertTrue(outcome.said().contains(reason), outcome.said());
    assertEquals(ExitCode.BAD_DATA, outcome.exitCode());
  }

  @Test
  void valuesThatAreTooDeepAreNamed() throws Exception {
    byte[] content = ("[".repeat(513) + "]".repeat(513)).getBytes(StandardCharsets.UTF_8);
    Outcome outcome = build("in.jsonl", content);
    String said = "ztc: in.jsonl:1:513: more than 512 arrays and objects inside each other\n";
    assertEquals(new Outcome(ExitCode.BAD_DATA, said), outcome);
  }

  @Test
  void duplicateKeysCanBeChosen() throws Exception {
    byte[] content = "{\"a\":1,\"b\":2,\"a\":3}".getBytes(StandardCharsets.UTF_8);
    assertEquals(0, build("in.jsonl", content, "--duplicate-keys", "last").exitCode());
    try (var region = io.github.zerotouchclone.Region.open(folder.resolve("o.ztc"))) {
      var record = io.github.zerotouchclone.ZeroTouchClone.copy(region, 0);
      assertEquals("{\"a\":3i64,\"b\":2i64}", record.typedText());
    }
  }

  @Test
  void linesLongerThanAnyBufferKeepTheirPlace() throws Exception {
    String text = "x".repeat(700_000);
    byte[] content = ("1\n\"" + text + "\"\n[\"" + text + "\",}").getBytes(StandardCharsets.UTF_8);
    Outcome outcome = build("in.jsonl", content);
    assertTrue(outcome.said().startsWith("ztc: in.jsonl:3:700005: "), outcome.said());
  }

  @Test
  void damagedGzipIsBadData() throws Exception {
    Outcome foreign = build("in.jsonl.gz", "{}".getBytes(StandardCharsets.UTF_8));
    assertEquals(ExitCode.BAD_DATA, foreign.exitCode());
    assertTrue(foreign.said().startsWith("ztc: in.jsonl.gz: "), foreign.said());
    Outcome cut = build("in.jsonl.gz", new byte[] {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 75});
    assertEquals(
        new Outcome(ExitCode.BAD_DATA, "ztc: in.jsonl.gz: the gzip data is cut short\n"), cut);
  }

  private static byte[] gzip(String text) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }

  private static byte[] joined(byte[] a, byte[] b) {
    byte[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }

  private static byte[] changed(byte[] bytes, int at) {
    byte[] copy = bytes.clone();
    copy[at] ^= 1;
    return copy;
  }

  private void assertDamaged(byte[] file, String reason) throws Exception {
    Outcome outcome = build("in.jsonl.gz", file);
    String said = "ztc: in.jsonl.gz: not well-formed gzip: " + reason + "\n";
    assertEquals(new Outcome(ExitCode.BAD_DATA, said), outcome);
  }

  @Test
  void nothingButGzipMembersMayFollowAGzipMember() throws Exception {
    byte[] one = gzip("1\n2\n");
    byte[] two = gzip("3\n" + "4\n".repeat(100_000));
    assertEquals(0, build("in.jsonl.gz", joined(joined(one, gzip("")), two)).exitCode());
    try (var region = io.github.zerotouchclone.Region.open(folder.resolve("o.ztc"))) {
      assertEquals(100_003, region.count());
    }
    String behind =
        "byte "
            + one.length
            + ": what follows the data in front of it is no gzip data; records may be lost";
    assertDamaged(joined(one, changed(two, 0)), behind);
    assertDamaged(joined(one, changed(two, 1)), behind);
    assertDamaged(joined(one, "garbage\n".getBytes(StandardCharsets.UTF_8)), behind);
    assertDamaged(joined(one, new byte[1]), behind);
    assertDamaged(
        joined(one, changed(two, 2)),
        "byte " + (one.length + 2) + ": an unknown method of compression");
    assertDamaged(
        changed(two, two.length - 8),
        "byte " + (two.length - 8) + ": the checksum of the data in front of it is wrong");
    assertDamaged(
        changed(two, two.length - 4),
        "byte " + (two.length - 4) + ": the size of the data in front of it is wrong");
    assertDamaged(new byte[] {1, 2, 3}, "byte 0: this is no gzip file");
  }

  @Test
  void gzipThatEndsInAMemberIsCutShortWhereverThatIs() throws Exception {
    byte[] one = gzip("1\n2\n");
    String cut = "ztc: in.jsonl.gz: the gzip data is cut short\n";
    for (int length = 1; length < one.length; length++) {
      Outcome outcome = build("in.jsonl.gz", joined(one, Arrays.copyOf(one, length)));
      assertEquals(new Outcome(ExitCode.BAD_DATA, cut), outcome, length + " bytes");
    }
  }

  @Test
  void gzipHeadersMayHaveAllParts() throws Exception {
    byte[] plain = gzip("1\n");
    ByteArrayOutputStream header = new ByteArrayOutputStream();
    header.write(plain, 0, 10);
    header.writeBytes(new byte[] {2, 0, 'x', 'y', 'n', 0, 'c', 0});
    byte[] parts = header.toByteArray();
    parts[3] = 0x1f; // text, header checksum, extra, name, comment
    CRC32 checksum = new CRC32();
    checksum.update(parts);
    header.reset();
    header.writeBytes(parts);
    header.write((int) checksum.getValue());
    header.write((int) checksum.getValue() >> 8);
    header.write(plain, 10, plain.length - 10);
    byte[] file = header.toByteArray();
    assertEquals(0, build("in.jsonl.gz", file).exitCode());
    assertDamaged(
        changed(file, parts.length), "byte " + parts.length + ": the header's checksum is wrong");
  }

  @Test
  void anInputIsNeverReplaced() throws Exception {
    Path input = Files.writeString(folder.resolve("in.jsonl"), "1\n");
    Path hard = Files.createLink(folder.resolve("hard"), input);
    Path link = Files.createSymbolicLink(folder.resolve("link"), input);
    Path dotted = folder.resolve("./in.jsonl");
    for (Path out : List.of(input, hard, link, dotted)) {
      Outcome outcome = run("build", "-o", out.toString(), input.toString());
      String said = "ztc: --output would replace the input " + input + "\n";
      assertEquals(new Outcome(ExitCode.USAGE, said), outcome);
    }
    assertEquals("1\n", Files.readString(input));
    for (String directory : List.of(folder + "/none/", folder.toString(), folder + "/.")) {
      Outcome outcome = run("build", "-o", directory, input.toString());
      String said = "ztc: " + directory + " is a directory; OUT is the region's file\n";
      assertEquals(new Outcome(ExitCode.USAGE, said), outcome);
    }
  }

  @Test
  void numbersThatAreTooLongComeWithAdvice() throws Exception {
    Outcome outcome = build("in.jsonl", "7".repeat(100_001).getBytes(StandardCharsets.UTF_8));
    String advice = "a number of 100001 digits; one of more than 100000 can be stored as a string";
    assertTrue(outcome.said().endsWith(": " + advice + "\n"), outcome.said());
    assertEquals(ExitCode.BAD_DATA, outcome.exitCode());
  }

  @Test
  void pathsAreNamedOnce() {
    String missing = folder.resolve("missing").toString();
    String said = "ztc: " + missing + ": cannot open: No such file or directory (errno 2)\n";
    assertEquals(new Outcome(ExitCode.SYSTEM, said), run("cat", missing));
  }

  @Test
  void filesThatCannotBeReadOrWrittenAreFailuresOfTheSystem() {
    String missing = folder.resolve("missing").toString();
    String output = folder.resolve("o.ztc").toString();
    assertEquals(
        new Outcome(ExitCode.SYSTEM, "ztc: " + missing + ": no such file\n"),
        run("build", "-o", output, missing));
    assertEquals(
        new Outcome(ExitCode.SYSTEM, "ztc: " + folder + ": is a directory\n"),
        run("build", "-o", output, folder.toString()));
    assertEquals(ExitCode.SYSTEM, run("build", "-o", missing + "/o.ztc", "-").exitCode());
    assertEquals(ExitCode.SYSTEM, run("cat", missing).exitCode());
    assertEquals(ExitCode.SYSTEM, run("info", folder.toString()).exitCode());
  }

  @Test
  void foreignFilesAreBadData() throws Exception {
    Path foreign = Files.writeString(folder.resolve("x"), "no region".repeat(100));
    Path empty = Files.createFile(folder.resolve("e"));
    assertEquals(ExitCode.BAD_DATA, run("cat", foreign.toString()).exitCode());
    assertEquals(ExitCode.BAD_DATA, run("verify", empty.toString()).exitCode());
  }

  @Test
  void misuseIsExplained() {
    String output = folder.resolve("o.ztc").toString();
    assertEquals(ExitCode.USAGE, run().exitCode());
    Outcome unknown = run("bulid");
    assertEquals(ExitCode.USAGE, unknown.exitCode());
    assertTrue(unknown.said().endsWith("Did you mean: ztc build?\n"), unknown.said());
    unknown = run("Bulid");
    assertTrue(unknown.said().endsWith("Did you mean: ztc build?\n"), unknown.said());
    unknown = run("tail"); // is not like any
    assertEquals(ExitCode.USAGE, unknown.exitCode());
    assertFalse(unknown.said().contains("Did you mean"), unknown.said());
    assertTrue(unknown.said().contains("pagediff"), unknown.said());
    assertEquals(ExitCode.USAGE, run("build", "-o", output).exitCode());
    assertEquals(ExitCode.USAGE, run("build", "-o", output, "-", "-").exitCode());
    assertEquals(ExitCode.USAGE, run("build", "-o", output, "--format", "xml", "-").exitCode());
    for (String none : List.of("", "-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")) {
      assertEquals(ExitCode.USAGE, run("build", "-o", none, "-").exitCode(), none);
    }
    String empty = "ztc: the name of an INPUT is empty\n";
    assertEquals(new Outcome(ExitCode.USAGE, empty), run("build", "-o", output, ""));
    empty = "ztc: the name of a region is empty\n";
    assertEquals(new Outcome(ExitCode.USAGE, empty), run("cat", ""));
    String dash = "ztc: --skip-bad needs a file's name; ./- is one, - is not\n";
    assertEquals(
        new Outcome(ExitCode.USAGE, dash), run("build", "-o", output, "--skip-bad", "-", "a"));
    Outcome document = run("build", "-o", output, "--skip-bad", output + "x", "a.json");
    assertEquals(ExitCode.USAGE, document.exitCode());
    assertTrue(document.said().contains("--format jsonl reads it as lines"), document.said());
  }
}
