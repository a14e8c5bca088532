package io.github.zerotouchclone.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.zerotouchclone.Region;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The extension as a user without any privilege has it: where root runs the tests, in a JVM of its
 * own, over copies of what that user may not be able to read.
 */
class OrdinaryUserTest {
  private static final String DONE = "an ordinary user's page is reported, and copies pass";

  /** Where everybody may read what is in it, whoever the folder for temporary files belongs to. */
  private Path folder;

  @BeforeEach
  void makeFolder() throws IOException {
    Regions.assumeScan();
    folder = Files.createTempDirectory(Path.of("/var/tmp"), "zerotouch-user-");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @AfterEach
  void removeFolder() throws IOException {
    if (folder == null) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(file);
      }
    }
  }

  /** What the other JVM runs. */
  static class Cases {
    @TempDir Path folder;

    Path file() {
      return Regions.write(folder.resolve("marks.ztc"), 500);
    }

    @ZeroTouch(from = "file")
    void stores_into_page_7(Region region) {
      Regions.storeSilently(region, 7);
    }
  }

  /** A line of {@code /proc/self/status}, without its name. */
  private static String status(String name) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith(name + ":")) {
        return line.substring(name.length() + 1).strip();
      }
    }
    throw new IllegalStateException("/proc/self/status has no " + name);
  }

  private static boolean isRoot() throws IOException {
    return status("Uid").startsWith("0\t");
  }

  /** In the JVM of the ordinary user. */
  public static void main(String[] arguments) throws IOException {
    assertEquals("65534\t65534\t65534\t65534", status("Uid"));
    assertEquals(0, Long.parseUnsignedLong(status("CapEff"), 16), "privileges are left");
    assertProves();
    System.out.println(DONE);
  }

  private static void assertProves() {
    Runs.passes(CleanCopiesTest.class, "workers_do_not_write");
    Runs.passes(CleanCopiesTest.class, "threads_and_collections_of_garbage_do_not_write");
    String message = Runs.fails(Cases.class, "stores_into_page_7").getMessage();
    assertTrue(message.contains("the test un-shared 1 of "), message);
    assertTrue(message.contains("\n  page 7 (bytes "), message);
    assertTrue(message.contains(" pagemap bit 61: 7\n"), message);
  }

  /** What it prints, and its exit status in front of that. */
  private String asNobody(String... command) throws IOException, InterruptedException {
    List<String> all =
        new ArrayList<>(
            List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"));
    all.addAll(List.of(command));
    ProcessBuilder builder = new ProcessBuilder(all).redirectErrorStream(true);
    builder.directory(folder.toFile());
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      return "no status: " + e.getMessage();
    }
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes());
    return process.waitFor() + ": " + output;
  }

  /** The class path's folders and archives as copies that everybody can read. */
  private String copyClassPath() throws IOException {
    List<String> copies = new ArrayList<>();
    for (String name : System.getProperty("java.class.path").split(File.pathSeparator)) {
      Path from = Path.of(name);
      if (!Files.exists(from)) {
        continue;
      }
      Path to = folder.resolve(copies.size() + "-" + from.getFileName());
      copy(from, to);
      copies.add(to.toString());
    }
    return String.join(File.pathSeparator, copies);
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path copy = to.resolve(from.relativize(file).toString());
        boolean isFolder = Files.isDirectory(file);
        if (isFolder) {
          Files.createDirectory(copy);
        } else {
          Files.copy(file, copy);
        }
        Files.setPosixFilePermissions(
            copy, PosixFilePermissions.fromString(isFolder ? "rwxr-xr-x" : "rw-r--r--"));
      }
    }
  }

  /** A program that does nothing; as a library, it is refused where files are not to be run. */
  private Path makeProgram() throws IOException {
    Path program = Files.writeString(folder.resolve("program"), "#!/bin/sh\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    return program;
  }

  private Path makeFolderForAll(String name) throws IOException {
    Path made = Files.createDirectory(folder.resolve(name));
    Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwxrwxrwx"));
    return made;
  }

  @Test
  void a_test_needs_no_privilege() throws Exception {
    if (!isRoot()) {
      assertProves();
      return;
    }
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String first = asNobody(java, "-version");
    assumeTrue(first.startsWith("0: ") || Regions.isRequired("scan"), first);
    assertTrue(first.startsWith("0: "), first);
    String inFolder = asNobody(makeProgram().toString());
    String noPrograms = "no program runs from " + folder + ": " + inFolder;
    assumeTrue(inFolder.startsWith("0: ") || Regions.isRequired("scan"), noPrograms);
    String output =
        asNobody(
            java,
            "-Xmx256m",
            "-XX:-UsePerfData",
            "--enable-native-access=ALL-UNNAMED",
            "-Djava.io.tmpdir=" + makeFolderForAll("tmp"),
            "-cp",
            copyClassPath(),
            OrdinaryUserTest.class.getName());
    assertTrue(output.startsWith("0: "), output);
    assertTrue(output.contains(DONE), output);
  }
}
