package io.github.zerotouchclone.internal;

import io.github.zerotouchclone.Status;
import io.github.zerotouchclone.UnstorableValueException;

/**
 * Takes a value piece by piece. The caller balances what it begins and ends, gives a key before
 * each value of a map and an index before each element of a list, and no key twice.
 */
public final class EventSink {
  private final EventEncoder encoder;
  private final EventBuffer out;
  private final EventPath path;

  EventSink(EventEncoder encoder, EventBuffer out, EventPath path) {
    this.encoder = encoder;
    this.out = out;
    this.path = path;
  }

  /** Begins a map. */
  public void beginMap() {
    path.enter();
    out.opcode(EventBuffer.BEGIN_MAP);
  }

  /** Begins a list. */
  public void beginList() {
    path.enter();
    out.opcode(EventBuffer.BEGIN_LIST);
  }

  /** The key of the value that comes next. */
  public void key(String key) {
    path.key(key);
    if (!encoder.keys().write(key, out)) {
      throw fail(Status.UNSTORABLE, "the key has half of a surrogate pair");
    }
  }

  /** The index of the value that comes next. */
  public void index(int index) {
    path.index(index);
  }

  /** Ends the innermost map or list. */
  public void end() {
    out.opcode(EventBuffer.END);
    path.leave();
  }

  /** An integer of 64 bits. */
  public void integer(long value) {
    out.i64(value);
  }

  /** A number of double precision. */
  public void number(double value) {
    out.f64(value);
  }

  /** Any value that a record can be made of. */
  public void value(Object value) {
    encoder.value(value);
  }

  /** The error that the value at hand, or the one with the key given last, cannot be stored. */
  public UnstorableValueException fail(Status status, String reason) {
    return path.fail(status, reason);
  }
}
