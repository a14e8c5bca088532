package io.github.zerotouchclone;

/**
 * What a {@link Binding} does if a map's keys are not the fields of the class. Immutable; any
 * thread.
 */
public enum FieldPolicy {
  /**
   * Keys without a field are ignored. Fields without a key get {@code null}, zero, {@code false} or
   * an empty optional in a record, and keep what the constructor gave them in a bean.
   */
  DEFAULTS,
  /**
   * Both are errors, with {@link Status#NO_SUCH_KEY}; but nothing that only has a setter is missed,
   * since it is not stored.
   */
  STRICT
}
