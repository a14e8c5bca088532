package io.github.zerotouchclone.cli;

/** Nobody reads standard output any more, as with {@code | head}: a reason to end, no failure. */
final class ReaderGone extends RuntimeException {
  private static final long serialVersionUID = 1;

  ReaderGone() {
    super(null, null, false, false);
  }
}
