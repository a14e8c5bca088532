package io.github.zerotouchclone;

import org.jspecify.annotations.Nullable;

/**
 * A value of a type that regions do not have themselves, as the pair that is stored for it: a
 * registered type id and one payload. A value whose id this library does not know is delivered like
 * this, never dropped.
 *
 * <p>This is a class and not a record because an object may contain itself: the payload is set
 * once, while the copy that the value belongs to is turned into objects, and does not change
 * afterwards. Equality is identity. Once delivered it is immutable; any thread, like the payload if
 * that may be.
 */
public final class Ext {
  private final int id;
  private Object payload;
  private boolean complete;

  private Ext(int id) {
    this.id = id;
  }

  /** A value with this type id and payload; the payload may be {@code null}. */
  public Ext(int id, @Nullable Object payload) {
    this.id = id;
    this.payload = payload;
    this.complete = true;
  }

  /**
   * A value whose payload is given later, once, with {@link #complete}; for payloads that lead back
   * to the value.
   */
  public static Ext incomplete(int id) {
    return new Ext(id);
  }

  /**
   * Sets the payload of a value made by {@link #incomplete}, and returns this value.
   *
   * @throws IllegalStateException if there is a payload already
   */
  public Ext complete(@Nullable Object value) {
    if (complete) {
      throw new IllegalStateException("the payload of ext " + idText() + " is set already");
    }
    payload = value;
    complete = true;
    return this;
  }

  /**
   * The type id, an unsigned 32-bit number; the format document lists those that are registered.
   */
  public int id() {
    return id;
  }

  /** The payload; may be {@code null}. */
  public @Nullable Object payload() {
    return payload;
  }

  /** The type id and the type of the payload; the payload itself may be a cycle. */
  @Override
  public String toString() {
    return "Ext("
        + idText()
        + ", "
        + (payload == null ? "null" : payload.getClass().getSimpleName())
        + ")";
  }

  private String idText() {
    return Integer.toUnsignedString(id);
  }
}
