package io.github.zerotouchclone.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What has to be in every jar besides code: its licence, its version, others' notices. */
class JarsTest {
  private static final Path ROOT = Ztc.launcher().resolveSibling("../../..").normalize();

  private static List<Path> jars() throws Exception {
    List<Path> jars = new ArrayList<>(List.of(Ztc.launcher().resolveSibling("ztc.jar")));
    for (String module : List.of("core", "json", "cli")) {
      try (var files =
          Files.newDirectoryStream(ROOT.resolve("java/" + module + "/target"), "z*-[0-9]*.jar")) {
        files.forEach(jars::add);
      }
    }
    return jars;
  }

  private static byte[] bytes(JarFile jar, String entry) throws Exception {
    JarEntry found = jar.getJarEntry(entry);
    assertNotNull(found, jar.getName() + " has no " + entry);
    try (var in = jar.getInputStream(found)) {
      return in.readAllBytes();
    }
  }

  @Test
  void everyJarHasTheLicenceAndItsVersion() throws Exception {
    byte[] licence = Files.readAllBytes(ROOT.resolve("LICENSE"));
    assertEquals(4, jars().size(), "jars of other versions are there as well");
    for (Path path : jars()) {
      try (JarFile jar = new JarFile(path.toFile())) {
        assertArrayEquals(licence, bytes(jar, "META-INF/LICENSE"), path.toString());
        String version =
            jar.getManifest().getMainAttributes().getValue(Attributes.Name.IMPLEMENTATION_VERSION);
        assertTrue(version != null && version.matches("[0-9]+[.][0-9].*"), path + ": " + version);
      }
    }
  }

  @Test
  void onAPlatformThatIsNotSupportedTheErrorListsThoseThatAreLineByLine(@TempDir Path folder)
      throws Exception {
    Ztc.Result result =
        new Ztc(folder)
            .shell(
                "JAVA_OPTS='-Dos.arch=riscv64 -Djava.library.path=/nowhere' $ZTC info region.ztc");
    assertEquals(3, result.exitCode(), result.err());
    List<String> lines = result.err().lines().toList();
    assertTrue(
        lines
            .get(0)
            .matches(
                "ztc: the native library was not loaded. Platform: linux-riscv64-[a-z]+;"
                    + " supported: linux-x86_64-glibc, linux-x86_64-musl, linux-aarch64-glibc,"
                    + " linux-aarch64-musl"),
        result.err());
    assertTrue(lines.get(1).startsWith("  tried java.library.path (/nowhere)"), result.err());
    assertTrue(lines.get(2).endsWith(": this platform is not supported"), result.err());
    assertTrue(lines.get(3).startsWith("Name the file with -D"), result.err());
  }

  @Test
  void theOneJarKeepsTheNoticesOfAllThatIsInIt() throws Exception {
    int notices = 0;
    try (JarFile ours = new JarFile(Ztc.launcher().resolveSibling("ztc.jar").toFile())) {
      for (String path : System.getProperty("java.class.path").split(File.pathSeparator)) {
        String name = Path.of(path).getFileName().toString();
        if (!name.matches("jackson-.*[.]jar")) {
          continue;
        }
        String artifact = name.replaceFirst("-[0-9].*", "");
        try (JarFile theirs = new JarFile(path)) {
          for (String text : List.of("LICENSE", "NOTICE")) {
            if (theirs.getJarEntry("META-INF/" + text) != null) {
              assertArrayEquals(
                  bytes(theirs, "META-INF/" + text),
                  bytes(ours, "META-INF/licenses/" + artifact + "/" + text));
              notices++;
            }
          }
        }
      }
      assertTrue(
          new String(bytes(ours, "META-INF/licenses/picocli/NOTICE")).contains("Remko Popma"));
      assertNotNull(ours.getJarEntry("META-INF/FastDoubleParser-LICENSE"));
    }
    assertTrue(notices >= 6, notices + " texts");
  }
}
