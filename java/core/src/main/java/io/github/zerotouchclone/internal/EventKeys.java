package io.github.zerotouchclone.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;

/**
 * The keys of maps as events: those that come often are written once and then are a number. The
 * keys of a map that is like the one before it, at the same place, are a list, which is written
 * once and then is a number, too.
 */
final class EventKeys {
  // Keys beyond these are written out each time, so that memory stays bounded.
  private static final int MAX_KEYS = 1 << 14;
  private static final int MAX_KEY_CHARS = 64;
  private static final int MAX_LISTS = 1 << 12;
  private static final int MAX_LIST = 256; // keys; the format allows more

  private static final int NO_NUMBER = -1;
  private static final int REFUSED = -2;

  private final HashMap<String, Integer> numbers;
  private final ArrayList<String> inOrder;
  private final boolean canDefine;
  private int misses;
  // By number of a key + 1: the number + 1 of the key that was written after it, or 0. Maps of one
  // kind have the same key objects in the same order, so this mostly saves looking the key up.
  private int[] successors = new int[64];
  private int last; // number of the last key + 1, or 0

  // By number of the key before a map + 1: the list that its keys should come from, and the hash of
  // the keys of the last map there that had no list.
  private KeyList[] expected = new KeyList[64];
  private long[] candidates = new long[64];
  private final ArrayList<KeyList> lists;
  private final HashMap<Long, KeyList> listsByHash;
  private OpenMap[] open = new OpenMap[0];
  private int depth;
  private int[] sequences = new int[64]; // numbers of the keys of open maps without list
  private int sequenced;

  /** No keys yet. */
  EventKeys() {
    numbers = new HashMap<>();
    inOrder = new ArrayList<>();
    lists = new ArrayList<>();
    listsByHash = new HashMap<>();
    canDefine = true;
  }

