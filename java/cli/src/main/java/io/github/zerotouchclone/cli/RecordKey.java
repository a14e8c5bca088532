package io.github.zerotouchclone.cli;

import io.github.zerotouchclone.RegionException;
import io.github.zerotouchclone.ValuePath;

/** Which value of a record is its key, if records have keys. Thread-safe. */
final class RecordKey {
  private final String text;
  private final ValuePath path;

  /**
   * Makes keys of what is at a path.
   *
   * @param path null for records without keys
   */
  RecordKey(String path) {
    this.text = path;
    this.path = path == null ? null : ValuePath.of(path);
  }

  /** Whether records have keys. */
  boolean isGiven() {
    return path != null;
  }

  /**
   * The record's key: a String or a Long; null without keys.
   *
   * @param line where the record is, for the message
   * @param column likewise
   */
  Object of(Object record, long line, long column) throws BadInput {
    if (path == null) {
      return null;
    }
    try {
      Object found = path.in(record);
      if (found instanceof String || found instanceof Long) {
        return found;
      }
    } catch (RegionException e) {
      throw new BadInput(line, column, "the record has no key: " + e.getMessage());
    }
    throw new BadInput(
        line, column, "the key at " + text + " is no string and no integer of 64 bits");
  }

  /** The key of a record that is known to have one. */
  Object of(Object record) {
    return path.in(record);
  }
}
