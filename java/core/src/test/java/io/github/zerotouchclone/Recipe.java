package io.github.zerotouchclone;

import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.Period;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/**
 * How a graph of objects is made: containers by number, each with what is in it, scalars or the
 * numbers of containers. So any graph can come, and shrinks to a small one.
 *
 * @param nodes the containers; the first is the root
 */
record Recipe(List<Node> nodes) {
  /** A container; {@code numbers} are the content of a typed array. */
  record Node(Kind kind, List<Object> children, List<Long> numbers) {}

  /** Stands for a container. */
  record Ref(int number) {}

  enum Kind {
    LIST,
    ARRAY,
    MAP,
    SET,
    OTHER_MAP,
    BEAN,
    PAIR,
    EXT,
    BOOLEANS,
    SHORTS,
    INTS,
    LONGS,
    FLOATS,
    DOUBLES
  }

  enum Colour {
    RED,
    BLUE
  }

  record Pair(Object left, @Field("the right") Object right) implements Graphs.Fields {
    @Override
    public Map<String, Object> fields() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("left", left);
      map.put("the right", right);
      return map;
    }
  }

  static final class Bean implements Graphs.Fields {
    private Object first;
    public int size;
    public Object last;

    public Object getFirst() {
      return first;
    }

    @Override
    public Map<String, Object> fields() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("first", first);
      map.put("size", size);
      map.put("last", last);
      return map;
    }
  }

  // ------------------------------------------------------------------------------------- arbitrary

  static Arbitrary<Recipe> any() {
    Arbitrary<Object> child =
        Arbitraries.frequencyOf(
            net.jqwik.api.Tuple.of(3, scalars()),
            net.jqwik.api.Tuple.of(2, Arbitraries.integers().between(0, 30).map(Ref::new)));
    Arbitrary<Node> node =
        Combinators.combine(
                Arbitraries.of(Kind.class),
                child.list().ofMaxSize(6),
                Arbitraries.longs().list().ofMaxSize(12))
            .as(Node::new);
    return node.list().ofMinSize(1).ofMaxSize(30).map(Recipe::new);
  }

  private static Arbitrary<Object> scalars() {
    Arbitrary<Long> longs = Arbitraries.longs();
    Arbitrary<Integer> nanos = Arbitraries.integers().between(0, 999_999_999);
    Arbitrary<Long> seconds =
        Arbitraries.longs()
            .between(
                LocalDateTime.MIN.toEpochSecond(ZoneOffset.UTC) + 86_400,
                LocalDateTime.MAX.toEpochSecond(ZoneOffset.UTC) - 86_400);
    Arbitrary<LocalDateTime> times =
        Combinators.combine(seconds, nanos)
            .as((second, nano) -> LocalDateTime.ofEpochSecond(second, nano, ZoneOffset.UTC));
    Arbitrary<String> strings =
        Arbitraries.oneOf(
            Arbitraries.strings().ascii().ofMaxLength(20),
            Arbitraries.strings().withCharRange('\u0000', '\u00ff').ofMaxLength(20),
            Arbitraries.strings().all().ofMaxLength(20),
            Arbitraries.strings().withCharRange('\ud7f0', '\ue010').ofMaxLength(4));
    return Arbitraries.oneOf(
        Arbitraries.of((Object) null, true, false, Colour.RED, Colour.BLUE, "RED"),
        strings.map(each -> each),
        Arbitraries.integers().map(each -> each),
        longs.map(each -> each),
        Arbitraries.shorts().map(each -> each),
        Arbitraries.bytes().map(each -> each),
        Arbitraries.doubles().map(each -> each),
        longs.map(Double::longBitsToDouble),
        Arbitraries.floats().map(each -> each),
        Arbitraries.chars().all().map(each -> each),
        Arbitraries.bigIntegers().map(each -> each),
        longs.map(each -> BigInteger.valueOf(each).shiftLeft((int) (each & 127))),
        Combinators.combine(longs, Arbitraries.integers())
            .as((unscaled, scale) -> new BigDecimal(BigInteger.valueOf(unscaled), scale)),
        Combinators.combine(longs, longs).as(UUID::new),
        Arbitraries.strings().alpha().ofMinLength(1).map(each -> URI.create("x:" + each)),
        Combinators.combine(
                Arbitraries.longs()
                    .between(Instant.MIN.getEpochSecond(), Instant.MAX.getEpochSecond()),
                nanos)
            .as(Instant::ofEpochSecond),
        Combinators.combine(longs, nanos).as(Duration::ofSeconds),
        times.map(LocalDateTime::toLocalDate),
        times.map(LocalDateTime::toLocalTime),
        times.map(each -> each),
        Combinators.combine(times, Arbitraries.integers().between(-64_800, 64_800))
            .as((time, offset) -> time.atOffset(ZoneOffset.ofTotalSeconds(offset))),
        Combinators.combine(
                times, Arbitraries.of("Europe/Berlin", "America/New_York", "UTC", "+05:30", "Z"))
            .as((time, zone) -> time.atZone(ZoneId.of(zone))),
        Combinators.combine(Arbitraries.integers(), Arbitraries.integers(), Arbitraries.integers())
            .as(Period::of),
        Arbitraries.bytes().array(byte[].class).ofMaxSize(10).map(each -> each),
        Arbitraries.bytes().array(byte[].class).ofMaxSize(10).map(ByteBuffer::wrap),
        Arbitraries.chars().array(char[].class).ofMaxSize(5).map(each -> each),
        strings.map(Optional::of),
        Arbitraries.of(LocalDate.MIN, LocalDate.MAX, LocalTime.MIN, Optional.empty()));
  }

  // -----------------------------------------------------------------------------------------
  // making

  /** The graph. */
  Object make() {
    Object[] made = new Object[nodes.size()];
    for (int i = 0; i < made.length; i++) {
      made[i] = begin(nodes.get(i), made, i);
    }
    for (int i = 0; i < made.length; i++) {
      fill(made[i], nodes.get(i), made);
    }
    return made[0];
  }

  private static Object child(Object child, Object[] made, int known) {
    if (!(child instanceof Ref ref)) {
      return child;
    }
    return known == 0 ? null : made[ref.number % known];
  }

  private static Object begin(Node node, Object[] made, int number) {
    int size = node.children.size();
    switch (node.kind) {
      case LIST:
        return new ArrayList<>();
      case ARRAY:
        return new Object[size];
      case MAP:
        return new LinkedHashMap<>();
      case SET:
        return Collections.newSetFromMap(new IdentityHashMap<>());
      case OTHER_MAP:
        return new IdentityHashMap<>();
      case BEAN:
        return new Bean();
      case PAIR: // which cannot be changed, so it can only contain what is there
        return new Pair(
            size < 1 ? null : child(node.children.get(0), made, number),
            size < 2 ? null : child(node.children.get(1), made, number));
      case EXT:
        return Ext.incomplete(0x8000_0000 + size);
      default:
        return array(node.kind, node.numbers);
    }
  }

  private static Object array(Kind kind, List<Long> numbers) {
    Object array =
        switch (kind) {
          case BOOLEANS -> new boolean[numbers.size()];
          case SHORTS -> new short[numbers.size()];
          case INTS -> new int[numbers.size()];
          case LONGS -> new long[numbers.size()];
          case FLOATS -> new float[numbers.size()];
          default -> new double[numbers.size()];
        };
    for (int i = 0; i < numbers.size(); i++) {
      long bits = numbers.get(i);
      switch (kind) {
        case BOOLEANS -> Array.setBoolean(array, i, (bits & 1) != 0);
        case SHORTS -> Array.setShort(array, i, (short) bits);
        case INTS -> Array.setInt(array, i, (int) bits);
        case LONGS -> Array.setLong(array, i, bits);
        case FLOATS -> Array.setFloat(array, i, Float.intBitsToFloat((int) bits));
        default -> Array.setDouble(array, i, Double.longBitsToDouble(bits));
      }
    }
    return array;
  }

  @SuppressWarnings("unchecked")
  private static void fill(Object object, Node node, Object[] made) {
    List<Object> children = new ArrayList<>();
    for (Object child : node.children) {
      children.add(child(child, made, made.length));
    }
    switch (node.kind) {
      case LIST -> ((List<Object>) object).addAll(children);
      case ARRAY -> children.toArray((Object[]) object);
      case MAP -> {
        for (int i = 0; i < children.size(); i++) {
          ((Map<Object, Object>) object).put("key " + i % 4 + children.size() / 3, children.get(i));
        }
      }
      case SET -> ((Set<Object>) object).addAll(distinct(children));
      case OTHER_MAP -> {
        Collection<Object> keys = distinct(children);
        keys.forEach(key -> ((Map<Object, Object>) object).put(key, children.get(0)));
      }
      case BEAN -> {
        Bean bean = (Bean) object;
        bean.size = children.size();
        bean.first = children.isEmpty() ? null : children.get(0);
        bean.last = children.isEmpty() ? null : children.get(children.size() - 1);
      }
      case EXT -> ((Ext) object).complete(children);
      default -> {}
    }
  }

  /** Without scalars that are stored like others: these are one key, which containers never are. */
  private static Collection<Object> distinct(List<Object> values) {
    Set<Object> scalars = new HashSet<>();
    List<Object> result = new ArrayList<>();
    for (Object value : values) {
      Object stored =
          value instanceof Optional<?> optional
              ? optional.orElse(null)
              : value instanceof char[] chars ? new String(chars) : value;
      boolean scalar = stored == null || stored instanceof Comparable || stored instanceof Period;
      if (!scalar || scalars.add(stored)) {
        result.add(value);
      }
    }
    return result;
  }
}
