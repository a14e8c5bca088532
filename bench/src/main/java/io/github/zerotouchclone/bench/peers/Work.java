package io.github.zerotouchclone.bench.peers;

import java.util.Locale;

/** How far a record is brought. */
public enum Work {
  /** Private bytes in a fresh array. */
  BYTES("private bytes, fresh array"),
  /** Private bytes in memory that is used again. */
  REUSED("private bytes, reused memory"),
  /** Ordinary mutable maps and lists. */
  TREE("Map and List tree"),
  /** An immutable map that shares its keys with the others of its shape. */
  COMPACT("compact immutable map"),
  /** A Java record of a Java record, strings and a list. */
  RECORD("record class"),
  /** A bean with setters. */
  BEAN("bean class"),
  /** The recipient, the subject and the time of creation, of twelve values. */
  FIELDS("three fields"),
  /** The same three fields through handles that were made once. */
  HANDLES("three fields by handle");

  private final String label;

  Work(String label) {
    this.label = label;
  }

  /** Words for a table. */
  public String label() {
    return label;
  }

  /** The name in identifiers. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The work of an identifier. */
  public static Work of(String id) {
    return valueOf(id.toUpperCase(Locale.ROOT));
  }

  /** What is stored so that this work can be done. */
  Form form() {
    return switch (this) {
      case RECORD -> Form.RECORD;
      case BEAN -> Form.BEAN;
      default -> Form.TREE;
    };
  }
}
