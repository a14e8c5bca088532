package io.github.zerotouchclone;

/**
 * What went wrong, in the words of the C library: the same codes, names and texts.
 *
 * <p>A code never changes its meaning; new ones may be added, so a {@code switch} needs a default.
 *
 * <p>Immutable; any thread.
 */
public enum Status {
  /** Success; never found in an exception. */
  OK(0, "success"),
  /** An argument is not acceptable. */
  INVALID_ARGUMENT(10, "invalid argument"),
  /** A record or element index is negative or too large. */
  OUT_OF_RANGE(11, "index out of range"),
  /** A getter was asked for a type that the value does not have. */
  TYPE_MISMATCH(12, "the value has another type"),
  /** A map has no entry with this key. */
  NO_SUCH_KEY(13, "no such key"),
  /** A path does not follow the grammar. */
  BAD_PATH(14, "malformed path"),
  /** A call is not allowed now, for instance on a published writer. */
  WRONG_STATE(15, "call not allowed in this state"),
  /** A number does not fit the requested type without loss. */
  LOSSY(16, "the number does not fit the requested type without loss"),
  /** A destination is too small; handled inside this library. */
  BUFFER_TOO_SMALL(20, "the destination buffer is too small"),
  /** A workspace is too small; handled inside this library. */
  NEED_WORKSPACE(21, "the workspace is too small"),
  /** Native memory is exhausted. */
  NO_MEMORY(22, "out of memory"),
  /** The region was closed. */
  CLOSED(30, "the region is closed"),
  /** The region's file was truncated, or its device failed, while it was mapped. */
  LOST(31, "the region's file shrank or failed underneath the mapping"),
  /** The file is something else. */
  NOT_A_REGION(40, "not a region file"),
  /** The file is shorter than its header says. */
  TRUNCATED(41, "the region file is cut short"),
  /** The file was written by an incompatible version. */
  VERSION(42, "the region has an incompatible format version"),
  /** The file was written with another byte order. */
  BYTE_ORDER(43, "the region has another byte order"),
  /** Something that this library, or this machine, does not have is needed. */
  UNSUPPORTED(44, "the region needs a feature this library does not have"),
  /** The file has no bytes. */
  EMPTY_FILE(45, "the file is empty"),
  /** The bytes are not well formed. */
  CORRUPT(50, "the region's bytes are not well formed"),
  /** The bytes do not have the checksum that was stored with them. */
  CHECKSUM(51, "a checksum does not match"),
  /** A record is larger than it says itself. */
  BUDGET(52, "the record exceeds a budget that it declares itself"),
  /** A value has a type or content that a region cannot hold. */
  UNSTORABLE(60, "the value cannot be stored"),
  /**
   * A value is nested in more than 512 containers; or, in Java, it is nested in more than the
   * thread's stack has room for, which may be 2 KiB for each; or references would nest more objects
   * of a typed copy than 512 or than that, which {@link RecordCopy#toObject} does not mind.
   */
  TOO_DEEP(61, "the value is nested too deeply"),
  /**
   * A record or a string exceeds the limit of its size. In Java also: to tell the elements of a
   * typed set or the keys of a typed map apart would take too long; a typed text would be larger
   * than the copy by far; the records of a batch are together too large for a buffer.
   */
  TOO_LARGE(62, "the value is too large"),
  /** A map has two entries with the same key. */
  DUPLICATE_KEY(63, "the same key is given twice"),
  /** A system call failed; the message names it. */
  IO(70, "a system call failed"),
  /** There is no such file. */
  NOT_FOUND(71, "no such file"),
  /** The file may not be opened. */
  ACCESS(72, "permission denied");

  private static final Status[] VALUES = values();

  private final int code;
  private final String text;

  Status(int code, String text) {
    this.code = code;
    this.text = text;
  }

  /** The code that the C library uses for this status. */
  public int code() {
    return code;
  }

  /** One short English phrase. */
  public String text() {
    return text;
  }

  /**
   * The status with this code.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static Status ofCode(int code) {
    for (Status status : VALUES) {
      if (status.code == code) {
        return status;
      }
    }
    throw new IllegalArgumentException("no status has the code " + code);
  }
}
