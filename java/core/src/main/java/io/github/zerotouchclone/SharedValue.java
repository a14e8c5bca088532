package io.github.zerotouchclone;

/**
 * Stands for a value that is stored once and that any number of records point to; see {@link
 * RegionWriter#share}. Immutable, any thread.
 */
public final class SharedValue {
  private final int number;

  SharedValue(int number) {
    this.number = number;
  }

  /** The number of the value in its region; for people. */
  @Override
  public String toString() {
    return "SharedValue(" + number + ")";
  }
}
