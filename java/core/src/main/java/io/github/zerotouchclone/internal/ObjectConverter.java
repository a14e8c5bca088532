package io.github.zerotouchclone.internal;

import io.github.zerotouchclone.RegionException;
import io.github.zerotouchclone.Status;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * To objects of one class, from maps. For each shape of maps that it meets it has a {@link Maker}
 * generated, once; for maps without a shape, and if there are very many shapes, it uses one that is
 * not.
 *
 * <p>Makers belong to the class and to the content of a shape, not to a region: a region that is
 * opened again finds them. What is kept does not grow with the number of regions.
 */
final class ObjectConverter extends NodeConverter {
  /** Shapes to generate code for. */
  private static final int GENERATED = 64;

  private static final int RECENT = 64; // a power of two
  private static final int ALIKE = 4; // shapes of one layout, of as many regions; a power of two
  private static final int KEPT = 64; // misses until one of them gives way; a power of two

  final ObjectModel model;
  final boolean strict;
  private final Map<Shape.Layout, Maker> makers = new ConcurrentHashMap<>();
  // By identity of shapes; races only cost a second look, as entries are immutable.
  private final Recent[] recent = new Recent[RECENT];
  private Recent latest; // of these, the one that was made last
  private int misses;
  private Maker general;

  private record Recent(Shape shape, Maker maker) {}

  ObjectConverter(ObjectModel model, boolean strict) {
    super(model.kindName());
    this.model = model;
    this.strict = strict;
  }

  @Override
  boolean accepts(int type) {
    return type == Node.T_MAP || type == Node.T_EXT;
  }

  @Override
  boolean isOpaque() {
    return !model.isRecord();
  }

  @Override
  Object create(TypedDecoder decoder, Node node) {
    return model.create();
  }

  @Override
  Object fill(TypedDecoder decoder, Node node, int depth, Object created) {
    if (node.kind == Node.MAP) {
      return maker(node.shape).make(decoder, node, depth, created);
    }
    if (node.kind == Node.EXT) {
      return ofExt(decoder, node, depth, created);
    }
    return general().make(decoder, node, depth, created);
  }

  /** Ext 18 holds [class name, fields]. */
  private Object ofExt(TypedDecoder decoder, Node ext, int depth, Object created) {
    if (ext.arg == ExtIds.OBJECT && ext.valueType(0) == Node.T_LIST && !ext.isEmptyContainer(0)) {
      Node pair = ext.container(0);
      if (pair.kind == Node.LIST && pair.count == 2 && pair.valueType(1) == Node.T_MAP) {
        if (pair.isEmptyContainer(1)) {
          return general().make(decoder, null, depth, created);
        }
        Node fields = pair.container(1);
        decoder.spend(pair, pair.head + fields.head);
        return fill(decoder, fields, depth + 1, created);
      }
    }
    throw PathError.mismatch(Node.T_EXT, wanted);
  }

  @Override
  Object readEmpty(TypedDecoder decoder, int type) {
    if (type != Node.T_MAP) {
      throw PathError.mismatch(type, wanted);
    }
    return general().make(decoder, null, 0, model.create());
  }

  @Override
  boolean takes(int type) {
    return type == Node.T_MAP;
  }

  @Override
  int check(Plain copy, int at, int slot, int minimum, int end) {
    return copy.checkObject(at, slot, minimum, end, this);
  }

  @Override
  Object take(Plain copy, int at, int slot) {
    return copy.object(at, slot, this);
  }

  /**
   * What makes objects of maps of a shape; always the same for a shape that it was generated for.
   */
  Maker maker(Shape shape) {
    Recent entry = latest;
    return entry != null && entry.shape == shape ? entry.maker : recentMaker(shape);
  }

  private Maker recentMaker(Shape shape) {
    int first = shape.layout().hashCode();
    for (int i = 0; i < ALIKE; i++) {
      Recent entry = recent[(first + i) & (RECENT - 1)];
      if (entry == null) {
        return remember(shape, first + i);
      }
      if (entry.shape == shape) {
        return entry.maker;
      }
    }
    // Many regions that are read in turn, or shapes of those that are closed: only at times does
    // one
    // give way, so that the others do not lose their places, too.
    int miss = misses++;
    return miss % KEPT == 0 ? remember(shape, first + miss / KEPT % ALIKE) : find(shape);
  }

  private Maker remember(Shape shape, int place) {
    Recent entry = new Recent(shape, find(shape));
    recent[place & (RECENT - 1)] = entry;
    latest = entry;
    return entry.maker;
  }

  private Maker find(Shape shape) {
    Maker known = makers.get(shape.layout());
    if (known != null) {
      return known;
    }
    // Several threads may pass the limit together, by one each.
    if (makers.size() >= GENERATED || !MakerFactory.canGenerate(model, shape)) {
      return general();
    }
    return makers.computeIfAbsent(
        shape.layout(), layout -> MakerFactory.generate(model, shape, strict));
  }

  private Maker general() {
    if (general == null) {
      general = new GeneralMaker(model, strict);
    }
    return general;
  }

  /** For maps whose layout is not known before: looks each field up. */
  private static final class GeneralMaker extends Maker {
    private final ObjectModel model;
    private final boolean strict;

    GeneralMaker(ObjectModel model, boolean strict) {
      this.model = model;
      this.strict = strict;
    }

    @Override
    Object make(TypedDecoder decoder, Node map, int depth, Object into) {
      ObjectModel.Field[] fields = model.fields();
      Object[] values = new Object[fields.length];
      int found = 0;
      boolean[] present = new boolean[fields.length];
      for (int f = 0; f < fields.length; f++) {
        int i = map == null ? -1 : map.find(fields[f].name());
        if (i >= 0) {
          found++;
          present[f] = true;
          values[f] = fields[f].converter().read(decoder, map, i, map.type(i), depth);
        } else if (strict && fields[f].required()) {
          throw missing(fields[f].name(), model);
        } else {
          values[f] = fields[f].defaultValue();
        }
      }
      if (strict && map != null && found < map.count) {
        throw extra(map, model);
      }
      return model.build(into, values, present);
    }
  }

  static PathError missing(String name, ObjectModel model) {
    return new PathError(
            Status.NO_SUCH_KEY, "the map has no such key, and " + model.kindName() + " needs it")
        .atKey(name);
  }

  static PathError extra(Node map, ObjectModel model) {
    for (int i = 0; i < map.count; i++) {
      if (model.field(map.key(i)) < 0) {
        return new PathError(Status.NO_SUCH_KEY, model.kindName() + " has no such field")
            .at(map, i);
      }
    }
    throw new AssertionError(map.count);
  }

  /** The error for a class that no objects can be made of. */
  static RegionException unusable(Class<?> type, String reason) {
    return new RegionException(
        Status.INVALID_ARGUMENT,
        RegionException.NO_OFFSET,
        null,
        "cannot make objects of " + type.getTypeName() + ": " + reason);
  }
}
