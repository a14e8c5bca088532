package io.github.zerotouchclone.internal;

import java.util.ArrayList;
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
  }

  /** Appends a key; nothing, and false, if it has an unpaired surrogate. */
  boolean write(String key, EventBuffer out) {
    Integer number = numbers.get(key);
    if (number != null) {
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
    numbers.put(key, inOrder.size());
    inOrder.add(key);
    return true;
  }
}
