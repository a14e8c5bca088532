package io.github.zerotouchclone.bench.suite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A JDK that measures.
 *
 * @param home its folder
 * @param feature its feature version
 * @param version in full, with the vendor's name of the build
 */
public record Jdk(Path home, int feature, String version) {

  /**
   * Looks at a JDK.
   *
   * @param home its folder
   * @throws IOException if there is none
   */
  public static Jdk at(Path home) throws IOException {
    List<String> release = Files.readAllLines(home.resolve("release"));
    String version = value(release, "JAVA_VERSION");
    String build = value(release, "IMPLEMENTOR_VERSION");
    return new Jdk(
        home.toRealPath(),
        Integer.parseInt(version.split("[.-]")[0]),
        build.isEmpty() ? version : version + " (" + build + ")");
  }

  private static String value(List<String> release, String key) {
    return release.stream()
        .filter(line -> line.startsWith(key + "="))
        .map(line -> line.substring(key.length() + 1).replace("\"", ""))
        .findFirst()
        .orElse("");
  }

  String java() {
    return home.resolve("bin/java").toString();
  }
}
