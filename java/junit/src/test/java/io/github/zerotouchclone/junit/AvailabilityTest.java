package io.github.zerotouchclone.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.github.zerotouchclone.Region;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.AssertionFailedError;
import org.opentest4j.TestAbortedException;

/** Where the kernel does not help, a test is aborted, unless it must not be. */
class AvailabilityTest {
  private static final String REASON = "userfaultfd is refused: Operation not permitted";

  @TempDir static Path folder;

  static class Case {
    @ZeroTouch(from = "file")
    void copies_nothing(Region region) {
      throw new AssertionError("it ran");
    }

    static Path file() {
      return Regions.write(folder.resolve("marks.ztc"), 5);
    }
  }

  private static ZeroTouchExtension with(String required) {
    FakeWatch refused =
        new FakeWatch() {
          @Override
          public String unavailable() {
            return REASON;
          }
        };
    return new ZeroTouchExtension(
        () -> refused, name -> name.equals("ZTC_REQUIRE") ? required : null);
  }

  static class NothingRequired extends Case {
    @RegisterExtension static final ZeroTouchExtension extension = with(null);
  }

  static class OtherThingsRequired extends Case {
    @RegisterExtension static final ZeroTouchExtension extension = with("pfn,scanner,jdk17");
  }

  static class ScanRequired extends Case {
    @RegisterExtension static final ZeroTouchExtension extension = with("pfn, scan,jdk17");
  }

  @Test
  void without_a_requirement_the_test_is_aborted_with_the_reason() {
    Throwable aborted = Runs.aborts(NothingRequired.class, "copies_nothing");
    assertInstanceOf(TestAbortedException.class, aborted);
    assertEquals("not available here, because " + REASON, aborted.getMessage());
    Runs.aborts(OtherThingsRequired.class, "copies_nothing");
  }

  @Test
  void where_the_scan_is_required_the_test_fails() {
    Throwable failure = Runs.fails(ScanRequired.class, "copies_nothing");
    assertInstanceOf(AssertionFailedError.class, failure);
    assertEquals(
        "not available here, because " + REASON + " (ZTC_REQUIRE has scan, so this is a failure)",
        failure.getMessage());
  }
}
