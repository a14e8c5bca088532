package io.github.zerotouchclone.internal;

import io.github.zerotouchclone.Status;
import io.github.zerotouchclone.UnstorableValueException;
import java.util.Arrays;

/** Where in a record the value at hand is: for the limit of depth, and for messages. */
final class EventPath {
  // Instead of an index: there is no step yet, or it is a key.
  private static final int NO_STEP = -1;
  private static final int KEY = -2;

  private final String region;
  private long record;
  private int depth; // containers around the value at hand
  // By container: the key or index of the value inside it that is at hand. A key stays behind when
  // its container ends: to clear it would be a store for each container.
  private String[] keys = new String[8];
  private int[] indices = new int[8];

  /**
   * @param region the path of the region, for messages
   */
  EventPath(String region) {
    this.region = region;
  }

  /** Goes to the root of a record, or of a value that records share if the number is negative. */
  void reset(long newRecord) {
    record = newRecord;
    depth = 0;
  }

  /** Goes into a container that begins. */
  void enter() {
    requireDepth(1);
    if (depth == keys.length) {
      keys = Arrays.copyOf(keys, 2 * depth);
      indices = Arrays.copyOf(indices, 2 * depth);
    }
    indices[depth] = NO_STEP;
    depth++;
  }

  /** Goes back to the container itself. */
  void leave() {
    depth--;
  }

  /** Goes to the entry with this key of the container. */
  void key(String key) {
    keys[depth - 1] = key;
    indices[depth - 1] = KEY;
  }

  /** Goes to the element with this index of the container. */
  void index(int index) {
    indices[depth - 1] = index;
  }

  /** Checks that so many containers may begin here inside each other. */
  void requireDepth(int levels) {
    if (depth + levels > Decoder.MAX_DEPTH) {
      throw fail(
          Status.TOO_DEEP, "more than " + Decoder.MAX_DEPTH + " containers inside each other");
    }
  }

  /** The error for the value at hand. */
  UnstorableValueException fail(Status status, String reason) {
    StringBuilder path = new StringBuilder("$");
    for (int i = 0; i < depth; i++) {
      if (indices[i] == KEY) {
        Paths.appendKey(path, keys[i]);
      } else if (indices[i] != NO_STEP) {
        Paths.appendIndex(path, indices[i]);
      }
    }
    return new UnstorableValueException(status, region, record, path.toString(), reason);
  }

  /** The error for a record as a whole. */
  UnstorableValueException failRecord(Status status, String reason) {
    return new UnstorableValueException(status, region, record, "$", reason);
  }
}
