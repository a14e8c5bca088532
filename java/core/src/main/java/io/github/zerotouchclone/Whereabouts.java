package io.github.zerotouchclone;

import io.github.zerotouchclone.internal.Image;
import io.github.zerotouchclone.internal.Paths;
import java.util.ArrayDeque;

/** Where a view is in its record, and the errors that say so. */
final class Whereabouts {
  private static final int LONGEST = 1000; // characters of a path in a message

  private Whereabouts() {}

  /** The path of a view for a message. */
  static String shown(RecordCopy view) {
    StringBuilder out = new StringBuilder();
    append(out, view);
    return shown(out);
  }

  /** The path of a view. */
  static String path(RecordCopy view) {
    StringBuilder out = new StringBuilder();
    append(out, view);
    return out.toString();
  }

  /** References may make a view any number of steps deep. */
  private static void append(StringBuilder out, RecordCopy view) {
    ArrayDeque<RecordCopy> steps = new ArrayDeque<>();
    for (RecordCopy at = view; at.parent != null; at = at.parent) {
      steps.push(at);
    }
    out.append('$');
    for (RecordCopy step : steps) {
      appendStep(out, step.step, step.index);
    }
  }

  /** A path for a message: without its middle if it is long. */
  private static String shown(StringBuilder path) {
    int cut = path.length() - LONGEST;
    if (cut > 0) {
      int from = LONGEST / 2;
      int to = from + cut;
      from -= Character.isLowSurrogate(path.charAt(from)) ? 1 : 0;
      to += Character.isLowSurrogate(path.charAt(to)) ? 1 : 0;
      path.replace(from, to, " ... ");
    }
    return path.toString();
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
    return error(view, status, shown(out), reason);
  }

  /** The error for a view of another type than is wanted. */
  static RegionException mismatch(RecordCopy view, ValueType found, String wanted) {
    String reason = "the value is of type " + found + ", not " + wanted;
    return error(view, Status.TYPE_MISMATCH, shown(view), reason);
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
