package io.github.zerotouchclone.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands in processes of their own: standard streams, pipes, a terminal, exit codes. */
class CommandTest {
  private static final String LINES =
      """
      {"id":1,"tags":["a","b"],"prefs":{"lang":"de"}}
      {"id":2,"tags":[],"prefs":{"lang":null}}
      {"id":3,"tags":["c"],"prefs":{"a.b":[0,{"c":true}]}}
      """;

  @TempDir Path folder;
  private Ztc ztc;

  @BeforeEach
  void setUp() {
    ztc = new Ztc(folder);
  }

  /** Builds without a process of its own, for tests of other commands. */
  private Path region(String name, String lines) {
    Path input = ztc.write(name + ".jsonl", lines);
    Path region = ztc.file(name);
    assertEquals(0, Main.run("build", "-o", region.toString(), input.toString()));
    return region;
  }

  private static byte[] gzip(String text) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }

  private static void assertResult(int exitCode, String out, String err, Ztc.Result result) {
    assertEquals(err, result.err());
    assertEquals(out, result.out());
    assertEquals(exitCode, result.exitCode());
  }

  @Test
  void buildReadsFilesGzipAndStandardInputInOrderAndIsQuietInPipes() throws Exception {
    ztc.write("1.jsonl", "{\"a\":1}");
    ztc.write("2.jsonl.gz", gzip("{\"a\":2}\n\n \t\n{\"a\":3}\n"));
    ztc.write("4.json", "[{\"a\":4},\n {\"a\":5}]\n");
    byte[] input = "\ufeff\"six\"\r\n7".getBytes(StandardCharsets.UTF_8);
    Ztc.Result built =
        ztc.runWithInput(input, "build", "-o", "o.ztc", "1.jsonl", "2.jsonl.gz", "4.json", "-");
    assertResult(0, "", "", built);
    String records = "{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n{\"a\":4}\n{\"a\":5}\n\"six\"\n7\n";
    assertResult(0, records, "", ztc.run("cat", "o.ztc"));
  }

  @Test
  void buildReportsCountsAsJson() throws Exception {
    ztc.write("in.jsonl", "1\n2\n");
    Ztc.Result built = ztc.run("build", "--json", "-o", "o.ztc", "in.jsonl");
    assertEquals(0, built.exitCode(), built.err());
    long size = Files.size(ztc.file("o.ztc"));
    String start =
        "{\"region\":\"o.ztc\",\"records\":2,\"skipped\":0,\"bytesRead\":4,\"bytesWritten\":"
            + size
            + ",\"seconds\":";
    assertTrue(built.out().startsWith(start), built.out());
  }

  @Test
  void buildThatFailsLeavesTheOldRegionAndNoOtherFile() throws Exception {
    byte[] old = Files.readAllBytes(region("o.ztc", LINES));
    ztc.write("bad.jsonl", "{\"id\":1}\n{\"id\":2,\"id\":3}\n");
    Ztc.Result built = ztc.run("build", "-o", "o.ztc", "bad.jsonl");
    String err = "ztc: bad.jsonl:2:9: the object has the key \"id\" twice\n";
    assertResult(1, "", err, built);
    assertArrayEquals(old, Files.readAllBytes(ztc.file("o.ztc")));
    try (var files = Files.list(folder)) {
      assertEquals(
          List.of("bad.jsonl", "o.ztc", "o.ztc.jsonl"),
          files.map(f -> f.getFileName().toString()).sorted().toList());
    }
  }

  @Test
  void buildSetsPermissionsAndNeverLetsEverybodyWrite() throws Exception {
    ztc.write("in.jsonl", "1\n");
    assertResult(0, "", "", ztc.run("build", "--mode", "640", "-o", "o.ztc", "in.jsonl"));
    assertEquals(
        "rw-r-----",
        PosixFilePermissions.toString(Files.getPosixFilePermissions(ztc.file("o.ztc"))));
    String own = Files.getAttribute(ztc.file("o.ztc"), "unix:uid").toString();
    String group = Files.getAttribute(ztc.file("o.ztc"), "unix:gid").toString();
    assertResult(
        0, "", "", ztc.run("build", "--owner", own, "--group", group, "-o", "o.ztc", "in.jsonl"));
    for (String mode : List.of("666", "1640", "rw", "9")) {
      Ztc.Result built = ztc.run("build", "--mode", mode, "-o", "o.ztc", "in.jsonl");
      assertEquals(2, built.exitCode(), built.err());
    }
    assertEquals(2, ztc.run("build", "--owner=-1", "-o", "o.ztc", "in.jsonl").exitCode());
    assertEquals(
        "rw-r-----",
        PosixFilePermissions.toString(Files.getPosixFilePermissions(ztc.file("o.ztc"))));
  }

  @Test
  void badLinesArePutAsideAndCounted() throws Exception {
    byte[] input = "1\n{\"a\":}\r\n2\n[\377\n3".getBytes(StandardCharsets.ISO_8859_1);
    ztc.write("in.jsonl", input);
    Ztc.Result built = ztc.run("build", "--skip-bad", "bad", "-o", "o.ztc", "in.jsonl");
    String err = "ztc: 2 bad lines put aside in bad; the first: in.jsonl:2:6: ";
    assertTrue(built.err().startsWith(err), built.err());
    assertEquals(0, built.exitCode());
    assertEquals(
        "{\"a\":}\r\n[\377\n", Files.readString(ztc.file("bad"), StandardCharsets.ISO_8859_1));
    assertResult(0, "1\n2\n3\n", "", ztc.run("cat", "o.ztc"));
  }

  @Test
  void recordsAreBuiltAndGotByKey() throws Exception {
    ztc.write(
        "in.jsonl",
        """
        {"id":"a b","n":1}
        {"id":42,"n":2}
        {"id":"42x","n":3}
        {"id":"-7","n":4}
        {"id":-7,"n":5}
        """);
    assertResult(0, "", "", ztc.run("build", "--key", "$.id", "-o", "o.ztc", "in.jsonl"));
    assertResult(0, "1\n", "", ztc.run("get", "o.ztc", "--key", "a b", "--path", "n"));
    assertResult(0, "{\"id\":42,\"n\":2}\n", "", ztc.run("get", "--key", "42", "o.ztc"));
    assertResult(
        0, "{\"id\":\"-7\",\"n\":4i64}\n", "", ztc.run("get", "--typed", "--key=-7", "o.ztc"));
    for (String none : List.of("43", "042", "-0")) { // no integer is written like the latter two
      String no = "ztc: o.ztc: no record has the key " + none + "\n";
      assertResult(2, "", no, ztc.run("get", "o.ztc", "--key=" + none));
    }
    Ztc.Result info = ztc.run("info", "o.ztc");
    assertTrue(info.out().contains("records   5, 5 with a key\n"), info.out());
    assertTrue(info.out().contains("  key index "), info.out());
    String either = "ztc: give either the INDEX of a record or its --key\n";
    assertResult(2, "", either, ztc.run("get", "o.ztc"));
    assertResult(2, "", either, ztc.run("get", "o.ztc", "1", "--key", "42"));
    region("plain.ztc", LINES);
    String hint = "ztc: plain.ztc: no record has the key x; build --key gives records keys\n";
    assertResult(2, "", hint, ztc.run("get", "plain.ztc", "--key", "x"));
  }

  @Test
  void recordsWithoutAUsableKeyAreBadLines() throws Exception {
    ztc.write("in.jsonl", "{\"id\":1}\n{\"x\":1}\n{\"id\":1.5}\n{\"id\":null}\n{\"id\":2}\n");
    String no = "ztc: in.jsonl:2:1: the record has no key: $.id is not there\n";
    assertResult(1, "", no, ztc.run("build", "--key", "id", "-o", "o.ztc", "in.jsonl"));
    Ztc.Result built =
        ztc.run("build", "--key", "id", "--skip-bad", "bad", "-o", "o.ztc", "in.jsonl");
    assertResult(0, "", "ztc: 3 bad lines put aside in bad; the first: " + no.substring(5), built);
    assertEquals("{\"x\":1}\n{\"id\":1.5}\n{\"id\":null}\n", Files.readString(ztc.file("bad")));
    ztc.write("in.jsonl", "{\"id\":1}\n{\"id\":\"1\"}\n{\"id\":1}\n");
    String twice = "ztc: o.ztc: records 0 and 2 have the same key, 1; keys are unique\n";
    assertResult(1, "", twice, ztc.run("build", "--key", "id", "-o", "o.ztc", "in.jsonl"));
    Ztc.Result path = ztc.run("build", "--key", "a..b", "-o", "o.ztc", "in.jsonl");
    assertEquals(2, path.exitCode(), path.err());
  }

  @Test
  void catPrintsARangeAlsoAsTypedText() throws Exception {
    region("o.ztc", LINES);
    Ztc.Result range = ztc.run("cat", "o.ztc", "--from", "1", "--count", "1", "--typed");
    assertResult(0, "{\"id\":2i64,\"tags\":[],\"prefs\":{\"lang\":null}}\n", "", range);
  }

  @Test
  void readerThatLeavesEarlyEndsQuietly() throws Exception {
    String lines =
        IntStream.range(0, 50_000)
            .mapToObj(i -> "{\"i\":" + i + "}\n")
            .collect(Collectors.joining());
    region("o.ztc", lines);
    Ztc.Result result = ztc.shell("$ZTC cat o.ztc | head -n 1; echo ${PIPESTATUS[0]}");
    assertResult(0, "{\"i\":0}\n0\n", "", result);
  }

  @Test
  void fullDiskBehindStandardOutputIsAFailureOfTheSystem() throws Exception {
    region("o.ztc", LINES);
    Ztc.Result result = ztc.shell("$ZTC head o.ztc > /dev/full");
    assertTrue(result.err().startsWith("ztc: standard output: "), result.err());
    assertEquals(1, result.err().lines().count());
    assertEquals(3, result.exitCode());
  }

  @Test
  void getPrintsARecordOrAValueInside() throws Exception {
    region("o.ztc", LINES);
    String record = "{\"id\":3,\"tags\":[\"c\"],\"prefs\":{\"a.b\":[0,{\"c\":true}]}}\n";
    assertResult(0, record, "", ztc.run("get", "o.ztc", "2"));
    assertResult(0, "true\n", "", ztc.run("get", "o.ztc", "2", "--path", "prefs[\"a.b\"][1].c"));
  }

  @Test
  void mistakesAreOneLineOrTheUsageAndExitCode2() throws Exception {
    region("o.ztc", LINES);
    String range = "ztc: o.ztc: record 3 is out of the range of this region: valid are 0 to 2\n";
    assertResult(2, "", range, ztc.run("get", "o.ztc", "3"));
    Ztc.Result noNumber = ztc.run("get", "o.ztc", "x");
    assertTrue(noNumber.err().contains("'x' is not a long"), noNumber.err());
    assertTrue(noNumber.err().contains("Usage: ztc get "), noNumber.err());
    assertTrue(noNumber.err().endsWith("'ztc get --help' says more.\n"), noNumber.err());
    assertTrue(noNumber.err().lines().count() <= 4, noNumber.err());
    assertEquals(2, noNumber.exitCode());
    // A path that leads nowhere, whether by a key, by an index or through a number.
    for (String path : List.of("none", "tags[9]", "id.x")) {
      Ztc.Result none = ztc.run("get", "o.ztc", "2", "--path", path);
      assertTrue(none.err().startsWith("ztc: o.ztc: record 2: path " + path + ": "), none.err());
      assertEquals(2, none.exitCode());
    }
  }

  @Test
  void argumentsKeepTheirCharactersInThePlainLocale() throws Exception {
    ztc.write("ü.jsonl", "{\"ä\":\"ö\"}\n");
    String commands =
        "unset LANG LC_CTYPE; export LC_ALL=%s; $ZTC build --key ä -o ü.ztc ü.jsonl &&"
            + " $ZTC get ü.ztc --key ö --path ä";
    assertResult(0, "\"ö\"\n", "", ztc.shell(commands.formatted("")));
    assertResult(0, "\"ö\"\n", "", ztc.shell(commands.formatted("C")));
    // Without the launcher, which sees to it, it is said.
    Ztc.Result bare =
        ztc.shell("LC_ALL=C $JAVA_HOME/bin/java -jar $(dirname $ZTC)/ztc.jar get ü.ztc --key ö");
    assertTrue(bare.err().endsWith("LC_ALL=C.UTF-8 knows all\n"), bare.err());
    assertEquals(1, bare.err().lines().count(), bare.err());
    assertEquals(2, bare.exitCode());
  }

  @Test
  void infoNamesVersionsSectionsAndShapes() throws Exception {
    region("o.ztc", LINES);
    Ztc.Result info = ztc.run("info", "o.ztc", "--json");
    assertEquals(0, info.exitCode(), info.err());
    assertTrue(info.out().startsWith("{\"region\":\"o.ztc\",\"records\":3,\"bytes\":"), info.out());
    assertTrue(info.out().contains("\"format\":\"0.2\""), info.out());
    assertTrue(info.out().contains("{\"type\":1,\"name\":\"records\",\"required\":true,"));
    assertTrue(info.out().contains("[\"id\",\"tags\",\"prefs\"]"), info.out());
  }

  @Test
  void verifyFindsAFlippedByte() throws Exception {
    Path region = region("o.ztc", LINES);
    byte[] bytes = Files.readAllBytes(region);
    assertResult(
        0,
        "o.ztc: ok, 3 records, " + Text.bytes(bytes.length) + "\n",
        "",
        ztc.run("verify", "o.ztc"));
    bytes[330] ^= 0x10; // in the first record
    ztc.write("o.ztc", bytes);
    Ztc.Result damaged = ztc.run("verify", "o.ztc", "--json");
    String start = "{\"region\":\"o.ztc\",\"ok\":false,\"status\":\"CHECKSUM\",\"offset\":320,";
    assertTrue(damaged.out().startsWith(start), damaged.out());
    assertEquals(1, damaged.exitCode());
    bytes[330] ^= 0x10;
    bytes[8] ^= 0x10;
    ztc.write("o.ztc", bytes);
    damaged = ztc.run("verify", "o.ztc");
    String mark = "o.ztc has a damaged byte order mark (0x0a0b0c1d) (byte 8)\n";
    assertTrue(damaged.err().endsWith(mark), damaged.err());
    assertEquals(1, damaged.exitCode());
  }

  @Test
  void diffNamesWhatChanged() throws Exception {
    region("a.ztc", "{\"x\":{\"y\":[1,2]}}\n1\n\"s\"\n");
    region("b.ztc", "{\"x\":{\"y\":[1,3]}}\n1\n\"s\"\n4\n");
    String changes = "changed 0 $.x.y[1]\nadded 3\n1 changed, 1 added, 0 removed, 2 equal\n";
    assertResult(1, changes, "", ztc.run("diff", "a.ztc", "b.ztc"));
  }

  @Test
  void diffByKeyFindsRecordsWhereverTheyAre() throws Exception {
    ztc.write("a.jsonl", "{\"id\":\"x\",\"n\":1}\n{\"id\":2,\"n\":2}\n{\"id\":\"2\",\"n\":3}\n");
    ztc.write("b.jsonl", "{\"id\":\"y\"}\n{\"id\":\"2\",\"n\":3}\n{\"id\":2,\"n\":0}\n");
    assertResult(0, "", "", ztc.run("build", "--key", "id", "-o", "a.ztc", "a.jsonl"));
    assertResult(0, "", "", ztc.run("build", "--key", "id", "-o", "b.ztc", "b.jsonl"));
    String text =
        """
        removed "x"
        changed 2 $.n
        added "y"
        1 changed, 1 added, 1 removed, 1 equal
        """;
    assertResult(1, text, "", ztc.run("diff", "--key", "id", "a.ztc", "b.ztc"));
    String json =
        """
        {"change":"removed","key":"x"}
        {"change":"changed","key":2,"path":"$.n"}
        {"change":"added","key":"y"}
        {"changed":1,"added":1,"removed":1,"equal":1}
        """;
    assertResult(1, json, "", ztc.run("diff", "--key", "id", "--json", "a.ztc", "b.ztc"));
    Ztc.Result notTheKey = ztc.run("diff", "--key", "n", "a.ztc", "b.ztc");
    String why = "ztc: a.ztc: record 0: what is at n is not the key that it was built with\n";
    assertResult(2, "", why, notTheKey);
    region("c.ztc", "{\"id\":1}\n");
    Ztc.Result noKeys = ztc.run("diff", "--key", "id", "c.ztc", "a.ztc");
    why = "ztc: c.ztc: 1 record without a key; build --key gives records keys\n";
    assertResult(2, "", why, noKeys);
  }

  @Test
  void diffWhoseReaderLeavesEarlyStillTellsThatThereIsADifference() throws Exception {
    region("a.ztc", "1\n".repeat(50_000));
    region("b.ztc", "2\n".repeat(50_000));
    Ztc.Result result = ztc.shell("$ZTC diff a.ztc b.ztc | head -n 1; echo ${PIPESTATUS[0]}");
    assertResult(0, "changed 0 $\n1\n", "", result);
  }

  @Test
  void argumentsThatBeginWithAnAtAreNoFilesOfArguments() throws Exception {
    ztc.write("in.jsonl", "{\"id\":\"@anna\"}\n{\"id\":\"bob\"}\n");
    ztc.write("anna", "bob");
    assertResult(0, "", "", ztc.run("build", "--key", "id", "-o", "o.ztc", "in.jsonl"));
    assertResult(0, "{\"id\":\"@anna\"}\n", "", ztc.run("get", "o.ztc", "--key", "@anna"));
    ztc.write("@in.jsonl", "7\n");
    assertResult(0, "", "", ztc.run("build", "-o", "o.ztc", "@in.jsonl"));
    assertResult(0, "7\n", "", ztc.run("cat", "o.ztc"));
  }

  @Test
  void gzipIsReadFromAPipeByName() throws Exception {
    ztc.write("1.gz", gzip("1\n"));
    ztc.write("2.gz", gzip("2\n"));
    String build =
        "mkfifo in.jsonl.gz; cat 1.gz 2.gz > in.jsonl.gz & $ZTC build -o o.ztc in.jsonl.gz";
    assertResult(0, "", "", ztc.shell(build));
    assertResult(0, "1\n2\n", "", ztc.run("cat", "o.ztc"));
  }

  @Test
  void aFeatureOfALaterVersionIsBadDataForAllCommands() throws Exception {
    Path region = region("o.ztc", LINES);
    byte[] bytes = Files.readAllBytes(region);
    bytes[48] = 1; // required features
    ztc.write("o.ztc", bytes);
    String why = "o.ztc needs features 0x1 that this library does not have";
    assertResult(1, "", "ztc: " + why + "\n", ztc.run("cat", "o.ztc"));
    assertResult(1, "", "ztc: " + why + " (byte 48)\n", ztc.run("verify", "o.ztc"));
    Ztc.Result json = ztc.run("verify", "--json", "o.ztc");
    String result =
        "{\"region\":\"o.ztc\",\"ok\":false,\"status\":\"UNSUPPORTED\",\"offset\":48,\"message\":\"";
    assertResult(1, result + why + "\"}\n", "", json);
  }

  @Test
  void progressIsNotDrawnIntoRecordsOnATerminal() throws Exception {
    region("o.ztc", LINES.repeat(20_000));
    String quick = "JAVA_OPTS='-XX:TieredStopAtLevel=1 -Dztc.progress.delay=1' $ZTC ";
    for (String command : List.of("cat o.ztc", "cat o.ztc | cat", "sample -n 50000 o.ztc")) {
      Ztc.Result shown = ztc.shell("script -qfec \"" + quick + command + "\" /dev/null");
      assertEquals(0, shown.exitCode(), shown.err());
      assertFalse(shown.out().contains("printing"), command);
    }
    Ztc.Result aside = ztc.shell("script -qfec \"" + quick + "cat o.ztc > out\" /dev/null");
    assertTrue(aside.out().contains("printing  "), aside.out());
  }

  @Test
  void errorsThatATerminalWouldObeyAreEscaped() throws Exception {
    ztc.write("in.jsonl", "x\033c\u009b2J\u202ey\n");
    Ztc.Result built = ztc.run("build", "-o", "o.ztc", "in.jsonl");
    assertTrue(built.err().contains("'x\\u001bc\\u009b2J"), built.err());
    assertTrue(built.err().strip().chars().noneMatch(Character::isISOControl), built.err());
    assertFalse(built.err().contains("\u202e"), built.err());
    Ztc.Result option = ztc.run("cat", "--\033[2J", "o.ztc");
    assertFalse(option.err().contains("\033"), option.err());
  }

  @Test
  void aRecordThatDoesNotFitTheMemoryIsNamed() throws Exception {
    region("o.ztc", "1\n\"" + "x".repeat(40 << 20) + "\"\n");
    Ztc.Result cat = ztc.shell("JAVA_OPTS=-Xmx16m $ZTC cat o.ztc");
    assertEquals(3, cat.exitCode(), cat.err());
    assertTrue(cat.err().startsWith("ztc: o.ztc: record 1: out of memory; "), cat.err());
    Ztc.Result get = ztc.shell("JAVA_OPTS=-Xmx16m $ZTC get o.ztc 1");
    assertTrue(get.err().startsWith("ztc: o.ztc: record 1: out of memory; "), get.err());
    Ztc.Result build = ztc.shell("JAVA_OPTS=-Xmx16m $ZTC build -o p.ztc o.ztc.jsonl");
    assertTrue(build.err().startsWith("ztc: o.ztc.jsonl: after "), build.err());
    assertTrue(build.err().contains(": out of memory; "), build.err());
    assertEquals(3, build.exitCode(), build.err());
  }

  @Test
  void aRecordThatDoesNotFitTheStackIsNamed() throws Exception {
    region("o.ztc", "1\n" + "[".repeat(500) + "]".repeat(500) + "\n");
    String hint = "ztc: o.ztc: record 1: a value is too deep for the stack; JAVA_OPTS=-Xss64m ";
    // Interpreted, so that a level takes the same in every run.
    String small = "JAVA_OPTS='-Xint -Xss256k' $ZTC ";
    for (String command : List.of("cat o.ztc", "get o.ztc 1")) {
      Ztc.Result result = ztc.shell(small + command);
      assertTrue(result.err().startsWith(hint), result.err());
      assertEquals(3, result.exitCode(), result.err());
    }
  }

  @Test
  void numbersArePrintedTheSameInEveryLanguage() throws Exception {
    region("a.ztc", "1\n".repeat(2000));
    region("b.ztc", "2\n".repeat(2000));
    String german = "JAVA_OPTS='-Duser.language=de -Duser.country=DE' $ZTC ";
    Ztc.Result diff = ztc.shell(german + "diff a.ztc b.ztc | tail -n 1");
    assertResult(0, "2,000 changed, 0 added, 0 removed, 0 equal\n", "", diff);
    Ztc.Result info = ztc.shell(german + "info a.ztc");
    assertEquals(
        ztc.run("info", "a.ztc").out().lines().skip(5).toList(),
        info.out().lines().skip(5).toList());
  }

  @Test
  void helpOfACommandIsFoundBothWays() throws Exception {
    Ztc.Result help = ztc.run("help", "get");
    assertTrue(help.out().startsWith("Usage: ztc get "), help.out());
    assertResult(0, ztc.run("get", "--help").out(), "", help);
    assertResult(0, ztc.run("--help").out(), "", ztc.run("help"));
  }

  @Test
  void launcherIsFoundThroughALinkInAFolderWithSpaces() throws Exception {
    Path spaced = Files.createDirectory(ztc.file("two words"));
    Files.copy(Ztc.launcher(), spaced.resolve("ztc"));
    Files.copy(Ztc.launcher().resolveSibling("ztc.jar"), spaced.resolve("ztc.jar"));
    assertTrue(spaced.resolve("ztc").toFile().setExecutable(true));
    Files.createSymbolicLink(ztc.file("link"), Path.of("two words", "ztc"));
    Ztc.Result help = ztc.shell("./link --help");
    assertEquals("", help.err());
    assertTrue(help.out().startsWith("Usage: ztc [-hV] COMMAND\n"), help.out());
    assertEquals(0, help.exitCode());
  }

  @Test
  void launcherWithoutItsJarSaysWhatBelongsTogether() throws Exception {
    Files.copy(Ztc.launcher(), ztc.file("alone"));
    assertTrue(ztc.file("alone").toFile().setExecutable(true));
    Ztc.Result alone = ztc.shell("./alone --help");
    assertTrue(
        alone.err().endsWith("ztc.jar; ztc, ztc.jar and pagediff belong together\n"), alone.err());
    assertEquals(3, alone.exitCode());
  }

  @Test
  void headTakesACountAsOtherHeadsDo() throws Exception {
    region("o.ztc", LINES);
    assertResult(0, ztc.run("head", "-n", "2", "o.ztc").out(), "", ztc.run("head", "-2", "o.ztc"));
    assertEquals(2, ztc.run("head", "-2", "o.ztc").out().lines().count());
  }

  @Test
  void headTakesNoFileAndNoValueOfAnOptionForACount() throws Exception {
    region("o.ztc", LINES);
    for (String option : List.of("-n", "--count")) {
      Ztc.Result negative = ztc.run("head", option, "-3", "o.ztc");
      assertResult(2, "", "ztc: --count cannot be negative\n", negative);
    }
    Ztc.Result file = ztc.run("head", "--", "-3");
    assertEquals(3, file.exitCode(), file.err());
    assertTrue(file.err().startsWith("ztc: -3: "), file.err());
  }

  @Test
  void buildThatIsTerminatedLeavesNothingBehind() throws Exception {
    // The end of the pipe opens once the build reads it, so there is something to undo.
    String build =
        "mkfifo fifo; $ZTC build -o o.ztc fifo & exec 3> fifo; echo 1 >&3;"
            + " kill -TERM $!; wait $!; echo $?; ls -A";
    assertResult(0, "143\nfifo\n", "", ztc.shell(build));
  }

  @Test
  void terminalShowsProgressWhileStandardInputIsOpen() throws Exception {
    String build = "JAVA_OPTS=-Dztc.progress.delay=1 $ZTC build -o o.ztc fifo";
    Process made = ztc.start(List.of("mkfifo", "fifo"));
    assertTrue(made.waitFor(10, TimeUnit.SECONDS));
    Process process = ztc.start(List.of("script", "-qfec", build, "/dev/null"));
    StringBuilder screen = new StringBuilder();
    try (OutputStream fifo = Files.newOutputStream(ztc.file("fifo"))) {
      fifo.write("1\n2\n".getBytes(StandardCharsets.UTF_8));
      fifo.flush();
      // The build cannot end while this is open.
      while (!screen.toString().contains("reading  2 records  ")) {
        int c = process.getInputStream().read();
        assertTrue(c >= 0, screen::toString);
        screen.append((char) c);
      }
    }
    screen.append(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
    assertEquals(0, process.waitFor(), screen::toString);
    String last = screen.substring(screen.lastIndexOf("\033[K") + 3);
    assertTrue(last.startsWith("o.ztc: 2 records, "), screen::toString);
    assertFalse(last.contains("reading"), screen::toString);
  }

  @Test
  void terminalShowsTheShareAndTheTimeLeftOfWhatIsKnown() throws Exception {
    region("o.ztc", ("\"" + "x".repeat(1000) + "\"\n").repeat(5000));
    String cat = "JAVA_OPTS=-Dztc.progress.delay=1 $ZTC cat o.ztc > fifo";
    Process made = ztc.start(List.of("mkfifo", "fifo"));
    assertTrue(made.waitFor(10, TimeUnit.SECONDS));
    Process process = ztc.start(List.of("script", "-qfec", cat, "/dev/null"));
    StringBuilder screen = new StringBuilder();
    Pattern line =
        Pattern.compile("printing  [\\d,]+ records?  [\\d,]+/s  \\d+ %  [\\d:]+:\\d\\d left");
    try (InputStream fifo = Files.newInputStream(ztc.file("fifo"))) {
      // More than a pipe takes, so the command cannot end before it is read.
      while (!line.matcher(screen).find()) {
        int c = process.getInputStream().read();
        assertTrue(c >= 0, screen::toString);
        screen.append((char) c);
      }
      assertEquals(5000 * 1003, fifo.readAllBytes().length);
    }
    process.getInputStream().readAllBytes();
    assertEquals(0, process.waitFor(), screen::toString);
  }
}
