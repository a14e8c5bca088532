package io.github.zerotouchclone.cli;

import java.util.LinkedHashMap;
import java.util.Map;

/** Prints and counts what differs between two regions. Records are named by index or by key. */
final class Changes {
  private final Output output;
  private final boolean byKey;
  private final boolean json;
  private long equal;
  private long changed;
  private long added;
  private long removed;

  /**
   * Makes a report without changes.
   *
   * @param byKey whether records are named by key, not by index
   * @param json whether to print JSON lines, not text
   */
  Changes(Output output, boolean byKey, boolean json) {
    this.output = output;
    this.byKey = byKey;
    this.json = json;
  }

  /** Counts a record that both regions have. */
  void equal() {
    equal++;
  }

  /**
   * Prints a record that both have, but not with the same value.
   *
   * @param path where the first difference is
   */
  void changed(Object name, String path) {
    changed++;
    line("changed", name, path);
  }

  /** Prints a record that only the new region has. */
  void added(Object name) {
    added++;
    line("added", name, null);
  }

  /** Prints a record that only the old region has. */
  void removed(Object name) {
    removed++;
    line("removed", name, null);
  }

  private void line(String change, Object name, String path) {
    if (!json) {
      String text = name instanceof String ? JsonWriter.text(name) : name.toString();
      output.line(change + " " + text + (path == null ? "" : " " + path));
      return;
    }
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("change", change);
    line.put(byKey ? "key" : "index", name);
    if (path != null) {
      line.put("path", path);
    }
    output.line(JsonWriter.text(line));
  }

  /** Whether there was any change. */
  boolean any() {
    return changed + added + removed > 0;
  }

  /** Prints the counts, and everything that was not yet. */
  void summary() {
    if (json) {
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("changed", changed);
      line.put("added", added);
      line.put("removed", removed);
      line.put("equal", equal);
      output.line(JsonWriter.text(line));
    } else {
      output.line(
          String.format(
              "%,d changed, %,d added, %,d removed, %,d equal", changed, added, removed, equal));
    }
    output.flush();
  }
}
