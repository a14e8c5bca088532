package io.github.zerotouchclone;

/**
 * A value that was given to a {@link RegionWriter} cannot be stored. The record was not written,
 * and the writer can be used on. Immutable; any thread.
 */
public final class UnstorableValueException extends RegionException {
  private static final long serialVersionUID = 1;

  private final long record;
  private final String valuePath;

  /**
   * @param status one of {@link Status#UNSTORABLE}, {@link Status#TOO_DEEP}, {@link
   *     Status#TOO_LARGE} and {@link Status#DUPLICATE_KEY}
   * @param region the path of the region
   * @param record the index that the record would have had, or -1
   * @param valuePath the path of the value inside the record, as {@code $.prefs.score}
   * @param reason what is wrong with the value
   */
  public UnstorableValueException(
      Status status, String region, long record, String valuePath, String reason) {
    super(status, NO_OFFSET, region, place(record) + ": " + valuePath + ": " + reason);
    this.record = record;
    this.valuePath = valuePath;
  }

  private static String place(long record) {
    return record < 0 ? "shared value" : "record " + record;
  }

  /** The index that the record would have had, or -1 if it is a value for {@code share}. */
  public long record() {
    return record;
  }

  /** The path of the value inside the record, as {@code $.prefs.score}. */
  public String valuePath() {
    return valuePath;
  }
}
