package io.github.zerotouchclone.internal;

import io.github.zerotouchclone.Ext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The part of a {@link Decoder} that is for ext values. One of a registered type is delivered as
 * what Java has for it. If its payload is not of the registered form, or somebody refers to a part
 * of it, it is an Ext like those of unknown types.
 */
final class ExtDecoder {
  private final Decoder decoder;
  private LooseKeys looseKeys; // sets and maps that are filled last

  ExtDecoder(Decoder decoder) {
    this.decoder = decoder;
  }

  /** The value of an EXT, without what may lead back to it. */
  Object make(Node ext) {
    if (ExtIds.isAtom(ext.arg)) {
      decoder.look(ext, ExtValues.size(ext));
      Object value = ExtValues.read(ext);
      if (value != null) {
        decoder.spend(ext, ext.end - ext.at - ext.head);
        return value;
      }
    } else if (ext.type(0) == Node.T_LIST) {
      Node list =
          ext.slot(0) == 0 ? null : ext.child(new Node(), Node.T_LIST, ext.slot(0), ext.head);
      int count = 0;
      if (list != null) {
        decoder.look(list, list.head);
        count = list.count;
      }
      if (list == null || !list.shared) {
        switch (ext.arg) {
          case ExtIds.SET -> {
            return areShallow(list, count, 1) ? new LinkedHashSet<>() : new LooseSet<>();
          }
          case ExtIds.TUPLE -> {
            return new ArrayList<>(count);
          }
          case ExtIds.MAP -> {
            if (count % 2 == 0) {
              return areShallow(list, count, 2) ? new LinkedHashMap<>() : new LooseMap<>();
            }
          }
          case ExtIds.OBJECT -> {
            if (count == 2 && isObject(list)) {
              return new LinkedHashMap<>();
            }
          }
          default -> {}
        }
      }
    }
    return Ext.incomplete(ext.arg);
  }

  /**
   * Whether every {@code step}th element has a hash code that does not depend on other values, and
   * equality that the stored values have, too; and if they are many, one order, so that it does no
   * harm if many have the same hash code. Large decimals have an order that takes too long.
   */
  private static boolean areShallow(Node list, int count, int step) {
    if (count > 0 && list.kind == Node.ROWS) {
      return false;
    }
    boolean many = count / step > LooseMap.MAX_COLLISIONS;
    int first = 0;
    Node child = new Node();
    for (int i = 0; i < count; i += step) {
      int type = list.type(i);
      boolean shallow = type < Node.T_LIST;
      if (type == Node.T_EXT) {
        int id = list.child(child, type, list.slot(i), list.head).arg;
        shallow =
            ExtIds.isDistinct(id)
                && !(many && !ExtIds.isOrdered(id))
                && !(id == ExtIds.DECIMAL && child.end - child.at > DecimalOrder.SMALL);
        type = Node.T_EXT + id;
      }
      first = i == 0 ? type : first;
      if (!shallow || (many && type != first)) {
        return false;
      }
    }
    return true;
  }

  /** Whether a list is a class name and fields that nobody else refers to. */
  private static boolean isObject(Node list) {
    return list.kind == Node.LIST
        && list.type(0) == Node.T_STRING
        && list.type(1) == Node.T_MAP
        && (list.slot(1) == 0
            || !list.child(new Node(), Node.T_MAP, list.slot(1), list.head).shared);
  }

  /** Completes what {@link #make} made. */
  @SuppressWarnings("unchecked")
  void fill(Node ext, Object object, int depth) {
    if (object instanceof Ext incomplete) {
      incomplete.complete(decoder.payload(ext, depth));
      return;
    }
    switch (ext.arg) {
      case ExtIds.SET ->
          fillSet(ext, (Set<Object>) object, elements(ext, new ArrayList<>(), depth));
      case ExtIds.TUPLE -> elements(ext, (List<Object>) object, depth);
      case ExtIds.MAP ->
          fillOtherMap(ext, (Map<Object, Object>) object, elements(ext, new ArrayList<>(), depth));
      case ExtIds.OBJECT -> fillFields(ext, (Map<String, Object>) object, depth);
      default -> {} // complete since it was made
    }
  }

  private List<Object> elements(Node ext, List<Object> to, int depth) {
    if (ext.slot(0) != 0) {
      decoder.fillElements(content(ext, depth), to, depth + 1);
    }
    return to;
  }

  private Node content(Node ext, int depth) {
    decoder.checkDepth(ext, depth);
    Node list = ext.child(decoder.level(depth), Node.T_LIST, ext.slot(0), ext.head);
    decoder.spend(list, list.head);
    return list;
  }

  private void fillSet(Node ext, Set<Object> set, List<Object> elements) {
    if (set instanceof LooseSet<?> loose) {
      looseKeys(ext).add(loose, elements);
    } else {
      set.addAll(elements);
      checkDistinct(ext, set.size(), elements.size());
    }
  }

  private void fillOtherMap(Node ext, Map<Object, Object> map, List<Object> elements) {
    List<Object> keys = new ArrayList<>(elements.size() / 2);
    List<Object> values = new ArrayList<>(elements.size() / 2);
    for (int i = 0; i < elements.size(); i += 2) {
      keys.add(elements.get(i));
      values.add(elements.get(i + 1));
    }
    if (map instanceof LooseMap<Object, Object> loose) {
      looseKeys(ext).add(loose, keys, values);
    } else {
      for (int i = 0; i < keys.size(); i++) {
        map.put(keys.get(i), values.get(i));
      }
      checkDistinct(ext, map.size(), keys.size());
    }
  }

  private void checkDistinct(Node ext, int distinct, int all) {
    if (distinct != all) {
      throw ext.image.corrupt(ext.at, "a set or map has the same key twice");
    }
  }

  private void fillFields(Node ext, Map<String, Object> map, int depth) {
    Node list = content(ext, depth);
    int minimum =
        decoder.spend(
            list, list.head, DataExtents.end(list, 0, list.head)); // behind the class name
    if (list.slot(1) != 0) {
      decoder.checkDepth(list, depth + 1);
      Node fields = list.child(decoder.level(depth + 1), Node.T_MAP, list.slot(1), minimum);
      decoder.spend(fields, fields.head);
      decoder.fillMap(fields, map, depth + 2, fields.head);
    }
  }

  private LooseKeys looseKeys(Node ext) {
    if (looseKeys == null) {
      looseKeys = LooseKeys.of(ext.image.size());
    }
    return looseKeys;
  }

  /** Fills the sets and maps whose elements had to be complete. */
  void finish() {
    if (looseKeys != null) {
      looseKeys.finish();
    }
  }
}
