package io.github.zerotouchclone.internal;

import io.github.zerotouchclone.CorruptRegionException;
import io.github.zerotouchclone.RegionClosedException;
import io.github.zerotouchclone.RegionException;
import io.github.zerotouchclone.Status;

/** A call of the C library failed; the facade turns it into an exception that names the region. */
public final class NativeFailure extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final Status status;
  private final long offset;
  private final int errno;

  /** A failure that is not known to concern a region yet. */
  public NativeFailure(Status status, long offset, String message) {
    this(status, offset, 0, message);
  }

  /** The same of a system call that failed; {@code errno} is 0 if none did. */
  NativeFailure(Status status, long offset, int errno, String message) {
    super(errno == 0 ? message : message + " (errno " + errno + ")", null, false, false);
    this.status = status;
    this.offset = offset;
    this.errno = errno;
  }

  /** Whether addresses were scarce, or places for mappings, rather than memory. */
  boolean lacksAddresses() {
    return status == Status.NO_MEMORY && errno != 0;
  }

  /** The status of the call. */
  public Status status() {
    return status;
  }

  /** Where: in a region, in events or in a path, as the call says; -1 if nowhere. */
  public long offset() {
    return offset;
  }

  /** The exception that users get, with a place in front of the message. */
  public RegionException in(String region, String place) {
    return exception(status, offset, region, place + getMessage());
  }

  /** The exception that users get. */
  public RegionException at(String region) {
    return exception(status, offset, region, getMessage());
  }

  /** The exception for a status: the one place that decides about subclasses. */
  public static RegionException exception(
      Status status, long offset, String region, String message) {
    return switch (status) {
      case CLOSED, LOST -> new RegionClosedException(status, offset, region, message);
      case CORRUPT, CHECKSUM, BUDGET, TRUNCATED ->
          new CorruptRegionException(status, offset, region, message);
      default -> new RegionException(status, offset, region, message);
    };
  }
}
