package io.github.zerotouchclone.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.github.zerotouchclone.Region;
import io.github.zerotouchclone.ZeroTouchClone;
import io.github.zerotouchclone.junit.internal.NativePageWatch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.AssertionFailedError;

/** A page that a test un-shares is reported, with its records, and no other. */
class UnsharedPagesTest {
  @TempDir static Path folder;
  static Path file;
  static long pages;
  static int pageSize;

  @BeforeAll
  static void writeRegion() throws IOException {
    Regions.assumeScan();
    file = Regions.write(folder.resolve("marks.ztc"), 500);
    pageSize = new NativePageWatch().pageSize();
    pages = (Files.size(file) + pageSize - 1) / pageSize;
    assertTrue(pages > 20, pages + " pages are too few");
  }

  static class Cases {
    @ZeroTouch(from = "file")
    void stores_into_page_7(Region region) {
      Regions.storeSilently(region, 7);
    }

    @ZeroTouch(from = "file")
    void stores_into_the_first_and_the_last_page(Region region) {
      Regions.storeSilently(region, 0);
      Regions.storeSilently(region, pages - 1);
    }

    @ZeroTouch(from = "file")
    void stores_into_many_pages(Region region) {
      for (long page = 1; page < 20; page++) {
        Regions.storeSilently(region, page);
      }
    }

    @ZeroTouch(from = "file")
    void stores_from_another_thread_between_copies(Region region) throws InterruptedException {
      ZeroTouchClone.copy(region, 0).toObject();
      Thread thread = new Thread(() -> Regions.storeSilently(region, 3));
      thread.start();
      thread.join();
      ZeroTouchClone.copy(region, 1).toObject();
    }

    @ZeroTouch(from = "file")
    void stores_and_fails(Region region) {
      Regions.storeSilently(region, 4);
      fail("its own reason");
    }

    @ZeroTouch(from = "file")
    void closes_the_region(Region region) {
      Regions.storeSilently(region, 4);
      region.close();
    }

    static Path file() {
      return file;
    }
  }

  private static String report(String method) {
    return assertInstanceOf(AssertionFailedError.class, Runs.fails(Cases.class, method))
        .getMessage();
  }

  private static String line(String report, int page) {
    return report
        .lines()
        .filter(line -> line.startsWith("  page " + page + " "))
        .findFirst()
        .orElseThrow(() -> new AssertionError(report));
  }

  private static String range(TreeSet<Integer> records) {
    assertEquals(records.size() - 1, records.last() - records.first(), records.toString());
    return records.first() + "-" + records.last();
  }

  private static void assertContains(String part, String text) {
    assertTrue(text.contains(part), text);
  }

  @Test
  void a_silent_store_is_reported_with_its_page_and_the_records_in_it() throws IOException {
    String report = report("stores_into_page_7");
    assertContains(
        "page diff of " + file + ": the test un-shared 1 of " + pages + " pages: 7\n", report);
    assertEquals(
        "  page 7 (bytes "
            + 7 * pageSize
            + " to "
            + (8 * pageSize - 1)
            + "): records "
            + range(Regions.recordsIn(file, 7)),
        line(report, 7));
    assertContains(
        "Witnesses: PAGEMAP_SCAN with asynchronous userfaultfd write-protection: 7; pagemap bit"
            + " 61: 7\n",
        report);
    assertContains("Proved before the test: both report a silent store into page 4 of 8", report);
    assertContains("Kernel: Linux " + System.getProperty("os.version"), report);
  }

  @Test
  void pages_at_both_ends_are_reported() throws IOException {
    String report = report("stores_into_the_first_and_the_last_page");
    assertContains("un-shared 2 of " + pages + " pages: 0, " + (pages - 1) + "\n", report);
    assertContains("): records " + range(Regions.recordsIn(file, 0)), line(report, 0));
    // The index and the schema are at the end.
    assertTrue(Regions.recordsIn(file, (int) pages - 1).isEmpty());
    assertContains("): no record", line(report, (int) pages - 1));
  }

  @Test
  void many_pages_are_listed_as_a_range_and_the_first_ten_in_full() {
    String report = report("stores_into_many_pages");
    assertContains("un-shared 19 of " + pages + " pages: 1-19\n", report);
    assertEquals(10, report.lines().filter(line -> line.startsWith("  page ")).count(), report);
    assertContains("\n  and 9 more pages\n", report);
  }

  @Test
  void the_thread_does_not_matter() {
    assertContains("pages: 3\n", report("stores_from_another_thread_between_copies"));
  }

  @Test
  void a_test_that_fails_by_itself_keeps_its_reason_and_has_the_pages_with_it() {
    Throwable failure = Runs.fails(Cases.class, "stores_and_fails");
    assertEquals("its own reason", failure.getMessage());
    assertContains("pages: 4\n", failure.getSuppressed()[0].getMessage());
  }

  @Test
  void a_test_that_closes_the_region_is_unproven() {
    assertContains(
        "unproven: the region was closed, or its file was cut, while the test ran",
        report("closes_the_region"));
  }
}
