package io.github.zerotouchclone.bench.data;

import java.util.Map;

/**
 * A numbered collection of records, the same in every process and on every JDK.
 *
 * <p>A record is a tree of {@link java.util.LinkedHashMap}, {@link java.util.ArrayList}, {@link
 * String}, {@link Long}, {@link Double} and {@link Boolean}. Each call makes a fresh one, which the
 * caller may keep and change.
 */
public interface DataSet {

  /** Returns a short name, fit for a file name. */
  String name();

  /** Returns the number of records. */
  long count();

  /**
   * Makes one record.
   *
   * @param index from 0 to {@link #count()} - 1
   * @return a fresh tree
   * @throws IndexOutOfBoundsException if there is no such record
   */
  Map<String, Object> record(long index);

  /**
   * Hands every record to the visitor, in the order of the indices, one at a time: memory does not
   * grow with the number of records.
   *
   * @param visitor gets the index and a fresh tree
   */
  default void forEach(Visitor visitor) {
    for (long index = 0; index < count(); index++) {
      visitor.visit(index, record(index));
    }
  }

  /** Receives the records of a data set. */
  @FunctionalInterface
  interface Visitor {

    /**
     * Takes one record.
     *
     * @param index the record's index
     * @param record the record, which the visitor may keep
     */
    void visit(long index, Map<String, Object> record);
  }
}
