package io.github.zerotouchclone.internal;

import io.github.zerotouchclone.RegionException;
import io.github.zerotouchclone.Status;

/**
 * A value cannot become the object that is wanted. Readers of the containers around the value put
 * their steps in front of the path while the error passes through them.
 */
final class PathError extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final Status status;
  private final String reason;
  private final StringBuilder path = new StringBuilder();

  PathError(Status status, String reason) {
    super(reason, null, false, false);
    this.status = status;
    this.reason = reason;
  }

  /** A value has another type than the one that is wanted. */
  static PathError mismatch(int type, String wanted) {
    return new PathError(
        Status.TYPE_MISMATCH,
        "the value is of type " + Converter.typeName(type) + ", not " + wanted);
  }

  /** A number does not fit. */
  static PathError lossy(Object value, String wanted) {
    return new PathError(Status.LOSSY, value + " does not fit " + wanted);
  }

  /** Adds the step to value {@code i} of a node. */
  PathError at(Node node, int i) {
    StringBuilder step = new StringBuilder();
    if (node.isMap()) {
      Paths.appendKey(step, node.key(i));
    } else if (node.isList() || node.isArray()) {
      Paths.appendIndex(step, i);
    }
    path.insert(0, step);
    return this;
  }

  /** Adds the step to a map entry that does not exist. */
  PathError atKey(String key) {
    StringBuilder step = new StringBuilder();
    Paths.appendKey(step, key);
    path.insert(0, step);
    return this;
  }

  /** Adds the step to an element. */
  PathError atIndex(long index) {
    path.insert(0, "[" + index + "]");
    return this;
  }

  /** The error for users; {@code root} is the path of the value that was to be converted. */
  RegionException of(Image image, String root) {
    String message = "record " + image.record() + ": " + root + path + ": " + reason;
    RegionException error =
        new RegionException(status, RegionException.NO_OFFSET, image.region(), message);
    return error;
  }
}
