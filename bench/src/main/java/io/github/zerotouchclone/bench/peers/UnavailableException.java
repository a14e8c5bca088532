package io.github.zerotouchclone.bench.peers;

/** A contender cannot run here; the message says why. */
public final class UnavailableException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /**
   * Notes why.
   *
   * @param reason for the report
   * @param cause may be {@code null}
   */
  public UnavailableException(String reason, Throwable cause) {
    super(reason, cause);
  }
}
