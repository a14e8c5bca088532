package io.github.zerotouchclone;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Everything that can go wrong with a region, its records and its copies.
 *
 * <p>The message is one sentence that says what is wrong, where, and if possible what to do. {@link
 * #status} is for programs. Subclasses exist only where a caller would want to catch them alone.
 *
 * <p>Immutable but for what every {@link Throwable} lets one add; any thread.
 */
public class RegionException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** {@link #offset} of an error that has no place. */
  public static final long NO_OFFSET = -1;

  private final Status status;
  private final long offset;
  private final String region;

  /**
   * @param status what went wrong
   * @param offset where: a byte offset, or {@link #NO_OFFSET}
   * @param region the path of the region, or {@code null} if there is none
   * @param message the whole message but the region's path, which is put in front of it
   */
  public RegionException(Status status, long offset, @Nullable String region, String message) {
    super(region == null ? message : region + ": " + message);
    this.status = status;
    this.offset = offset;
    this.region = region;
  }

  /** What went wrong. */
  public final Status status() {
    return status;
  }

  /**
   * Where the error is: a byte offset into the region's file, or into the copy if the message
   * speaks of a copy; {@link #NO_OFFSET} if the error has no place.
   */
  public final long offset() {
    return offset;
  }

  /** The path of the region that the error concerns, if it concerns one. */
  public final Optional<String> regionPath() {
    return Optional.ofNullable(region);
  }
}
