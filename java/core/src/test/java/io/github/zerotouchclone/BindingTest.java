package io.github.zerotouchclone;

import static io.github.zerotouchclone.Fixtures.fails;
import static io.github.zerotouchclone.Fixtures.write;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.zerotouchclone.internal.DeepStack;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.Stack;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.Vector;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Records as objects of Java classes. */
class BindingTest {
  @TempDir Path folder;

  /** What a class makes of one record. */
  private <T> T as(Class<T> type, Object record) {
    return as(Binding.of(type), record);
  }

  private <T> T as(Binding<T> binding, Object record) {
    try (Region region = Region.open(write(folder.resolve("one.ztc"), record))) {
      T direct = ZeroTouchClone.copy(region, 0, binding);
      T lazy = ZeroTouchClone.copy(region, 0).as(binding);
      assertEquals(
          direct == null ? null : direct.getClass(), lazy == null ? null : lazy.getClass());
      return direct;
    }
  }

  /** A map of keys and values in turn; also with null. */
  private static Map<String, Object> map(Object... entries) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < entries.length; i += 2) {
      map.put((String) entries[i], entries[i + 1]);
    }
    return map;
  }

  record Prefs(boolean html, String lang, double score) {}

  record Job(long id, String to, List<String> tags, Prefs prefs, byte[] raw, int[] numbers) {}

  @Test
  void a_record_gets_its_components_by_name() {
    Job job = as(Job.class, Fixtures.job(6));
    assertEquals(6, job.id);
    assertEquals("user6@example.org", job.to);
    assertEquals(List.of("a", "b", "tag 6"), job.tags);
    assertEquals(new Prefs(true, "de", 3.0), job.prefs);
    assertArrayEquals(new byte[] {1, 2, 3}, job.raw);
    assertArrayEquals(new int[] {5, 6, 6}, job.numbers);
  }

  static class Base {
    public int inherited;
  }

  static final class Bean extends Base {
    private String name;
    private transient int cached = 7;
    private int hidden = 8;
    private final List<String> calls = new ArrayList<>();

    @Field("job-id")
    private long id;

    private Bean next;
    private Double rate = 0.5;

    public void setName(String name) {
      calls.add(name);
      this.name = name;
    }

    public Bean getNext() {
      return next;
    }

    public Double getRate() {
      return rate;
    }
  }

  @Test
  void a_bean_gets_its_properties_by_setters_or_fields() {
    Map<String, Object> next = map("job-id", 2, "rate", null);
    Bean bean =
        as(
            Bean.class,
            map("name", "n", "inherited", 3, "job-id", 1L, "cached", 1, "hidden", 1, "next", next));
    assertEquals("n", bean.name);
    assertEquals(List.of("n"), bean.calls);
    assertEquals(3, bean.inherited);
    assertEquals(1, bean.id);
    assertEquals(7, bean.cached);
    assertEquals(8, bean.hidden);
    assertEquals(0.5, bean.rate, "a missing property keeps what the constructor gave");
    assertEquals(2, bean.next.id);
    assertNull(bean.next.rate, "a stored null is set");
  }

  @Test
  void fields_that_only_a_superclass_sees_are_set() {
    Lorry lorry = new Lorry(6, "HH 1", 20);
    lorry.setWeight(7.5);
    Lorry read = as(Lorry.class, lorry);
    assertEquals("6 wheels, HH 1, 7.5 t, load 20", read.toString());
  }

  /** Of its superclass's members none can be reached: that is in a module which is not opened. */
  static final class Failure extends Exception {
    private static final long serialVersionUID = 1;
  }

  @Test
  void a_superclass_whose_fields_cannot_be_reached_is_named() {
    fails(
        Status.INVALID_ARGUMENT,
        "cannot make objects of "
            + Failure.class.getTypeName()
            + ": the field cause of its superclass java.lang.Throwable is not public in a package"
            + " that is exported; make it so, or open the package java.lang to ",
        () -> Binding.of(Failure.class));
  }

  enum Colour {
    RED,
    @Field("grün")
    GREEN
  }

  record Coloured(Colour colour, EnumMap<Colour, Integer> map, EnumSet<Colour> set) {}

  @Test
  void a_renamed_constant_is_read_by_its_own_name_which_is_written_and_by_the_other() {
    EnumMap<Colour, Integer> greens = new EnumMap<>(Map.of(Colour.GREEN, 2));
    Coloured written = new Coloured(Colour.GREEN, greens, EnumSet.of(Colour.GREEN));
    assertEquals(written, as(Coloured.class, written));
    Map<String, Object> others =
        map("colour", "grün", "map", map("grün", 2), "set", List.of("grün", "GREEN"));
    assertEquals(written, as(Coloured.class, others));
    Map<String, Object> own =
        map("colour", "GREEN", "map", map("GREEN", 2), "set", Set.of(Colour.GREEN));
    assertEquals(written, as(Coloured.class, own));
  }

  enum Ambiguous {
    RED,
    @Field("RED")
    GREEN
  }

  enum Same {
    @Field("own")
    own,
    @Field("x")
    A,
    @Field("x")
    B
  }

  @Test
  void two_constants_with_one_name_are_refused() {
    fails(
        Status.INVALID_ARGUMENT,
        "two constants have the name RED",
        () -> Binding.of(Ambiguous.class));
    fails(Status.INVALID_ARGUMENT, "two constants have the name x", () -> Binding.of(Same.class));
  }

  record Pair<A, B>(A first, B second) {}

  record Generic(
      List<Pair<String, Integer>> pairs,
      Map<String, Prefs> prefs,
      Map<Colour, Integer> colours,
      Set<Colour> set,
      SortedSet<String> sorted,
      Collection<Long> longs,
      List<? extends Number> numbers,
      Pair<Pair<Integer, int[]>, String>[] array,
      Object anything) {}

  @Test
  void generic_types_are_followed() {
    Map<String, Object> record =
        map(
            "pairs",
            List.of(map("first", "a", "second", 1), map("first", "b", "second", 2)),
            "prefs",
            map("x", map("html", true, "lang", "de", "score", 1.0)),
            "colours",
            map("RED", 1, "grün", 2),
            "set",
            List.of("grün", "RED", "RED"),
            "sorted",
            List.of("b", "a"),
            "longs",
            new int[] {1, 2},
            "numbers",
            List.of(1, 2.5),
            "array",
            List.of(map("first", map("first", 5, "second", new int[] {1}), "second", "s")),
            "anything",
            map("k", List.of(1)));
    Generic generic = as(Generic.class, record);
    assertEquals(List.of(new Pair<>("a", 1), new Pair<>("b", 2)), generic.pairs);
    assertEquals(Map.of("x", new Prefs(true, "de", 1)), generic.prefs);
    assertEquals(Map.of(Colour.RED, 1, Colour.GREEN, 2), generic.colours);
    assertEquals(Set.of(Colour.RED, Colour.GREEN), generic.set);
    assertEquals(new TreeSet<>(List.of("a", "b")), generic.sorted);
    assertEquals(List.of(1L, 2L), generic.longs);
    assertEquals(List.of(1, 2.5), generic.numbers);
    assertEquals(5, generic.array[0].first.first);
    assertArrayEquals(new int[] {1}, generic.array[0].first.second);
    assertEquals(record.get("anything"), generic.anything);
  }

  record Endless<T>(T value, Endless<List<T>> next) {}

  @Test
  void a_generic_class_that_contains_itself_with_ever_other_arguments_is_refused() {
    fails(
        Status.INVALID_ARGUMENT,
        "cannot make objects of "
            + Endless.class.getTypeName()
            + ": it is inside itself with ever other type arguments",
        () -> Binding.of(Endless.class));
  }

  @Test
  void generic_types_may_be_deep_in_each_other() {
    Type type = String.class;
    Object value = "x";
    for (int i = 0; i < 20; i++) {
      type = listOf(type);
      value = List.of(value);
    }
    assertEquals(value, as(Binding.ofType(type, FieldPolicy.DEFAULTS), value));
  }

  private static Type listOf(Type element) {
    return new ParameterizedType() {
      @Override
      public Type[] getActualTypeArguments() {
        return new Type[] {element};
      }

      @Override
      public Type getRawType() {
        return List.class;
      }

      @Override
      public Type getOwnerType() {
        return null;
      }
    };
  }

  @Test
  void a_record_with_more_components_than_a_method_handle_takes_is_refused() throws Exception {
    String components =
        IntStream.range(0, 254).mapToObj(i -> "int c" + i).collect(Collectors.joining(", "));
    Path source = folder.resolve("Widest.java");
    Files.writeString(source, "public record Widest(" + components + ") {}");
    ToolProvider compiler = ToolProvider.findFirst("javac").orElseThrow();
    int outcome = compiler.run(System.out, System.err, "-d", folder.toString(), source.toString());
    assertEquals(0, outcome);
    try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
      Class<?> widest = loader.loadClass("Widest");
      fails(
          Status.INVALID_ARGUMENT,
          "cannot make objects of Widest: its constructor has more parameters",
          () -> Binding.of(widest));
    }
  }

  record Elements(
      String[] words, int[] numbers, char[] letters, String[][] nested, Object[] none) {}

  @Test
  void a_stored_set_is_read_as_an_array() {
    Map<String, Object> record =
        map(
            "words",
            new LinkedHashSet<>(List.of("a", "b")),
            "numbers",
            new LinkedHashSet<>(List.of(1, 2L)),
            "letters",
            new LinkedHashSet<>(List.of('x', 'y')),
            "nested",
            Set.of(Set.of("n")),
            "none",
            Set.of());
    Elements arrays = as(Elements.class, record);
    assertArrayEquals(new String[] {"a", "b"}, arrays.words);
    assertArrayEquals(new int[] {1, 2}, arrays.numbers);
    assertArrayEquals(new char[] {'x', 'y'}, arrays.letters);
    assertArrayEquals(new String[][] {{"n"}}, arrays.nested);
    assertEquals(0, arrays.none.length);
    fails(
        Status.TYPE_MISMATCH,
        "$.words: the value is of type EXT, not String[]",
        () -> as(Elements.class, map("words", java.time.Instant.EPOCH)));
    fails(
        Status.TYPE_MISMATCH,
        "$.numbers: the value is of type EXT, not int[]",
        () -> as(Elements.class, map("numbers", java.time.Instant.EPOCH)));
  }

  record Untyped(Map<String, Object> map, List<Object> rows, List<Object> list, Object any) {}

  @Test
  void values_whose_type_is_left_open_are_what_toObject_makes_however_many_they_are() {
    Map<String, Object> many = new LinkedHashMap<>();
    List<Object> rows = new ArrayList<>();
    List<Object> list = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      String text = "a text that is not in its slot " + i;
      many.put("a key that is not in its slot " + i, text);
      rows.add(map("n", i, "text", text, "bytes", List.of(text, i)));
      list.add(i % 2 == 0 ? text : List.of(text));
    }
    Map<String, Object> few = map("x", "a text of some length", "y", "another text", "z", many);
    for (Map<String, Object> map : List.of(many, few)) {
      Map<String, Object> record = map("map", map, "rows", rows, "list", list, "any", rows);
      assertEquals(new Untyped(map, rows, list, rows), as(Untyped.class, record));
      assertEquals(record, as(Map.class, record));
      assertEquals(record, as(Object.class, record));
    }
  }

  record Texts(Map<String, String> map) {}

  @Test
  void maps_without_a_shape_may_have_many_long_keys() {
    Object[] records = new Object[500];
    for (int i = 0; i < records.length; i++) {
      Map<String, Object> many = new LinkedHashMap<>();
      for (int k = 0; k < 30; k++) {
        many.put("a key that no other record has, " + i + ", number " + k, "a text of some length");
      }
      records[i] = map("map", many);
    }
    try (Region region = Region.open(write(folder.resolve("dicts.ztc"), records))) {
      assertTrue(region.shapes().size() < records.length);
      for (int i = 0; i < records.length; i++) {
        Texts texts = ZeroTouchClone.copy(region, i, Texts.class);
        assertEquals(((Map<?, ?>) records[i]).get("map"), texts.map);
      }
    }
  }

  record Both(Map<String, Object> map, Object any, List<Object> list) {}

  @Test
  void what_is_shared_may_be_wanted_as_several_types() {
    Map<String, Object> shared = map("text", "a long text ".repeat(1000));
    Both both = as(Both.class, map("map", shared, "any", shared, "list", List.of(shared)));
    assertEquals(new Both(shared, shared, List.of(shared)), both);
  }

  record Concrete(
      ArrayDeque<String> deque, TreeMap<String, Integer> tree, EnumMap<Colour, Integer> e) {}

  @Test
  void usual_implementations_of_collections_are_made() {
    Concrete made =
        as(
            Concrete.class,
            map("deque", List.of("a"), "tree", map("b", 1, "a", 2), "e", map("RED", 3)));
    assertEquals("a", made.deque.peek());
    assertEquals("a", made.tree.firstKey());
    assertEquals(3, made.e.get(Colour.RED));
  }

  record Node(String name, List<Node> children, Optional<Node> next) {}

  @Test
  void a_class_may_contain_itself() {
    Node node =
        as(
            Node.class,
            map("name", "a", "children", List.of(map("name", "b")), "next", map("name", "c")));
    assertEquals("b", node.children.get(0).name);
    assertEquals("c", node.next.orElseThrow().name);
    assertEquals(Optional.empty(), node.children.get(0).next);
    assertNull(node.children.get(0).children);
  }

  record Numbers(
      byte b,
      short s,
      int i,
      long l,
      float f,
      double d,
      char c,
      boolean z,
      Long boxed,
      Integer none) {}

  @Test
  void numbers_of_other_widths_are_converted_if_they_fit() {
    Map<String, Object> narrow =
        map("b", 1L, "s", 2L, "i", 3L, "l", (byte) 4, "f", 5, "d", 6, "c", "x", "z", true);
    narrow.put("boxed", (short) 7);
    narrow.put("none", null);
    assertEquals(
        new Numbers((byte) 1, (short) 2, 3, 4, 5, 6, 'x', true, 7L, null),
        as(Numbers.class, narrow));
    assertEquals(
        new Numbers((byte) 0, (short) 0, 0, 0, 0.5f, 0.25, '\0', false, null, null),
        as(Numbers.class, map("f", 0.5, "d", 0.25f)));
    assertTrue(Float.isNaN(as(Numbers.class, map("f", Double.NaN)).f));
  }

  @Test
  void a_number_that_does_not_fit_is_an_error_that_names_the_path() {
    refused(Status.LOSSY, "$.b: 128 does not fit byte", Numbers.class, map("b", 128));
    refused(Status.LOSSY, "$.s: -32769 does not fit short", Numbers.class, map("s", -32769));
    refused(Status.LOSSY, "$.i: 2147483648 does not fit int", Numbers.class, map("i", 1L << 31));
    refused(Status.LOSSY, "$.f: 0.1 does not fit float", Numbers.class, map("f", 0.1));
    refused(
        Status.LOSSY,
        "$.f: 1.6777217E7 does not fit float",
        Numbers.class,
        map("f", (1 << 24) + 1));
    refused(Status.LOSSY, "does not fit double", Numbers.class, map("d", Long.MAX_VALUE));
    refused(Status.LOSSY, "$.c: a string of length 2", Numbers.class, map("c", "ab"));
    refused(Status.TYPE_MISMATCH, "$.i: the value is of type F64", Numbers.class, map("i", 1.5));
    refused(Status.TYPE_MISMATCH, "$.i: the value is of type NULL", Numbers.class, map("i", null));
    record Deep(List<Map<String, Pair<int[], Integer>>> list) {}
    refused(
        Status.LOSSY,
        "record 0: $.list[1][\"a key\"].first[2]: 1099511627776 does not fit int",
        Deep.class,
        map(
            "list",
            List.of(map(), map("a key", map("first", new long[] {1, 2, 1L << 40}, "second", 1)))));
  }

  record Prices(double price, float half, long count, int small, Double boxed) {}

  @Test
  void decimals_and_big_integers_become_primitives_if_they_fit_exactly() {
    Map<String, Object> record = map("price", new BigDecimal("19.99"));
    record.put("half", new BigDecimal("0.50"));
    record.put("count", BigInteger.valueOf(Long.MIN_VALUE));
    record.put("small", new BigDecimal("7.0"));
    record.put("boxed", BigInteger.TEN.pow(22));
    assertEquals(new Prices(19.99, 0.5f, Long.MIN_VALUE, 7, 1e22), as(Prices.class, record));
    assertEquals(5, as(Prices.class, map("count", new Ext(1, 5L))).count);
    assertEquals(0x1p80, as(Prices.class, map("price", new BigDecimal(0x1p80))).price);
    assertEquals(2e23, as(Prices.class, map("price", new BigDecimal("2e23"))).price);
    Object[][] unfit = {
      {"price", new BigDecimal("0.10000000000000001"), "0.10000000000000001 does not fit double"},
      {"price", BigInteger.TEN.pow(23), "100000000000000000000000 does not fit double"},
      {"price", new BigDecimal("1e400"), "1E+400 does not fit double"},
      {"price", BigInteger.ONE.shiftLeft(20_000), "a number of "},
      {"half", new BigDecimal("0.1"), "0.1 does not fit float"},
      {"count", BigInteger.ONE.shiftLeft(63), "9223372036854775808 does not fit long"},
      {"count", new BigDecimal("1e2147483647"), "1E+2147483647 does not fit long"},
      {"count", new Ext(1, -1L), "18446744073709551615 does not fit long"},
      {"small", new BigDecimal("1.5"), "1.5 does not fit int"},
      {"boxed", new BigDecimal("1e-400"), "1E-400 does not fit double"},
    };
    for (Object[] each : unfit) {
      String name = (String) each[0];
      refused(Status.LOSSY, "$." + name + ": " + each[2], Prices.class, map(name, each[1]));
    }
  }

  @Test
  void a_number_or_character_that_is_a_whole_record_or_shared_becomes_a_primitive() {
    assertEquals(19.99, as(double.class, new BigDecimal("19.99")));
    assertEquals(5, as(Integer.class, BigInteger.valueOf(5)));
    assertEquals('c', as(Character.class, 'c'));
    refused(Status.LOSSY, "$: 300 does not fit byte", Byte.class, BigInteger.valueOf(300));
    refused(Status.TYPE_MISMATCH, "$: the value is of type EXT", Byte.class, 'c');
    refused(Status.TYPE_MISMATCH, "$: the value is of type EXT", Boolean.class, BigInteger.ONE);
    record Values(double price, Long count, char mark) {}
    Path path = folder.resolve("shared.ztc");
    try (RegionWriter writer = RegionWriter.create(path)) {
      SharedValue price = writer.share(new BigDecimal("19.99"));
      SharedValue mark = writer.share('c');
      SharedValue count = writer.share(BigInteger.TEN);
      writer.add(map("price", price, "count", count, "mark", mark));
      writer.publish();
    }
    try (Region region = Region.open(path)) {
      Values expected = new Values(19.99, 10L, 'c');
      assertEquals(expected, ZeroTouchClone.copy(region, 0, Values.class));
    }
  }

  record Unusual(
      char[] chars,
      ByteBuffer bytes,
      ConcurrentHashMap<String, Integer> map,
      ConcurrentMap<Integer, String> others,
      Vector<Integer> vector,
      CopyOnWriteArrayList<Colour> colours,
      PriorityQueue<Integer> queue) {}

  @Test
  void what_is_written_of_a_component_is_read_as_its_type() {
    Unusual written =
        new Unusual(
            new char[] {'a', '\ud800'},
            ByteBuffer.wrap(new byte[] {1, 2}),
            new ConcurrentHashMap<>(Map.of("a", 1)),
            new ConcurrentHashMap<>(Map.of(1, "b")),
            new Vector<>(List.of(1, 2)),
            new CopyOnWriteArrayList<>(List.of(Colour.RED)),
            new PriorityQueue<>(List.of(3, 1, 2)));
    Unusual read = as(Unusual.class, written);
    assertArrayEquals(written.chars, read.chars);
    assertEquals(written.bytes, read.bytes);
    assertEquals(written.map, read.map);
    assertEquals(written.others, read.others);
    assertEquals(written.vector, read.vector);
    assertEquals(written.colours, read.colours);
    assertEquals(
        List.of(1, 2, 3), List.of(read.queue.poll(), read.queue.poll(), read.queue.poll()));
    assertArrayEquals(new char[] {'\udc00'}, as(char[].class, new char[] {'\udc00'}));
    refused(
        Status.TYPE_MISMATCH,
        "$.map.a: null cannot be a value of a ConcurrentHashMap",
        Unusual.class,
        map("map", map("a", null)));
    refused(
        Status.TYPE_MISMATCH,
        "$.chars: the value is of type EXT, not char[]",
        Unusual.class,
        map("chars", Colour.RED));
  }

  @Test
  void a_string_of_any_content_may_be_shared_or_a_whole_record() {
    assertEquals("\ud800", as(String.class, "\ud800"));
    assertEquals("c", as(String.class, 'c'));
    refused(Status.TYPE_MISMATCH, "$: the value is of type EXT", String.class, BigInteger.ONE);
    Path path = folder.resolve("text.ztc");
    try (RegionWriter writer = RegionWriter.create(path)) {
      SharedValue text = writer.share("\ud800");
      writer.add(List.of(text, text));
      writer.publish();
    }
    try (Region region = Region.open(path)) {
      List<String> texts = ZeroTouchClone.copy(region, 0, Binding.listOf(String.class));
      assertEquals(List.of("\ud800", "\ud800"), texts);
      assertSame(texts.get(0), texts.get(1));
    }
  }

  sealed interface Figure permits Circle {}

  record Circle(double radius) implements Figure {}

  record Drawing(List<Figure> figures) {}

  static final class OwnMap extends HashMap<String, String> {
    private static final long serialVersionUID = 1;
  }

  @Test
  void types_that_no_stored_value_becomes_are_refused_at_once() {
    String isInterface = "Figure: it is an interface, and the region does not choose a class";
    fails(Status.INVALID_ARGUMENT, isInterface, () -> Binding.of(Drawing.class));
    for (Class<?> type :
        List.of(OwnMap.class, IdentityHashMap.class, LinkedBlockingQueue.class, Stack.class)) {
      fails(
          Status.INVALID_ARGUMENT,
          type.getTypeName() + ": it is not one of the collections and maps that are made",
          () -> Binding.of(type));
    }
  }

  /** As a Kotlin class with the properties isOpen and isHuge is compiled. */
  static final class Flags {
    private boolean isOpen;
    private Boolean isHuge;
    private int calls;

    public boolean isOpen() {
      return isOpen;
    }

    public void setOpen(boolean open) {
      isOpen = open;
      calls++;
    }

    public Boolean isHuge() {
      return isHuge;
    }

    public void setHuge(Boolean huge) {
      isHuge = huge;
      calls++;
    }
  }

  @Test
  void a_field_that_is_named_like_its_getter_has_the_setter_without_is() {
    Flags flags = new Flags();
    flags.isOpen = true;
    flags.isHuge = false;
    assertEquals(map("isOpen", true, "isHuge", false), as(Map.class, flags));
    Flags read = as(Binding.strict(Flags.class), flags);
    assertEquals(true, read.isOpen);
    assertEquals(false, read.isHuge);
    assertEquals(2, read.calls);
  }

  static final class WriteOnly {
    private String secret;
    private String name;

    public void setSecret(String secret) {
      this.secret = secret;
    }

    public String getName() {
      return name;
    }

    public void setName(String name) {
      this.name = name;
    }
  }

  static final class Sink {
    private int sum;

    public void setNext(int number) {
      sum += number;
    }
  }

  @Test
  void strict_reading_needs_what_is_stored_of_an_object_and_nothing_else() {
    Binding<WriteOnly> strict = Binding.strict(WriteOnly.class);
    WriteOnly object = new WriteOnly();
    object.name = "n";
    object.secret = "not stored";
    WriteOnly read = as(strict, object);
    assertEquals("n", read.name);
    assertNull(read.secret);
    assertEquals("s", as(strict, map("name", "n", "secret", "s")).secret);
    refused(
        Status.NO_SUCH_KEY,
        "$.more: class WriteOnly has no such field",
        strict,
        map("name", "n", "more", 1));
    refused(Status.NO_SUCH_KEY, "$.name: the map has no such key", strict, map("secret", "s"));
    refused(Status.NO_SUCH_KEY, "$.name: the map has no such key", strict, map());
    assertEquals(0, as(Binding.strict(Sink.class), map()).sum);
  }

  record Numbered(int id) {
    @Field("number")
    @Override
    public int id() {
      return id;
    }
  }

  @Test
  void an_accessor_names_the_component_of_a_record() {
    assertEquals(new Numbered(7), as(Binding.strict(Numbered.class), new Numbered(7)));
    assertEquals(new Numbered(8), as(Numbered.class, map("number", 8)));
  }

  record Longs(Map<Long, String> map, Set<Long> set, TreeSet<BigDecimal> sorted) {}

  @Test
  void sets_and_maps_that_would_lose_elements_are_refused() {
    Map<Object, Object> keys = new LinkedHashMap<>();
    keys.put(1, "a");
    keys.put(2, null);
    keys.put(1L, "b");
    refused(
        Status.LOSSY,
        "$.map[4]: a Long is equal to a key before it in a Map",
        Longs.class,
        map("map", keys));
    refused(
        Status.LOSSY,
        "$.set: 3 elements are only 2 in a Set",
        Longs.class,
        map("set", new LinkedHashSet<>(List.of(1, 1L, 2))));
    refused(
        Status.LOSSY,
        "$.sorted: 2 elements are only 1 in a TreeSet",
        Longs.class,
        map("sorted", Set.of(new BigDecimal("1.0"), new BigDecimal("1.00"))));
    refused(Status.LOSSY, "$.colours", Generic.class, map("colours", map("GREEN", 1, "grün", 2)));
    keys.remove(1L);
    Longs whole = as(Longs.class, map("map", keys, "set", List.of(1, 1L, 2)));
    assertEquals(Set.of(1L, 2L), whole.set, "a list has no promise to keep");
    Map<Long, String> expected = new LinkedHashMap<>();
    expected.put(1L, "a");
    expected.put(2L, null);
    assertEquals(expected, whole.map);
  }

  @Test
  void a_big_decimal_takes_every_finite_number() {
    record Exact(BigDecimal price, List<BigDecimal> all, List<BigDecimal> array) {}
    List<Object> all = List.of(0.1f, 5, new BigDecimal("1.10"), 2L, BigInteger.TEN);
    Exact exact =
        as(Exact.class, map("price", 1.1, "all", all, "array", new double[] {0.5, 1e300}));
    assertEquals(new BigDecimal("1.1"), exact.price);
    assertEquals(
        List.of(
            new BigDecimal("0.1"),
            new BigDecimal("5"),
            new BigDecimal("1.10"),
            new BigDecimal("2"),
            BigDecimal.TEN),
        exact.all);
    assertEquals(List.of(new BigDecimal("0.5"), new BigDecimal("1.0E300")), exact.array);
    refused(
        Status.LOSSY,
        "$.price: NaN does not fit BigDecimal",
        Exact.class,
        map("price", Double.NaN));
    refused(
        Status.LOSSY,
        "$.array[1]: -Infinity does not fit BigDecimal",
        Exact.class,
        map("array", new float[] {1, Float.NEGATIVE_INFINITY}));
  }

  private void refused(Status status, String message, Class<?> type, Object record) {
    refused(status, message, Binding.of(type), record);
  }

  private void refused(Status status, String message, Binding<?> binding, Object record) {
    try (Region region = Region.open(write(folder.resolve("bad.ztc"), record))) {
      fails(status, message, () -> ZeroTouchClone.copy(region, 0, binding));
      fails(status, message, () -> ZeroTouchClone.copy(region, 0).as(binding));
    }
  }

  @Test
  void values_of_other_types_are_refused_with_their_path() {
    refused(
        Status.TYPE_MISMATCH,
        "$.to: the value is of type I32, not String",
        Job.class,
        map("to", 1));
    refused(
        Status.TYPE_MISMATCH,
        "$.prefs: the value is of type LIST",
        Job.class,
        map("prefs", List.of()));
    refused(
        Status.TYPE_MISMATCH,
        "$.prefs.html: the value is of type STRING, not boolean",
        Job.class,
        map("prefs", map("html", "yes")));
    refused(
        Status.TYPE_MISMATCH,
        "$: the value is of type LIST, not record Job",
        Job.class,
        List.of(1));
    refused(Status.TYPE_MISMATCH, "$: the value is of type STRING, not record Job", Job.class, "x");
    refused(
        Status.TYPE_MISMATCH,
        "$.set[1]: enum Colour has no constant BLUE",
        Generic.class,
        map("set", List.of("RED", "BLUE")));
    refused(
        Status.TYPE_MISMATCH,
        "$.deque[0]: null cannot be in a ArrayDeque",
        Concrete.class,
        map("deque", Arrays.asList((Object) null)));
  }

  @Test
  void strict_reading_refuses_missing_and_extra_fields() {
    Binding<Prefs> strict = Binding.strict(Prefs.class);
    assertEquals(new Prefs(true, "de", 1), as(strict, map("lang", "de", "html", true, "score", 1)));
    refused(
        Status.NO_SUCH_KEY,
        "$.lang: the map has no such key",
        strict,
        map("html", true, "score", 1));
    refused(
        Status.NO_SUCH_KEY,
        "$.more: record Prefs has no such field",
        strict,
        map("lang", "de", "html", true, "more", 2, "score", 1));
    refused(Status.NO_SUCH_KEY, "$.html: the map has no such key", strict, map());
    Binding<List<Prefs>> list =
        Binding.ofType(
            new Object() {
              @SuppressWarnings("unused")
              List<Prefs> field;
            }.getClass().getDeclaredFields()[0].getGenericType(),
            FieldPolicy.STRICT);
    refused(
        Status.NO_SUCH_KEY, "$[0].html: the map has no such key", list, List.of(map("lang", "x")));
  }

  @Test
  void maps_without_a_shape_are_read_as_well() {
    Object[] records = new Object[1000];
    for (int i = 0; i < records.length; i++) {
      records[i] = map("html", i % 2 == 0, "key" + i, i, "lang", "l" + i);
    }
    Binding<Prefs> strict = Binding.strict(Prefs.class);
    try (Region region = Region.open(write(folder.resolve("dict.ztc"), records))) {
      assertTrue(region.shapes().size() < records.length);
      for (int i = 0; i < records.length; i++) {
        assertEquals(
            new Prefs(i % 2 == 0, "l" + i, 0), ZeroTouchClone.copy(region, i, Prefs.class));
        int record = i;
        fails(Status.NO_SUCH_KEY, "$.", () -> ZeroTouchClone.copy(region, record, strict));
      }
    }
  }

  @Test
  void a_bean_may_be_part_of_a_cycle_and_stays_one_object() {
    Map<String, Object> record = map("job-id", 1);
    record.put("next", map("job-id", 2, "next", record));
    Bean bean = as(Binding.of(Bean.class), record);
    assertSame(bean, bean.next.next);
    record Two(Bean a, Bean b, List<Bean> list) {}
    Map<String, Object> shared = map("job-id", 5);
    Two two = as(Two.class, map("a", shared, "b", shared, "list", List.of(shared)));
    assertSame(two.a, two.b);
    assertSame(two.a, two.list.get(0));
    assertEquals(5, two.a.id);
  }

  @Test
  void a_long_chain_of_beans_is_no_deep_recursion() {
    Map<String, Object> last = map("job-id", 100_000);
    List<Object> all = new ArrayList<>(List.of(last));
    for (int i = 99_999; i > 0; i--) {
      last = map("job-id", i, "next", last);
      all.add(last);
    }
    record All(List<Bean> beans) {}
    List<Bean> beans = as(Binding.of(All.class), map("beans", all)).beans;
    int length = 0;
    for (Bean bean = beans.get(beans.size() - 1); bean != null; bean = bean.next) {
      assertEquals(++length, bean.id);
    }
    assertEquals(100_000, length);
  }

  @Test
  void a_record_in_a_cycle_or_too_deep_is_an_error() throws Throwable {
    Map<String, Object> record = map("name", "a");
    record.put("next", record);
    refused(Status.TYPE_MISMATCH, "$.next: a cycle leads back", Node.class, record);
    Map<String, Object> last = map("name", "last");
    List<Object> all = new ArrayList<>(List.of(last));
    for (int i = 0; i < 1000; i++) {
      last = map("name", "n", "next", last);
      all.add(last);
    }
    record Outermost(Node outermost) {}
    Map<String, Object> chain = map("nodes", all, "outermost", last);
    DeepStack.run(
        () -> refused(Status.TOO_DEEP, "toObject() has no such limit", Outermost.class, chain));
  }

  @Test
  void many_references_to_one_string_make_it_once() {
    String large = "x".repeat(100_000);
    record Two(List<String> strings) {}
    try (RegionWriter writer = RegionWriter.create(folder.resolve("strings.ztc"))) {
      writer.add(map("strings", new ArrayList<>(java.util.Collections.nCopies(50, large))));
      writer.publish();
    }
    try (Region region = Region.open(folder.resolve("strings.ztc"))) {
      assertEquals(50, ZeroTouchClone.copy(region, 0, Two.class).strings.size());
    }
  }

  @Test
  void values_of_registered_types_become_what_java_has_for_them() {
    record Special(BigInteger big, BigDecimal decimal, OptionalInt number, int[] none, String s) {}
    Special special =
        as(Special.class, map("big", 5, "decimal", 7L, "number", 3, "none", List.of(), "s", "ü"));
    assertEquals(BigInteger.valueOf(5), special.big);
    assertEquals(BigDecimal.valueOf(7), special.decimal);
    assertEquals(OptionalInt.of(3), special.number);
    assertEquals(0, special.none.length);
    assertEquals("ü", special.s);
    assertEquals(OptionalInt.empty(), as(Special.class, map("big", 1)).number);
  }

  @Test
  void roots_that_are_no_maps_become_objects() {
    assertEquals("text", as(String.class, "text"));
    assertEquals(5L, as(Long.class, 5));
    assertEquals(Colour.GREEN, as(Colour.class, "grün"));
    assertEquals(List.of(1, 2), as(Binding.listOf(Integer.class), List.of(1, 2)));
    assertArrayEquals(new long[] {1, 2}, as(long[].class, new int[] {1, 2}));
    assertNull(as(Job.class, null));
    assertEquals(new Prefs(false, null, 0), as(Prefs.class, map()));
  }

  @Test
  void nested_values_and_batches_become_objects() {
    try (Region region =
            Region.open(write(folder.resolve("jobs.ztc"), Fixtures.job(1), Fixtures.job(2)));
        CopyBuffer buffer = CopyBuffer.allocate()) {
      RecordCopy first = ZeroTouchClone.copyInto(region, 0, buffer);
      RecordCopy nested = first.getRecord("prefs");
      assertEquals(new Prefs(false, "de", 0.5), nested.as(Prefs.class));
      record Bad(int lang) {}
      fails(Status.TYPE_MISMATCH, "$.prefs.lang: the value is", () -> nested.as(Bad.class));
      assertEquals(1, first.as(Job.class).id);
      List<Job> jobs = ZeroTouchClone.copyAll(region, new long[] {1, 0, 1}, buffer, Job.class);
      assertEquals(List.of(2L, 1L, 2L), jobs.stream().map(Job::id).toList());
      assertThrows(StaleCopyException.class, () -> first.as(Job.class));
    }
  }

  static final class Restless {
    private CopyBuffer buffer;
    private static Runnable onSet;

    public void setId(long id) {
      onSet.run();
    }
  }

  @Test
  void a_setter_that_moves_the_buffer_makes_the_view_stale() {
    try (Region region = Region.open(write(folder.resolve("jobs.ztc"), Fixtures.job(1)));
        CopyBuffer buffer = CopyBuffer.allocate()) {
      RecordCopy view = ZeroTouchClone.copyInto(region, 0, buffer);
      Restless.onSet = () -> ZeroTouchClone.copyInto(region, 0, buffer);
      assertThrows(StaleCopyException.class, () -> view.as(Restless.class));
      Restless.onSet = () -> ZeroTouchClone.copy(region, 0, Job.class);
      assertEquals(Restless.class, ZeroTouchClone.copy(region, 0, Restless.class).getClass());
    }
  }

  @Test
  void a_value_at_a_path_becomes_an_object() {
    Path path = write(folder.resolve("jobs.ztc"), Fixtures.job(1));
    try (Region region = Region.open(path);
        LiveRegion live = LiveRegion.watch(path)) {
      assertEquals(
          new Prefs(false, "de", 0.5), ZeroTouchClone.copyPath(region, 0, "prefs", Prefs.class));
      assertEquals("de", ZeroTouchClone.copyPath(region, 0, "$.prefs.lang", String.class));
      assertNull(ZeroTouchClone.copyPath(region, 0, "prefs.nothing", String.class));
      assertEquals(
          List.of("a", "b", "tag 1"),
          ZeroTouchClone.copyPath(region, 0, "tags", Binding.listOf(String.class)));
      assertEquals(Long.valueOf(1), live.copyPath(0, "id", Long.class));
      record Bad(int lang) {}
      fails(
          Status.TYPE_MISMATCH,
          "record 0: $.prefs.lang: the value is",
          () -> ZeroTouchClone.copyPath(region, 0, "prefs", Bad.class));
      fails(
          Status.NO_SUCH_KEY,
          "record 0: ",
          () -> ZeroTouchClone.copyPath(region, 0, "nope", Prefs.class));
    }
  }

  @Test
  void a_scan_and_a_batch_make_objects_of_any_binding() {
    Path path = write(folder.resolve("jobs.ztc"), Fixtures.job(1), Fixtures.job(2));
    try (Region region = Region.open(path);
        LiveRegion live = LiveRegion.watch(path);
        CopyBuffer buffer = CopyBuffer.allocate()) {
      List<Long> ids = new ArrayList<>();
      region.forEachCopy(Binding.of(Job.class), job -> ids.add(job.id()));
      assertEquals(List.of(1L, 2L), ids);
      long[] indices = {1, 0};
      List<Job> jobs = ZeroTouchClone.copyAll(region, indices, buffer, Binding.of(Job.class));
      assertEquals(List.of(2L, 1L), jobs.stream().map(Job::id).toList());
      jobs = live.copyAll(indices, buffer, Job.class);
      assertEquals(List.of(2L, 1L), jobs.stream().map(Job::id).toList());
      assertEquals(2, live.copy(1, Job.class).id());
      assertEquals(1, live.copy(0, Binding.of(Job.class)).id());
    }
  }

  record Named(long id, String name) {}

  record Others(List<Named> others) {}

  static final class Nosy {
    private static Runnable onSet;
    private String name;

    public void setId(long id) {
      onSet.run();
    }

    public void setName(String name) {
      this.name = name;
    }
  }

  record NosyList(List<Nosy> items) {}

  @Test
  void a_setter_may_read_from_the_same_buffer() {
    List<Object> items = List.of(map("id", 1L, "name", "first"), map("id", 2L, "name", "second"));
    Object record = map("items", items, "others", List.of(map("id", 3L, "name", "other")));
    try (Region region = Region.open(write(folder.resolve("nosy.ztc"), record));
        CopyBuffer buffer = CopyBuffer.allocate()) {
      RecordCopy view = ZeroTouchClone.copyInto(region, 0, buffer);
      Nosy.onSet = () -> assertEquals("other", view.as(Others.class).others().get(0).name());
      List<String> names = view.as(NosyList.class).items().stream().map(nosy -> nosy.name).toList();
      assertEquals(List.of("first", "second"), names);
    }
  }

  @Test
  void objects_of_shared_values_are_those_of_their_own_copy() {
    Path path = folder.resolve("shared.ztc");
    int[] sizes = {1, 2, 3, 40, 2, 300, 1, 40};
    int most = Arrays.stream(sizes).max().orElseThrow();
    try (RegionWriter writer = RegionWriter.create(path)) {
      for (int first = 0; first < sizes.length; first++) {
        List<SharedValue> shared = new ArrayList<>();
        for (int i = 0; i < sizes[first]; i++) {
          Object value = map("id", (long) first * most + i, "name", "number " + i);
          shared.add(writer.share(value));
        }
        shared.addAll(List.copyOf(shared)); // each of them twice
        writer.add(shared);
      }
      writer.publish();
    }
    Binding<List<Named>> binding = Binding.listOf(Named.class);
    try (Region region = Region.open(path);
        CopyBuffer buffer = CopyBuffer.allocate()) {
      for (int first = 0; first < sizes.length; first++) {
        List<Named> typed = ZeroTouchClone.copyInto(region, first, buffer, binding);
        List<?> untyped = (List<?>) ZeroTouchClone.copyInto(region, first, buffer).toObject();
        for (int i = 0; i < sizes[first]; i++) {
          Named expected = new Named((long) first * most + i, "number " + i);
          assertEquals(expected, typed.get(i));
          assertSame(typed.get(i), typed.get(sizes[first] + i));
          assertEquals(map("id", expected.id(), "name", expected.name()), untyped.get(i));
          assertSame(untyped.get(i), untyped.get(sizes[first] + i));
        }
        assertEquals(typed, ZeroTouchClone.copy(region, first, binding));
      }
    }
  }

  @Test
  void a_copy_into_a_buffer_may_be_an_object_at_once() {
    try (Region region =
            Region.open(write(folder.resolve("jobs.ztc"), Fixtures.job(1), Fixtures.job(2)));
        CopyBuffer buffer = CopyBuffer.allocate()) {
      RecordCopy cursor = ZeroTouchClone.copyInto(region, 0, buffer);
      assertEquals(2, ZeroTouchClone.copyInto(region, 1, buffer, Job.class).id());
      assertEquals(2, cursor.getInt("id"));
      record Bad(int name) {}
      fails(
          Status.TYPE_MISMATCH,
          "record 0: $.name: the value is",
          () -> ZeroTouchClone.copyInto(region, 0, buffer, Binding.of(Bad.class)));
      assertEquals(1, ZeroTouchClone.copyInto(region, 0, buffer, Job.class).id());
    }
  }

  @Test
  void what_constructors_throw_reaches_the_caller_as_it_is() {
    record Picky(long id) {
      Picky {
        throw new IllegalStateException("id " + id);
      }
    }
    assertEquals(
        "id 1",
        assertThrows(IllegalStateException.class, () -> as(Picky.class, map("id", 1)))
            .getMessage());
  }

  abstract static class Abstract {}

  static final class NoDefault {
    NoDefault(int x) {}
  }

  @Test
  void classes_that_cannot_be_made_are_refused_with_the_reason() {
    fails(Status.INVALID_ARGUMENT, "it is abstract", () -> Binding.of(Abstract.class));
    fails(
        Status.INVALID_ARGUMENT,
        "no constructor without parameters",
        () -> Binding.of(NoDefault.class));
    record Twice(@Field("b") int a, int b) {}
    fails(Status.INVALID_ARGUMENT, "two fields have the name b", () -> Binding.of(Twice.class));
  }

  @Test
  void a_map_of_many_keys_is_read() {
    Map<String, Object> record = new LinkedHashMap<>();
    for (int i = 0; i < 300; i++) {
      record.put("f" + i, i);
    }
    record.put("html", true);
    assertEquals(new Prefs(true, null, 0), as(Prefs.class, record));
  }

  record SetOfDecimals(Set<BigDecimal> numbers) {}

  record SortedDecimals(SortedSet<BigDecimal> numbers) {}

  record QueueOfDecimals(PriorityQueue<BigDecimal> numbers) {}

  record MapOfDecimals(Map<BigDecimal, Integer> numbers) {}

  record SortedMapOfDecimals(SortedMap<BigDecimal, Integer> numbers) {}

  record ListOfDecimals(List<BigDecimal> numbers) {}

  @Test
  void decimals_that_would_take_too_long_to_order_are_refused() {
    List<BigDecimal> numbers = Decimals.alike(100_000, 400);
    Map<BigDecimal, Integer> keys = new LinkedHashMap<>();
    numbers.forEach(number -> keys.put(number, 1));
    for (Class<?> type :
        List.of(SetOfDecimals.class, SortedDecimals.class, QueueOfDecimals.class)) {
      fails(
          Status.TOO_LARGE,
          "$.numbers: references make the elements",
          () -> as(type, map("numbers", numbers)));
    }
    for (Class<?> type : List.of(MapOfDecimals.class, SortedMapOfDecimals.class)) {
      fails(Status.TOO_LARGE, "would take too long", () -> as(type, map("numbers", keys)));
    }
    assertEquals(numbers, as(ListOfDecimals.class, map("numbers", numbers)).numbers);
  }

  @Test
  void a_few_large_decimals_among_many_small_ones_are_ordered() {
    Set<BigDecimal> numbers = new LinkedHashSet<>();
    for (int i = 0; i < 2000; i++) {
      numbers.add(new BigDecimal("1." + i + "1"));
    }
    numbers.addAll(Decimals.alike(1000, 100));
    numbers.addAll(Decimals.alike(999, 1));
    assertEquals(numbers, as(SetOfDecimals.class, map("numbers", numbers)).numbers);
    assertEquals(new TreeSet<>(numbers), as(SortedDecimals.class, map("numbers", numbers)).numbers);
  }

  @Test
  void a_whole_decimal_is_a_big_integer() {
    record Big(BigInteger n) {}
    assertEquals(BigInteger.valueOf(5), as(Big.class, map("n", new BigDecimal("5.0"))).n);
    assertEquals(BigInteger.TEN.pow(100), as(Big.class, map("n", new BigDecimal("1e100"))).n);
    assertEquals(
        BigInteger.ZERO, as(Big.class, map("n", BigDecimal.ZERO.setScale(Integer.MAX_VALUE))).n);
    for (BigDecimal no :
        List.of(
            new BigDecimal("5.5"),
            BigDecimal.ONE.scaleByPowerOfTen(2_000_000_000),
            new BigDecimal(BigInteger.ONE, Integer.MIN_VALUE),
            new BigDecimal(BigInteger.ONE, Integer.MAX_VALUE))) {
      fails(
          Status.LOSSY,
          "$.n: " + no + " does not fit BigInteger",
          () -> as(Big.class, map("n", no)));
    }
    BigDecimal odd = new BigDecimal(BigInteger.ONE.shiftLeft(80_000).add(BigInteger.ONE), 1);
    fails(Status.LOSSY, "a decimal of 10000 bytes does", () -> as(Big.class, map("n", odd)));
  }
}
