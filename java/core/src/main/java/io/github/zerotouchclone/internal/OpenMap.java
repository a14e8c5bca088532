package io.github.zerotouchclone.internal;

/** What {@link EventKeys} knows of a map whose keys it writes. */
final class OpenMap {
  /** The list that the keys came from so far, or null if there is none or a key was another. */
  KeyList list;

  /** Number of keys that came from it. */
  int next;

  /** Whether the event that begins the map is written. */
  boolean begun;

  /** Number + 1 of the key before the map, or 0. */
  int context;

  /** Where its keys begin in the stack of numbers; they are there only if there is no list. */
  int first;

  /** Of the numbers of its keys, if there is no list. */
  long hash;

  /** Whether all keys have numbers. */
  boolean numbered;
}
