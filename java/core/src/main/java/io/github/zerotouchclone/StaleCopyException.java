package io.github.zerotouchclone;

import org.jspecify.annotations.Nullable;

/**
 * A view into a {@link CopyBuffer} was used after the buffer's next copy or after its close, or a
 * copy was to be made into a closed buffer. Use {@link RecordCopy#detach} for a copy that stays.
 * Immutable; any thread.
 */
public final class StaleCopyException extends RegionException {
  private static final long serialVersionUID = 1;

  /** See {@link RegionException#RegionException(Status, long, String, String)}. */
  public StaleCopyException(Status status, long offset, @Nullable String region, String message) {
    super(status, offset, region, message);
  }
}
