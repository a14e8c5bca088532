package io.github.zerotouchclone;

import org.jspecify.annotations.Nullable;

/**
 * The region was closed ({@link Status#CLOSED}), or its file was truncated or failed underneath the
 * mapping ({@link Status#LOST}). Open the file again to go on; copies that were made stay valid.
 * Immutable; any thread.
 */
public final class RegionClosedException extends RegionException {
  private static final long serialVersionUID = 1;

  /** See {@link RegionException#RegionException(Status, long, String, String)}. */
  public RegionClosedException(
      Status status, long offset, @Nullable String region, String message) {
    super(status, offset, region, message);
  }
}
