package io.github.zerotouchclone.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;

/** The keys of maps as events: those that come often are written once and then are a number. */
final class EventKeys {
  // Keys beyond these are written out each time, so that memory stays bounded.
  private static final int MAX_KEYS = 1 << 14;
  private static final int MAX_KEY_CHARS = 64;

  private final HashMap<String, Integer> numbers;
  private final ArrayList<String> inOrder;
  private final boolean canDefine;
  private int misses;
  // By number of a key + 1: the number + 1 of the key that was written after it, or 0. Maps of one
  // kind have the same key objects in the same order, so this mostly saves looking the key up.
  private int[] successors = new int[64];
  private int last; // number of the last key + 1, or 0

  /** No keys yet. */
  EventKeys() {
    numbers = new HashMap<>();
    inOrder = new ArrayList<>();
    canDefine = true;
  }

  /** The keys that another one has now; more are not defined, but written out. */
  EventKeys(EventKeys known) {
    numbers = new HashMap<>(known.numbers);
    inOrder = new ArrayList<>(known.inOrder);
    canDefine = false;
  }

  /** How many keys were written out that a table which defines would have defined. */
  int misses() {
    return misses;
  }

  /** Number of keys that are defined. */
  int count() {
    return inOrder.size();
  }

  /** Forgets the keys from a number on, since their events were dropped. */
  void forgetFrom(int number) {
    for (int i = inOrder.size() - 1; i >= number; i--) {
      numbers.remove(inOrder.remove(i));
    }
    last = 0;
    Arrays.fill(successors, 0);
  }

  /** Appends a key; nothing, and false, if it has an unpaired surrogate. */
  boolean write(String key, EventBuffer out) {
    int expected = successors[last];
    if (expected != 0 && inOrder.get(expected - 1) == key) {
      last = expected;
      out.operand(EventBuffer.USE_KEY, expected - 1);
      return true;
    }
    Integer number = numbers.get(key);
    if (number != null) {
      follow(number);
      out.operand(EventBuffer.USE_KEY, number);
      return true;
    }
    if (inOrder.size() >= MAX_KEYS || key.length() > MAX_KEY_CHARS) {
      return out.text(EventBuffer.KEY, key);
    }
    if (!canDefine) {
      misses++;
      return out.text(EventBuffer.KEY, key);
    }
    int mark = out.position();
    out.opcode(EventBuffer.DEFINE_KEY);
    // What is an opcode plus the encoding elsewhere is just the encoding here.
    if (!out.text((byte) 0, key)) {
      out.rewind(mark);
      return false;
    }
    follow(inOrder.size());
    numbers.put(key, inOrder.size());
    inOrder.add(key);
    return true;
  }

  private void follow(int number) {
    successors[last] = number + 1;
    last = number + 1;
    if (last >= successors.length) {
      successors = Arrays.copyOf(successors, 2 * last);
    }
  }
}
