package io.github.zerotouchclone.internal;

/** A key of hash maps that stands for an object, and not for what is equal to it. */
final class Identity {
  private final Object object;

  Identity(Object object) {
    this.object = object;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Identity identity && identity.object == object;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(object);
  }
}
