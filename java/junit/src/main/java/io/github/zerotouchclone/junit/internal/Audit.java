package io.github.zerotouchclone.junit.internal;

import io.github.zerotouchclone.Region;
import io.github.zerotouchclone.RegionOption;
import io.github.zerotouchclone.internal.RegionAccess;
import java.lang.ref.Reference;
import java.nio.file.Path;
import org.opentest4j.AssertionFailedError;

/**
 * One region on an audit mapping, watched from {@link #proveAndArm} to {@link #verify}. One thread
 * at a time; what is watched is the whole process.
 */
public final class Audit implements AutoCloseable {
  private static final int SPARE_PAGES = 8;
  private static final int NOT_ARMED = -1;

  private final Path file;
  private final PageWatch watch;
  private final Region region;
  private final long base;
  private final long pages;
  private int armed = NOT_ARMED;
  private String proof;

  private Audit(Path file, PageWatch watch) {
    this.file = file;
    this.watch = watch;
    this.region = Region.open(file, RegionOption.AUDIT);
    this.base = RegionAccess.base(region);
    this.pages = (region.size() + watch.pageSize() - 1) / watch.pageSize();
  }

  /**
   * Opens a region file on an audit mapping.
   *
   * @throws io.github.zerotouchclone.RegionException as {@link Region#open}
   */
  public static Audit open(Path file, PageWatch watch) {
    return new Audit(file, watch);
  }

  /** The region that the test works on. */
  public Region region() {
    return region;
  }

  /** Whether {@link #proveAndArm} succeeded. */
  public boolean isArmed() {
    return armed != NOT_ARMED;
  }

  /**
   * Shows on a spare mapping that a silent store is seen, then watches the region.
   *
   * @throws AssertionFailedError if it is not seen, or if the region cannot be watched
   */
  public void proveAndArm() {
    try {
      prove();
      armed = watch.arm(base, pages);
    } catch (IllegalStateException e) {
      throw unproven(e.getMessage());
    }
  }

  private void prove() {
    // Opened in the same way, so that this is the same kind of mapping.
    try (Region spare = Region.open(file, RegionOption.AUDIT)) {
      long spareBase = RegionAccess.base(spare);
      long sparePages = Math.min(pages, SPARE_PAGES);
      long page = sparePages / 2;
      int fd = watch.arm(spareBase, sparePages);
      try {
        expect("before a store", spareBase, sparePages, new Ranges());
        watch.storeSilently(spareBase + page * watch.pageSize());
        expect(
            "after a silent store into page " + page,
            spareBase,
            sparePages,
            new Ranges(page, page));
      } finally {
        watch.release(fd);
      }
      Reference.reachabilityFence(spare);
      proof = "a silent store into page " + page + " of " + sparePages;
    }
  }

  private void expect(String when, long at, long count, Ranges expected) {
    Ranges written = new Ranges(watch.written(at, count));
    Ranges copied = new Ranges(watch.copied(at, count));
    if (!written.isSame(expected) || !copied.isSame(expected)) {
      throw new IllegalStateException(
          "on a spare mapping, "
              + when
              + ", both witnesses must report these pages: "
              + expected
              + "; but PAGEMAP_SCAN reports "
              + written
              + ", and pagemap bit 61 "
              + copied);
    }
  }

  private AssertionFailedError unproven(String reason) {
    return new AssertionFailedError("page diff of " + file + ": unproven: " + reason);
  }

  /**
   * Asks the witnesses.
   *
   * @throws AssertionFailedError with pages and records, if a page is not shared any more; or if
   *     that cannot be told, because the test closed the region or its file was lost
   */
  public void verify() {
    Ranges written;
    Ranges copied;
    try {
      written = new Ranges(watch.written(base, pages));
      copied = new Ranges(watch.copied(base, pages));
    } catch (IllegalStateException e) {
      throw unproven(region.isOpen() ? e.getMessage() : closed());
    }
    if (!region.isOpen()) {
      throw unproven(closed());
    }
    if (!written.isEmpty() || !copied.isEmpty()) {
      throw new AssertionFailedError(
          new Finding(region, pages, watch.pageSize(), written, copied).describe(file, proof));
    }
  }

  private static String closed() {
    return "the region was closed, or its file was cut, while the test ran; its pages are gone";
  }

  /** Closes the region. Idempotent. */
  @Override
  public void close() {
    if (armed != NOT_ARMED) {
      watch.release(armed);
      armed = NOT_ARMED;
    }
    region.close();
  }
}
