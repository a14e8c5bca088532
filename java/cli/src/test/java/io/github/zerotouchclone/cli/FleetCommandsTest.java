package io.github.zerotouchclone.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.zerotouchclone.Region;
import io.github.zerotouchclone.ZeroTouchClone;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** sample, top and pagediff, run as a user runs them. */
class FleetCommandsTest {
  @TempDir Path folder;
  private Ztc ztc;

  @BeforeEach
  void regionOfAThousand() {
    ztc = new Ztc(folder);
    String lines =
        IntStream.range(0, 1000).mapToObj(i -> "{\"i\":" + i + "}\n").collect(Collectors.joining());
    Path input = ztc.write("in.jsonl", lines);
    assertEquals(0, Main.run("build", "-o", ztc.file("o.ztc").toString(), input.toString()));
  }

  @Test
  void sampleIsTheSameForASeedAndInOrder() throws Exception {
    Ztc.Result one = ztc.run("sample", "o.ztc", "-n", "20", "--seed", "3");
    assertEquals(0, one.exitCode(), one.err());
    List<Integer> indices =
        one.out().lines().map(line -> Integer.valueOf(line.replaceAll("\\D", ""))).toList();
    assertEquals(20, new TreeSet<>(indices).size());
    assertEquals(List.copyOf(new TreeSet<>(indices)), indices);
    assertEquals(one.out(), ztc.run("sample", "o.ztc", "-n", "20", "--seed", "3").out());
    assertEquals(1000, ztc.run("sample", "o.ztc", "-n", "5000").out().lines().count());
  }

  @Test
  void samplesPickEveryRecordAboutAsOften() {
    int[] picked = new int[10];
    for (long seed = 0; seed < 2000; seed++) {
      TreeSet<Long> sample = SampleCommand.pick(10, 3, seed);
      assertEquals(3, sample.size());
      sample.forEach(i -> picked[i.intValue()]++);
    }
    for (int count : picked) {
      assertTrue(count > 450 && count < 750, () -> java.util.Arrays.toString(picked));
    }
  }

  @Test
  void topFindsWhoMapsTheRegion() throws Exception {
    try (Region region = Region.open(ztc.file("o.ztc"))) {
      ZeroTouchClone.copy(region, 999);
      Ztc.Result top = ztc.run("top", "--once", "--json", "o.ztc");
      assertEquals(0, top.exitCode(), top.err());
      String me = "{\"pid\":" + ProcessHandle.current().pid() + ",";
      assertTrue(top.out().contains(me), top.out());
      String mine = top.out().substring(top.out().indexOf(me)).replaceFirst("}.*\n", "");
      assertTrue(mine.contains("\"current\":true"), mine);
      assertTrue(mine.contains("\"unsharedPages\":0"), mine);
      assertTrue(mine.contains("\"growth\":0"), mine);
      assertFalse(mine.contains("\"resident\":0"), mine);
      String table = ztc.run("top", "o.ztc").out();
      assertTrue(table.contains("PID    RESIDENT  UN-SHARED"), table);
      assertTrue(table.contains(" " + ProcessHandle.current().pid() + " "), table);
    }
  }

  @Test
  void topCountsPagesThatAProcessHasAsCopies() throws Exception {
    Path path = ztc.file("o.ztc");
    try (FileChannel file =
        FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      MappedByteBuffer copy = file.map(FileChannel.MapMode.PRIVATE, 0, file.size());
      copy.put(0, copy.get(0));
      copy.put(8192, copy.get(8192));
      RegionUsers.User me = me(path);
      assertEquals(2 * 4096, me.unshared());
      assertTrue(me.total() > 0);
      copy.put(0, copy.get(0)); // keeps the mapping alive until here
    }
  }

  @Test
  void topTellsProcessesThatStillHaveTheOldFile() throws Exception {
    Path path = ztc.file("o.ztc");
    try (Region region = Region.open(path)) {
      assertFalse(me(path).old());
      Path other = Files.copy(path, ztc.file("other"));
      Files.move(other, path, StandardCopyOption.REPLACE_EXISTING);
      assertTrue(me(path).old(), region.toString());
    }
  }

  @Test
  void topFindsUsersWhateverNameTheyOpenedTheFileBy() throws Exception {
    Path hard = Files.createLink(ztc.file("hard"), ztc.file("o.ztc"));
    try (Region region = Region.open(hard)) {
      assertFalse(me(ztc.file("o.ztc")).old(), region.toString());
    }
  }

  @Test
  void topFindsTheOldFileBehindALinkThatLeadsElsewhereNow() throws Exception {
    Path before = Files.createDirectory(ztc.file("..1"));
    Path now = Files.createDirectory(ztc.file("..2"));
    Files.copy(ztc.file("o.ztc"), before.resolve("jobs.ztc"));
    Files.copy(ztc.file("o.ztc"), now.resolve("jobs.ztc"));
    Path link = Files.createSymbolicLink(ztc.file("..data"), Path.of("..1"));
    Path path = Files.createSymbolicLink(ztc.file("jobs.ztc"), Path.of("..data/jobs.ztc"));
    try (Region region = Region.open(path)) {
      assertFalse(me(path).old());
      Files.createSymbolicLink(ztc.file("..new"), Path.of("..2"));
      Files.move(ztc.file("..new"), link, StandardCopyOption.ATOMIC_MOVE);
      Files.delete(before.resolve("jobs.ztc"));
      assertTrue(me(path).old(), region.toString());
      Files.move(now.resolve("jobs.ztc"), now.resolve("other.ztc"));
      assertTrue(users(link.resolve("other.ztc")).isEmpty(), "another file's user");
    }
  }

