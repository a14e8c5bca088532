package io.github.zerotouchclone.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.zerotouchclone.Region;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.AssertionFailedError;

/** A test passes only if its witnesses have shown that they see a store, and nothing but it. */
class SelfProofTest {
  @TempDir static Path folder;
  static Path file;
  static final AtomicReference<Region> given = new AtomicReference<>();

  @BeforeAll
  static void writeRegion() throws IOException {
    Regions.assumeScan();
    file = Regions.write(folder.resolve("marks.ztc"), 500);
  }

  static class Case {
    @ZeroTouch(from = "file")
    void copies_nothing(Region region) {
      given.set(region);
    }

    static Path file() {
      return file;
    }
  }

  private static ZeroTouchExtension on(FakeWatch watch) {
    return new ZeroTouchExtension(() -> watch, name -> null);
  }

  static class WithTheKernel extends Case {
    @RegisterExtension static final ZeroTouchExtension extension = on(new FakeWatch());
  }

  static class WithoutAStore extends Case {
    @RegisterExtension
    static final ZeroTouchExtension extension =
        on(
            new FakeWatch() {
              @Override
              public void storeSilently(long address) {}
            });
  }

  static class WithABlindScan extends Case {
    @RegisterExtension
    static final ZeroTouchExtension extension =
        on(
            new FakeWatch() {
              @Override
              public long[] written(long base, long pages) {
                return new long[0];
              }
            });
  }

  static class WithBlindBits extends Case {
    @RegisterExtension
    static final ZeroTouchExtension extension =
        on(
            new FakeWatch() {
              @Override
              public long[] copied(long base, long pages) {
                return new long[0];
              }
            });
  }

  static class WithAScanThatSeesTooMuch extends Case {
    @RegisterExtension
    static final ZeroTouchExtension extension =
        on(
            new FakeWatch() {
              @Override
              public long[] written(long base, long pages) {
                return new long[] {0, pages - 1};
              }
            });
  }

  /** The protection is removed: nothing arms the pages. */
  static class WithoutProtection extends Case {
    @RegisterExtension
    static final ZeroTouchExtension extension =
        on(
            new FakeWatch() {
              @Override
              public int arm(long base, long pages) {
                return 1 << 20;
              }
            });
  }

  /** As on the mapping that the library uses otherwise, which cannot be written. */
  static class WithAMappingThatIsRefused extends Case {
    @RegisterExtension
    static final ZeroTouchExtension extension =
        on(
            new FakeWatch() {
              @Override
              public int arm(long base, long pages) {
                throw new IllegalStateException("userfaultfd does not accept this mapping");
              }
            });
  }

  private static void assertUnproven(Class<? extends Case> type, String reason) {
    given.set(null);
    Throwable failure = Runs.fails(type, "copies_nothing");
    assertInstanceOf(AssertionFailedError.class, failure);
    String message = failure.getMessage();
    assertTrue(message.startsWith("page diff of " + file + ": unproven: "), message);
    assertTrue(message.contains(reason), message);
    assertNull(given.get(), "the test ran although nothing would have seen its writes");
  }

  @Test
  void the_same_test_passes_when_nothing_is_broken_and_its_region_is_closed_then() {
    Runs.passes(WithTheKernel.class, "copies_nothing");
    assertFalse(given.get().isOpen(), "the region outlives its test");
  }

  @Test
  void a_store_that_did_not_happen_leaves_the_test_unproven() {
    assertUnproven(
        WithoutAStore.class,
        "after a silent store into page 4, both witnesses must report these pages: 4;"
            + " but PAGEMAP_SCAN reports none, and pagemap bit 61 none");
  }

  @Test
  void a_witness_that_is_blind_leaves_the_test_unproven() {
    assertUnproven(WithABlindScan.class, "PAGEMAP_SCAN reports none, and pagemap bit 61 4");
    assertUnproven(WithBlindBits.class, "PAGEMAP_SCAN reports 4, and pagemap bit 61 none");
  }

  @Test
  void a_witness_that_reports_other_pages_leaves_the_test_unproven() {
    assertUnproven(
        WithAScanThatSeesTooMuch.class,
        "before a store, both witnesses must report these pages: none; but PAGEMAP_SCAN reports"
            + " 0-7");
  }

  @Test
  void pages_that_are_not_protected_leave_the_test_unproven() {
    assertUnproven(WithoutProtection.class, "the range lost its write-protection");
  }

  @Test
  void a_mapping_that_cannot_be_watched_is_a_failure_and_no_reason_to_skip() {
    assertUnproven(WithAMappingThatIsRefused.class, "userfaultfd does not accept this mapping");
  }

  // ------------------------------------------------------------------- the two witnesses disagree

  /** Sees what the other one cannot, once the proof is over. */
  private static FakeWatch after(long[] written, long[] copied) {
    return new FakeWatch() {
      private int armed;

      @Override
      public int arm(long base, long pages) {
        armed++;
        return super.arm(base, pages);
      }

      @Override
      public long[] written(long base, long pages) {
        return armed < 2 ? super.written(base, pages) : written;
      }

      @Override
      public long[] copied(long base, long pages) {
        return armed < 2 ? super.copied(base, pages) : copied;
      }
    };
  }

  static class CopiedWithoutAWrite extends Case {
    @RegisterExtension
    static final ZeroTouchExtension extension = on(after(new long[0], new long[] {5, 5}));
  }

  static class WrittenAndDropped extends Case {
    @RegisterExtension
    static final ZeroTouchExtension extension = on(after(new long[] {5, 5}, new long[0]));
  }

  @Test
  void one_witness_is_enough_to_fail_and_the_report_says_what_that_means() {
    String copied = Runs.fails(CopiedWithoutAWrite.class, "copies_nothing").getMessage();
    assertTrue(copied.contains("; copied without a write"), copied);
    assertTrue(copied.contains("write-protection: none; pagemap bit 61: 5\n"), copied);
    String dropped = Runs.fails(WrittenAndDropped.class, "copies_nothing").getMessage();
    assertTrue(dropped.contains("; written, and the copy was dropped again"), dropped);
    assertEquals(1, dropped.lines().filter(line -> line.startsWith("  page 5 ")).count(), dropped);
  }
}
