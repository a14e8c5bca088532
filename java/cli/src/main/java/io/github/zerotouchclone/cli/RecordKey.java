package io.github.zerotouchclone.cli;

import io.github.zerotouchclone.FieldHandle;
import io.github.zerotouchclone.RecordCopy;
import io.github.zerotouchclone.Region;
import io.github.zerotouchclone.RegionException;
import io.github.zerotouchclone.ValuePath;
import io.github.zerotouchclone.ValueType;

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

  /** What reads the key of a copy, or null if the record itself is the key. */
  FieldHandle field(Region region) {
    try {
      return region.field(text);
    } catch (RegionException e) {
      return null; // the path is well formed, so it has no step
    }
  }

  /** As {@link #of(Object, long, long)}; of the copy only the key is looked at, if it has one. */
  Object of(RecordCopy copy, FieldHandle field) throws BadInput {
    if (field != null && field.isPresent(copy)) {
      ValueType type = field.type(copy);
      if (type == ValueType.STRING || type == ValueType.I64) {
        return type == ValueType.STRING ? (Object) field.getString(copy) : field.getLong(copy);
      }
    }
    return of(copy.toObject(), 1, 1);
  }

  /** The key of a record that is known to have one. */
  Object of(Object record) {
    return path.in(record);
  }
}
