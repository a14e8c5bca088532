package io.github.zerotouchclone.internal;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The keys of a DICT, which are strings in the node itself, and in order a second time. */
final class DictKeys {
  private static final int ENTRY = 16; // the slots of a key and its value
  private static final int PLACE = 4; // the number of an entry, in the order

  private DictKeys() {}

  private static int slotAt(Node dict, int i) {
    return dict.at + Node.HEAD + ENTRY * i;
  }

  private static long slot(Node dict, int i) {
    return LittleEndian.getLong(dict.image.bytes, slotAt(dict, i));
  }

  /** The key of entry {@code i}. */
  static String key(Node dict, int i) {
    return dict.stringIn(slotAt(dict, i), slot(dict, i));
  }

  /** Bytes of entry {@code i}'s key outside of its slot, as that claims. */
  static int size(Node dict, int i) {
    long slot = slot(dict, i);
    return Node.isInline(slot) ? 0 : Node.stringSize(slot);
  }

  /** Where the variable data of entry {@code i}'s key ends, counted from the node's start. */
  static int end(Node dict, int i, int minimum) {
    return dict.stringEnd(slot(dict, i), minimum);
  }

  /** All keys, in slot order; unmodifiable. */
  static List<String> all(Node dict) {
    List<String> keys = new ArrayList<>(dict.count);
    int minimum = dict.head;
    for (int i = 0; i < dict.count; i++) {
      minimum = end(dict, i, minimum); // or many keys could be the same bytes
      keys.add(key(dict, i));
    }
    return Collections.unmodifiableList(keys);
  }

  /** The entry with this key, or -1. O(log n). */
  static int find(Node dict, String key) {
    int kind = Strings.kind(key);
    if (kind == Strings.UTF8 && Strings.unpairedSurrogate(key) >= 0) {
      return -1; // no region has it; its encoding would be that of another key
    }
    return find(dict, kind, Strings.encode(key, kind));
  }

  /** The entry whose key has this kind and these bytes, or -1. O(log n). */
  static int find(Node dict, int kind, byte[] wanted) {
    int order = slotAt(dict, dict.count);
    int low = 0;
    int high = dict.count - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int entry = LittleEndian.getInt(dict.image.bytes, order + PLACE * middle);
      if (entry < 0 || entry >= dict.count) {
        throw dict.image.corrupt(
            order + PLACE * middle, "the order names an entry that does not exist");
      }
      int comparison = compare(dict, entry, kind, wanted);
      if (comparison == 0) {
        return entry;
      }
      if (comparison < 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return -1;
  }

  /** By kind, size, and bytes. */
  private static int compare(Node dict, int entry, int kind, byte[] wanted) {
    int position = slotAt(dict, entry);
    long slot = slot(dict, entry);
    boolean inline = Node.isInline(slot);
    int kindHere = inline ? Node.inlineKind(slot) : (int) (slot >>> 62);
    int size = inline ? Node.inlineSize(slot) : Node.stringSize(slot);
    if (kindHere != kind) {
      return kindHere - kind;
    }
    if (size != wanted.length) {
      return Integer.compare(size, wanted.length);
    }
    int from = inline ? position : dict.at + dict.outOfLine(slot & 0xffff_ffffL, size, dict.head);
    for (int i = 0; i < size; i++) {
      int difference = (dict.image.bytes[from + i] & 0xff) - (wanted[i] & 0xff);
      if (difference != 0) {
        return difference;
      }
    }
    return 0;
  }
}