  /** The keys that another one has now; more are not defined, but written out. */
  EventKeys(EventKeys known) {
    numbers = new HashMap<>(known.numbers);
    inOrder = new ArrayList<>(known.inOrder);
    lists = new ArrayList<>(0); // of its own: none
    listsByHash = new HashMap<>(0);
    expected = known.expected.clone();
    successors = new int[known.successors.length]; // a list leads to any key
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

  /** Number of lists that are defined. */
  int listCount() {
    return lists.size();
  }

  /** Forgets keys and lists from a number on, since their events were dropped, and open maps. */
  void forgetFrom(int number, int list) {
    for (int i = inOrder.size() - 1; i >= number; i--) {
      numbers.remove(inOrder.remove(i));
    }
    if (lists.size() > list) {
      for (int i = lists.size() - 1; i >= list; i--) {
        listsByHash.values().remove(lists.remove(i));
      }
      Arrays.fill(expected, null);
    }
    Arrays.fill(candidates, 0); // which may be of keys that have other numbers soon
    last = 0;
    Arrays.fill(successors, 0);
    depth = 0;
    sequenced = 0;
  }

  /** Appends a key; nothing, and false, if it has an unpaired surrogate. */
  boolean write(String key, EventBuffer out) {
    return put(key, out) != REFUSED;
  }

  // ------------------------------------------------------------------------------------ whole maps

  /** Begins a map, whose first event comes with its first key or its end. */
  OpenMap begin() {
    if (depth == open.length) {
      open = Arrays.copyOf(open, depth + 16);
      for (int i = depth; i < open.length; i++) {
        open[i] = new OpenMap();
      }
    }
    OpenMap map = open[depth++];
    map.list = last < expected.length ? expected[last] : null;
    map.next = 0;
    map.begun = false;
    map.context = last;
    map.first = sequenced;
    map.hash = 0;
    map.numbered = true;
    return map;
  }

  /**
   * Appends a key of the innermost map, or what stands for it; false if it has an unpaired
   * surrogate, and then the record's events are to be dropped.
   */
  boolean write(OpenMap map, String key, EventBuffer out) {
    KeyList list = map.list;
    if (list != null) {
      int next = map.next;
      if (next < list.keys().length) {
        String known = list.keys()[next];
        if (known == key || known.equals(key)) {
          if (next == 0) {
            out.operand(EventBuffer.BEGIN_LISTED, list.number());
            map.begun = true;
          }
          map.next = next + 1;
          last = list.numbers()[next] + 1;
          return true;
        }
      }
      leave(map);
    }
    if (!map.begun) {
      out.opcode(EventBuffer.BEGIN_MAP);
      map.begun = true;
    }
    int number = put(key, out);
    append(map, number);
    return number != REFUSED;
  }

  /** Undoes the beginning of the innermost map, which had no key so far. */
  void drop() {
    depth--;
  }

  /** Ends the innermost map but for the event that says so. */
  void end(OpenMap map, EventBuffer out) {
    depth--;
    if (!map.begun) {
      out.opcode(EventBuffer.BEGIN_MAP);
    } else if (map.list == null || map.next < map.list.keys().length) {
      leave(map);
      learn(map, out);
    }
    sequenced = map.first;
  }

  /** From a list to the numbers of those of its keys that the map has. */
  private void leave(OpenMap map) {
    KeyList list = map.list;
    if (list != null) {
      map.list = null;
      for (int i = 0; i < map.next; i++) {
        append(map, list.numbers()[i]);
      }
    }
  }

  private void append(OpenMap map, int number) {
    if (number < 0) {
      map.numbered = false;
    } else if (canDefine) {
      if (sequenced == sequences.length) {
        sequences = Arrays.copyOf(sequences, 2 * sequenced);
      }
      sequences[sequenced++] = number;
      map.hash = (map.hash + number + 1) * 0x9e3779b97f4a7c15L;
      map.hash ^= map.hash >>> 32;
    }
  }

  /** Expects a list where two maps without one had the same keys. */
  private void learn(OpenMap map, EventBuffer out) {
    int count = sequenced - map.first;
    if (!canDefine || !map.numbered || count > MAX_LIST) {
      return;
    }
    int context = map.context;
    if (context >= candidates.length) {
      candidates = Arrays.copyOf(candidates, 2 * context);
      expected = Arrays.copyOf(expected, 2 * context);
    }
    if (candidates[context] != map.hash) {
      candidates[context] = map.hash;
      return;
    }
    int[] sequence = Arrays.copyOfRange(sequences, map.first, sequenced);
    KeyList list = listsByHash.get(map.hash);
    if (list == null && lists.size() < MAX_LISTS) {
      list = define(sequence, out);
      listsByHash.put(map.hash, list);
    }
    if (list != null && Arrays.equals(list.numbers(), sequence)) {
      expected[context] = list;
    }
  }

  private KeyList define(int[] sequence, EventBuffer out) {
    String[] keys = new String[sequence.length];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = inOrder.get(sequence[i]);
    }
    out.list(sequence);
    KeyList list = new KeyList(lists.size(), keys, sequence);
    lists.add(list);
    return list;
  }

  // -------------------------------------------------------------------------------------- one key

  /** Appends a key. Returns its number, NO_NUMBER, or REFUSED. */
  private int put(String key, EventBuffer out) {
    int successor = successors[last];
    if (successor != 0 && inOrder.get(successor - 1) == key) {
      last = successor;
      out.operand(EventBuffer.USE_KEY, successor - 1);
      return successor - 1;
    }
    Integer number = numbers.get(key);
    if (number != null) {
      follow(number);
      out.operand(EventBuffer.USE_KEY, number);
      return number;
    }
    if (inOrder.size() >= MAX_KEYS || key.length() > MAX_KEY_CHARS || !canDefine) {
      if (inOrder.size() < MAX_KEYS && key.length() <= MAX_KEY_CHARS) {
        misses++;
      }
      return out.text(EventBuffer.KEY, key) ? NO_NUMBER : REFUSED;
    }
    int mark = out.position();
    out.opcode(EventBuffer.DEFINE_KEY);
    // What is an opcode plus the encoding elsewhere is just the encoding here.
    if (!out.text((byte) 0, key)) {
      out.rewind(mark);
      return REFUSED;
    }
    int defined = inOrder.size();
    follow(defined);
    numbers.put(key, defined);
    inOrder.add(key);
    return defined;
  }

  private void follow(int number) {
    successors[last] = number + 1;
    last = number + 1;
    if (last >= successors.length) {
      successors = Arrays.copyOf(successors, 2 * last);
    }
  }
}
