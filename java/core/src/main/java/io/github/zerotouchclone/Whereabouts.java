package io.github.zerotouchclone;

import io.github.zerotouchclone.internal.Image;
import io.github.zerotouchclone.internal.Paths;

/** Where a view is in its record, and the errors that say so. */
final class Whereabouts {
  private Whereabouts() {}

  /** The path of a view. */
  static String path(RecordCopy view) {
    StringBuilder out = new StringBuilder();
    append(out, view);
    return out.toString();
  }

  private static void append(StringBuilder out, RecordCopy view) {
    if (view.parent == null) {
      out.append('$');
    } else {
      append(out, view.parent);
      appendStep(out, view.step, view.index);
    }
  }

  /** A step: a key or a handle, or, if that is null, an element. */
  private static void appendStep(StringBuilder out, Object step, int element) {
    if (step instanceof FieldHandle field) {
      field.path().appendTo(out);
    } else if (step != null) {
      Paths.appendKey(out, (String) step);
    } else {
      Paths.appendIndex(out, element);
    }
  }

  /** The error for the value that a step from a view leads to; see {@link RecordCopy#nested}. */
  static RegionException error(
      RecordCopy view, Status status, Object step, int element, String reason) {
    StringBuilder out = new StringBuilder();
    append(out, view);
    appendStep(out, step, element);
    return error(view, status, out.toString(), reason);
  }

  /** The error for a view of another type than is wanted. */
  static RegionException mismatch(RecordCopy view, ValueType found, String wanted) {
    String reason = "the value is of type " + found + ", not " + wanted;
    return error(view, Status.TYPE_MISMATCH, path(view), reason);
  }

  private static RegionException error(RecordCopy view, Status status, String path, String reason) {
    Image image = view.image();
    return new RegionException(
        status,
        RegionException.NO_OFFSET,
        image.region(),
        "record " + image.record() + ": " + path + ": " + reason);
  }
}