  private static List<RegionUsers.User> users(Path region) {
    return RegionUsers.look(Path.of("/proc"), region).users();
  }

  private static RegionUsers.User me(Path region) {
    return users(region).stream()
        .filter(user -> user.pid() == ProcessHandle.current().pid())
        .findAny()
        .orElseThrow();
  }

  @Test
  void topCountsProcessesItMayNotLookInto() throws Exception {
    Path proc = Files.createDirectories(folder.resolve("proc/77")).getParent();
    Files.createDirectory(proc.resolve("77/maps")); // fails to be read, whoever reads
    Files.createFile(proc.resolve("77/smaps"));
    assertEquals(1, RegionUsers.look(proc, ztc.file("o.ztc")).hidden());
    Files.delete(proc.resolve("77/smaps"));
    assertEquals(0, RegionUsers.look(proc, ztc.file("o.ztc")).hidden());
  }

  @Test
  void topOfAMissingRegionFailsAndReadersMayLeave() throws Exception {
    Ztc.Result missing = ztc.run("top", "none.ztc");
    assertEquals("ztc: none.ztc: no such file\n", missing.err());
    assertEquals(3, missing.exitCode());
    Ztc.Result left =
        ztc.shell("$ZTC top --json --interval 0.1 o.ztc | head -n 2; echo ${PIPESTATUS[0]}");
    assertEquals(3, left.out().lines().count(), left.out());
    assertTrue(left.out().endsWith("\n0\n"), left.out());
    assertEquals("", left.err());
  }

  @Test
  void topOnATerminalLooksAgainAndAgain() throws Exception {
    String top = "$ZTC top --interval 0.1 o.ztc";
    Process process = ztc.start(List.of("script", "-qfec", top, "/dev/null"));
    BufferedReader screen = new BufferedReader(new InputStreamReader(process.getInputStream()));
    int looks = 0;
    for (String line; looks < 3 && (line = screen.readLine()) != null; ) {
      looks += line.startsWith("\033[H\033[Jo.ztc: ") ? 1 : 0;
    }
    process.descendants().forEach(ProcessHandle::destroy);
    process.destroy();
    process.waitFor();
    assertEquals(3, looks);
  }

  @Test
  void pagediffEndsAsTheHarnessDoesAndGetsAllArguments() throws Exception {
    Path fake = ztc.write("harness", "#!/bin/sh\necho \"$# $*\"; exit 7\n");
    assertTrue(fake.toFile().setExecutable(true));
    Ztc.Result run = ztc.shell("ZTC_PAGEDIFF=./harness $ZTC pagediff run --help -- 'a b'");
    assertEquals("4 run --help -- a b\n", run.out());
    assertEquals("", run.err());
    assertEquals(7, run.exitCode());
  }

  @Test
  void pagediffGetsArgumentsThatBeginWithAnAt() throws Exception {
    Path fake = ztc.write("harness", "#!/bin/sh\necho \"$*\"\n");
    assertTrue(fake.toFile().setExecutable(true));
    ztc.write("conf", "one two");
    Ztc.Result run = ztc.shell("ZTC_PAGEDIFF=./harness $ZTC pagediff run -- cmd @conf");
    assertEquals("run -- cmd @conf\n", run.out());
    assertEquals(0, run.exitCode(), run.err());
  }

  @Test
  void pagediffThatIsTerminatedTakesTheHarnessAlong() throws Exception {
    Path fake = ztc.write("harness", "#!/bin/sh\necho $$ > fifo; exec tail -f /dev/null\n");
    assertTrue(fake.toFile().setExecutable(true));
    String run =
        "mkfifo fifo; ZTC_PAGEDIFF=./harness $ZTC pagediff verify & read -r harness < fifo;"
            + " kill -TERM $!; wait $!; echo $?; kill -9 $harness 2> kill || echo gone";
    Ztc.Result ended = ztc.shell(run);
    assertEquals("143\ngone\n", ended.out());
  }

  @Test
  void pagediffThatIsTerminatedWaitsForTheHarnessToFinish() throws Exception {
    Path fake =
        ztc.write(
            "harness",
            "#!/bin/sh\n"
                + "trap 'read -r go < go; kill $tail; echo reported; exit 0' TERM\n"
                + "tail -f /dev/null & tail=$!\n"
                + "echo > fifo; wait $tail\n");
    assertTrue(fake.toFile().setExecutable(true));
    String run =
        "mkfifo fifo go; ZTC_PAGEDIFF=./harness $ZTC pagediff run & read -r begun < fifo;"
            + " kill -TERM $!; echo > go; wait $!; echo $?";
    Ztc.Result ended = ztc.shell(run);
    assertEquals("reported\n143\n", ended.out());
  }

  @Test
  void pagediffThatIsNotThereSaysWhereItWasLookedFor() throws Exception {
    Path bare = Files.createDirectory(ztc.file("bare"));
    Files.copy(Ztc.launcher(), bare.resolve("ztc"));
    Files.copy(Ztc.launcher().resolveSibling("ztc.jar"), bare.resolve("ztc.jar"));
    assertTrue(bare.resolve("ztc").toFile().setExecutable(true));
    Ztc.Result run = ztc.shell("PATH=/usr/bin:/bin bare/ztc pagediff verify");
    assertTrue(run.err().startsWith("ztc: pagediff is not here; "), run.err());
    assertTrue(run.err().contains(bare.resolve("pagediff") + ", /usr/bin/pagediff"), run.err());
    assertEquals(3, run.exitCode());
  }
}
