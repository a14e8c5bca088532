package io.github.zerotouchclone.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.zerotouchclone.Region;
import io.github.zerotouchclone.RegionException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.engine.TestExecutionResult.Status;

/** Where the region comes from, and what is said when it cannot be found. */
class RegionFileTest {
  @TempDir static Path folder;
  static Path shared;

  @BeforeAll
  static void writeRegion() throws IOException {
    Regions.assumeScan();
    Regions.write(Files.createDirectories(Path.of("target")).resolve("zero-touch.ztc"), 33);
    shared = Regions.write(folder.resolve("shared.ztc"), 11);
  }

  @TempDir Path own;
  private Path written;
  private String name;

  @BeforeEach
  void writeOwnRegion() {
    written = Regions.write(own.resolve("own.ztc"), 22);
    name = written.toString();
  }

  @ZeroTouch(region = "target/zero-touch.ztc")
  void a_path_below_the_working_directory(Region region) {
    assertEquals(33, region.count());
  }

  @ZeroTouch(from = "shared")
  void a_static_field(Region region) {
    assertEquals(11, region.count());
  }

  @ZeroTouch(from = "written")
  void a_field_that_is_set_before_each_test(Region region) {
    assertEquals(22, region.count());
  }

  @ZeroTouch(from = "name")
  void a_text(Region region) {
    assertEquals(22, region.count());
  }

  @Nested
  class InsideAnotherClass {
    @ZeroTouch(from = "written")
    void a_field_of_the_enclosing_class(Region region) {
      assertEquals(22, region.count());
    }
  }

  static class Wrong {
    private final int number = 7;

    @ZeroTouch
    void says_nothing(Region region) {}

    @ZeroTouch(region = "a.ztc", from = "number")
    void says_two_things(Region region) {}

    @ZeroTouch(from = "nowhere")
    void names_nothing(Region region) {}

    @ZeroTouch(from = "number")
    void names_a_number(Region region) {}

    @ZeroTouch(region = "no/such/file.ztc")
    void names_no_file(Region region) {}

    @ZeroTouch(region = "a.ztc")
    void takes_no_region() {}
  }

  private static void assertConfigurationFails(String method, String message) {
    Throwable failure = Runs.fails(Wrong.class, method);
    assertInstanceOf(ExtensionConfigurationException.class, failure);
    assertTrue(failure.getMessage().contains(message), failure.getMessage());
  }

  @Test
  void a_source_that_is_missing_double_or_of_no_use_is_named() {
    assertConfigurationFails("says_nothing", "needs either region = a path, or from = the name");
    assertConfigurationFails("says_two_things", "needs either region = a path, or from = the name");
    assertConfigurationFails("names_nothing", "no method without parameters and no field");
    assertConfigurationFails("names_a_number", "must give a Path or a String, not a java.lang.Int");
  }

  @Test
  void a_region_that_cannot_be_opened_is_the_librarys_error() {
    Throwable failure = Runs.fails(Wrong.class, "names_no_file");
    assertInstanceOf(RegionException.class, failure);
    assertTrue(failure.getMessage().contains("no/such/file.ztc"), failure.getMessage());
  }

  @Test
  void a_test_without_a_region_is_refused_as_nothing_would_be_watched() {
    Throwable failure = Runs.ends(Status.FAILED, Runs.run(Wrong.class, "takes_no_region"));
    assertTrue(
        failure.getMessage().contains("needs a parameter of type Region"), failure.toString());
  }
}
