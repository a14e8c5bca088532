package io.github.zerotouchclone.internal;

/**
 * The keys of a map in their order, which the writer knows by a number.
 *
 * @param keys not to be changed
 * @param numbers of the keys; not to be changed
 */
record KeyList(int number, String[] keys, int[] numbers) {}
