package io.github.zerotouchclone;

import org.jspecify.annotations.Nullable;

/**
 * The native library could not be loaded, or is not the one that this jar needs. The message lists
 * every place that was looked at, and how to name another one. Immutable; any thread.
 */
public final class NativeLibraryException extends RegionException {
  private static final long serialVersionUID = 1;

  /** See {@link RegionException#RegionException(Status, long, String, String)}. */
  public NativeLibraryException(
      Status status, long offset, @Nullable String region, String message) {
    super(status, offset, region, message);
  }
}
