package io.github.zerotouchclone;

import org.jspecify.annotations.Nullable;

/**
 * The bytes of a region or of a copy are damaged: {@link Status#CORRUPT}, {@link Status#CHECKSUM},
 * {@link Status#BUDGET} or {@link Status#TRUNCATED}. Only writing the region again helps.
 * Immutable; any thread.
 */
public final class CorruptRegionException extends RegionException {
  private static final long serialVersionUID = 1;

  /** See {@link RegionException#RegionException(Status, long, String, String)}. */
  public CorruptRegionException(
      Status status, long offset, @Nullable String region, String message) {
    super(status, offset, region, message);
  }
}
