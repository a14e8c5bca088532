package io.github.zerotouchclone.bench.peers;

import java.io.IOException;
import java.util.Set;

/** A way to bring records to a Java program: this library, a peer, or a floor. */
public interface Contender {

  /** A short name, fit for identifiers. */
  String id();

  /** What it is and how it is set up, in a line of a table. */
  String description();

  /** What kind of contender it is. */
  Role role();

  /** The works that it does. */
  Set<Work> works();

  /**
   * Opens the records for one thread; writes its files first if they are not there.
   *
   * @param files the records
   * @param work one of {@link #works()}
   * @return a reader, to be closed
   * @throws IOException if files cannot be written or read
   * @throws UnavailableException if it does not run on this JDK
   */
  Reader open(RecordFiles files, Work work) throws IOException;

  /**
   * As {@link #open}, to bring many records at once.
   *
   * @param work one of {@link #works()} that makes objects
   * @throws IllegalArgumentException if it has no way that is faster than one by one
   */
  default BatchReader openBatches(RecordFiles files, Work work) throws IOException {
    throw new IllegalArgumentException(id() + " brings one record after the other");
  }

  /** What kind of contender. */
  enum Role {
    /** This library. */
    OURS,
    /** Less than anything that checks could do. */
    FLOOR,
    /** What a user would take instead. */
    PEER,
    /** A peer that does less: its values are not independent, or were never shared. */
    LESS
  }
}
