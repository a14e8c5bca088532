package io.github.zerotouchclone;

import static io.github.zerotouchclone.Fixtures.fails;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.github.zerotouchclone.internal.DeepStack;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.MonthDay;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Java objects of every kind as records. */
class ObjectsTest {
  @TempDir Path folder;

  enum Colour {
    RED,
    GREEN {
      @Override
      public String toString() {
        return "a constant of a class of its own";
      }
    }
  }

  record Job(
      @Field("job_id") long id,
      int tries,
      double cost,
      boolean urgent,
      float share,
      byte level,
      char mark,
      String to,
      Colour colour,
      Optional<String> note,
      List<Job> next) {}

  record Empty() {}

  static class Animal {
    private final String name;
    private int legs = 4;

    Animal(String name) {
      this.name = name;
    }

    public String getName() {
      return name;
    }

    public int getLegs() {
      return legs;
    }

    public void setLegs(int legs) {
      this.legs = legs;
    }

    public String getDescription() {
      return "computed, so not stored";
    }
  }

  @SuppressWarnings("unused")
  static final class Dog extends Animal {
    public Dog friend;
    private boolean fast = true;
    private final long chip;
    private transient int cache = 1;
    private int secret = 2;

    @Field("tag-no")
    private final int tag = 7;

    static int count = 3;
    private double weight;

    Dog(String name, long chip) {
      super(name);
      this.chip = chip;
    }

    public boolean isFast() {
      return fast;
    }

    public long chip() {
      return chip;
    }

    public int getCache() {
      return cache;
    }

    public double getKilos() {
      return weight;
    }

    public void setKilos(double kilos) {
      weight = kilos;
    }

    @Field("loud_name")
    public String shout() {
      return getName().toUpperCase(java.util.Locale.ROOT);
    }
  }

  private RecordCopy copy(Object record) {
    Path path = Fixtures.write(folder.resolve("objects.ztc"), record);
    try (Region region = Region.open(path, RegionOption.VERIFY_ALL)) {
      return ZeroTouchClone.copy(region, 0);
    }
  }

  private void comesBack(Object... values) {
    for (Object value : values) {
      assertEquals(value, copy(value).toObject());
      assertEquals(value, copy(List.of(value)).get(0));
      assertEquals(value.getClass(), copy(value).toObject().getClass());
    }
  }

  @Test
  void numbers_characters_and_names_come_back() {
    comesBack(
        new BigInteger("-123456789012345678901234567890"),
        BigInteger.ZERO,
        new BigDecimal("1.10"),
        new BigDecimal("-1e2147483647"),
        'c',
        '\ud800',
        new UUID(-1, 1),
        URI.create("https://example.org/a?b#c"));
  }

  @Test
  void times_come_back() {
    comesBack(
        Instant.MIN,
        Instant.MAX,
        Instant.ofEpochSecond(-1, 1),
        Duration.ofSeconds(Long.MIN_VALUE, 5),
        Period.of(-1, 2, 30),
        LocalDate.MIN,
        LocalDate.MAX,
        LocalTime.MAX,
        LocalDateTime.MIN,
        OffsetDateTime.MAX,
        ZonedDateTime.parse("2024-10-27T02:30:00+01:00[Europe/Berlin]"), // there are two of these
        ZonedDateTime.parse("2024-10-27T02:30:00+02:00[Europe/Berlin]"),
        ZonedDateTime.parse("2024-01-01T00:00:00Z"),
        OffsetTime.MIN,
        OffsetTime.MAX,
        Year.of(Year.MIN_VALUE),
        YearMonth.of(Year.MAX_VALUE, 12),
        MonthDay.of(2, 29),
        ZoneId.of("Europe/Berlin"),
        ZoneId.of("UTC+01:00"),
        ZoneOffset.UTC,
        ZoneOffset.ofTotalSeconds(-1));
  }

  record Times(
      OffsetTime time,
      Year year,
      YearMonth month,
      MonthDay day,
      ZoneId zone,
      ZoneOffset offset,
      Map<ZoneId, Set<Year>> years) {}

  @Test
  void times_are_components_elements_and_keys() {
    Times times =
        new Times(
            OffsetTime.parse("12:30+01:00"),
            Year.of(2024),
            YearMonth.of(2024, 2),
            MonthDay.of(2, 29),
            ZoneId.of("Europe/Berlin"),
            ZoneOffset.ofHours(-1),
            Map.of(ZoneId.of("UTC"), Set.of(Year.of(1)), ZoneOffset.UTC, Set.of(Year.of(2))));
    assertEquals(times, copy(times).as(Times.class));
    assertEquals(times.years, copy(times.years).toObject());
  }

  @Test
  void strings_of_any_content_come_back() {
    comesBack("\ud800", "a\udc00", "\udc00\ud800 Ω 😀", "x".repeat(70) + "\udfff");
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("plain", 1);
    map.put("\ud800", 2);
    comesBack(map);
    assertEquals("\ud800", copy(Map.of("s", "\ud800")).getString("s"));
  }

  @Test
  void what_has_no_type_of_its_own_is_stored_as_what_comes_closest() {
    assertEquals("RED", copy(Colour.RED).toObject());
    String name = Colour.class.getName();
    assertEquals("ext(17,[\"" + name + "\",\"GREEN\"])", copy(Colour.GREEN).typedText());
    assertEquals("abc", copy(new char[] {'a', 'b', 'c'}).toObject());
    assertEquals("\ud800", copy(new char[] {'\ud800'}).toObject());
    assertEquals(List.of(true, false), copy(new boolean[] {true, false}).toObject());
    ByteBuffer buffer = ByteBuffer.allocateDirect(8).put(6, (byte) 9).position(5).limit(7);
    assertEquals("x\"0009\"", copy(buffer).typedText());
    assertEquals(5, buffer.position());
    assertEquals("x\"09\"", copy(buffer.asReadOnlyBuffer().position(6)).typedText());
    assertEquals(
        Arrays.asList("x", null, 1, null, 2L, null, 0.5, null),
        copy(Arrays.asList(
                Optional.of("x"),
                Optional.empty(),
                OptionalInt.of(1),
                OptionalInt.empty(),
                OptionalLong.of(2),
                OptionalLong.empty(),
                OptionalDouble.of(0.5),
                OptionalDouble.empty()))
            .toObject());
    assertEquals(List.of(2, 1), copy(new ArrayDeque<>(List.of(2, 1))).toObject());
    assertEquals(List.of(List.of("a")), copy(new String[][] {{"a"}}).toObject());
  }

  @Test
  void sets_and_maps_with_any_keys_come_back() {
    Set<Object> set = new LinkedHashSet<>(Arrays.asList(3, "a", null, List.of(1), Map.of("k", 1)));
    assertEquals(set, copy(set).toObject());
    assertEquals(Set.of("a", "b"), copy(new TreeSet<>(Set.of("b", "a"))).toObject());
    assertEquals(Map.of(1, "a", 2, "b"), copy(new TreeMap<>(Map.of(2, "b", 1, "a"))).toObject());
    assertEquals(Map.of("RED", 1), copy(new EnumMap<>(Map.of(Colour.RED, 1))).toObject());
    assertEquals(
        Map.of(TimeUnit.DAYS.name(), 1, "x", 2), copy(Map.of(TimeUnit.DAYS, 1, "x", 2)).toObject());
    Map<Object, Object> keys = Collections.singletonMap(null, 1);
    assertEquals(keys, copy(keys).toObject());
    assertEquals("ext(5,[])", copy(Set.of()).typedText());
  }

  @Test
  void elements_that_only_look_alike_are_two_elements_in_a_copy_too() {
    Set<Object> set = Collections.newSetFromMap(new IdentityHashMap<>());
    set.addAll(List.of(ByteBuffer.wrap(new byte[2]), ByteBuffer.wrap(new byte[2]), new byte[2]));
    set.addAll(List.of(Optional.of("RED"), Colour.RED, 1, 1L, 1.0, OptionalInt.of(2), 'c', "c"));
    assertEquals(set.size(), ((Set<?>) copy(set).toObject()).size());
  }

  @Test
  void a_record_is_the_map_of_its_components() {
    Job last = new Job(2, 0, 0, false, 0, (byte) 0, 'x', null, null, Optional.empty(), List.of());
    Job job =
        new Job(
            1,
            -3,
            0.5,
            true,
            1.5f,
            (byte) 9,
            'c',
            "a@b",
            Colour.RED,
            Optional.of("n"),
            List.of(last, last));
    RecordCopy copy = copy(job);
    assertEquals(
        List.of(
            "job_id", "tries", "cost", "urgent", "share", "level", "mark", "to", "colour", "note",
            "next"),
        copy.keys());
    assertEquals(1L, copy.get("job_id"));
    assertEquals(-3, copy.get("tries"));
    assertEquals(0.5, copy.get("cost"));
    assertEquals(true, copy.get("urgent"));
    assertEquals(1.5f, copy.get("share"));
    assertEquals((byte) 9, copy.get("level"));
    assertEquals('c', copy.get("mark"));
    assertEquals("RED", copy.get("colour"));
    assertEquals("n", copy.get("note"));
    assertSame(copy.getList("next").getClass(), ArrayList.class);
    List<Object> next = copy.getList("next");
    assertSame(next.get(0), next.get(1));
    assertEquals("{}", copy(new Empty()).typedText());
  }

  @Test
  void a_bean_is_the_map_of_its_properties() {
    Dog dog = new Dog("Rex", 5);
    Dog other = new Dog("Bello", 6);
    dog.friend = other;
    other.friend = dog;
    Map<String, Object> map = copy(dog).toMap();
    assertEquals(
        List.of("name", "legs", "friend", "fast", "chip", "tag-no", "kilos", "loud_name"),
        List.copyOf(map.keySet()));
    Map<?, ?> friend = (Map<?, ?>) map.get("friend");
    assertSame(map, friend.get("friend"));
    assertEquals("BELLO", friend.get("loud_name"));
    assertEquals(4, friend.get("legs"));
    assertEquals(7, friend.get("tag-no"));
  }

  /** Names and accessors of many kinds. */
  @SuppressWarnings("unused")
  static final class Names {
    private String URL;
    private int xCoord;
    private String fluent;
    private Boolean open;

    @Field("cached")
    private transient int cache;

    private String other; // of a property with another name

    public String getURL() {
      return URL;
    }

    public void setURL(String value) {
      URL = value;
    }

    public int getXCoord() {
      return xCoord;
    }

    public void setXCoord(int value) {
      xCoord = value;
    }

    public String fluent() {
      return fluent;
    }

    public Boolean isOpen() {
      return open;
    }

    public String getURI() {
      return other;
    }

    public void setURI(String value) {
      other = value;
    }
  }

  @Test
  void what_is_stored_of_a_bean_is_read_back_under_the_same_names() {
    Names names = new Names();
    names.URL = "url";
    names.xCoord = 5;
    names.fluent = "f";
    names.open = true;
    names.cache = 6;
    names.other = "uri";
    RecordCopy copy = copy(names);
    assertEquals(List.of("URL", "xCoord", "fluent", "open", "cached", "URI"), copy.keys());
    Names back = copy.as(Binding.strict(Names.class));
    assertEquals("url", back.URL);
    assertEquals(5, back.xCoord);
    assertEquals("f", back.fluent);
    assertEquals(true, back.open);
    assertEquals(6, back.cache);
    assertEquals("uri", back.other);
  }

  static class Entity<T> {
    T id;
  }

  interface Kinds {
    String kind();

    default Optional<String> getKind() {
      return Optional.ofNullable(kind());
    }
  }

  /** Getters of other types than the fields, without setters. */
  @SuppressWarnings("unused")
  static final class Loose extends Entity<Integer> implements Kinds {
    private ArrayList<String> tags = new ArrayList<>();
    private int count;
    private String nick;
    private String none = "not set";
    private boolean active;
    private boolean isOpen;
    private Boolean closed;
    private LinkedHashMap<String, Integer> fluent = new LinkedHashMap<>();
    private long boxed;
    private String maybe;
    private String kind;
    private String unrelated = "no getter: another type";

    public List<String> getTags() {
      return Collections.unmodifiableList(tags);
    }

    public Integer getCount() {
      return count;
    }

    public Optional<String> getNick() {
      return Optional.ofNullable(nick);
    }

    public Optional<String> getNone() {
      return Optional.empty();
    }

    public Boolean getActive() {
      return active;
    }

    public Boolean getOpen() {
      return isOpen;
    }

    public boolean isClosed() {
      return closed;
    }

    public Integer getId() {
      return id;
    }

    public Map<String, Integer> fluent() {
      return fluent;
    }

    public Long boxed() {
      return boxed;
    }

    public Optional<String> maybe() {
      return Optional.of(maybe);
    }

    @Override
    public String kind() {
      return kind;
    }

    public int unrelated() {
      return 1;
    }
  }

  @Test
  void a_getter_of_another_type_than_its_field_makes_a_property() {
    Loose loose = new Loose();
    loose.id = 7;
    loose.tags.add("t");
    loose.count = 5;
    loose.nick = "n";
    loose.active = true;
    loose.isOpen = true;
    loose.closed = true;
    loose.fluent.put("f", 1);
    loose.boxed = 6;
    loose.maybe = "m";
    loose.kind = "k";
    RecordCopy copy = copy(loose);
    assertEquals(
        List.of(
            "id", "tags", "count", "nick", "none", "active", "isOpen", "closed", "fluent", "boxed",
            "maybe", "kind"),
        copy.keys());
    Loose back = copy.as(Binding.strict(Loose.class));
    assertEquals(7, back.id);
    assertEquals(List.of("t"), back.tags);
    assertEquals(5, back.count);
    assertEquals("n", back.nick);
    assertNull(back.none);
    assertEquals(List.of(true, true, true), List.of(back.active, back.isOpen, back.closed));
    assertEquals(Map.of("f", 1), back.fluent);
    assertEquals(6, back.boxed);
    assertEquals("m", back.maybe);
    assertEquals("k", back.kind);
  }

  interface Stamped {
    long[] stamp();

    default Instant getStamp() {
      return Instant.ofEpochSecond(stamp()[0]);
    }

    default void setStamp(Instant value) {
      stamp()[0] = value.getEpochSecond();
    }
  }

  /** Getters of other types than the fields, with setters. */
  @SuppressWarnings("unused")
  static final class Paired implements Stamped {
    private ArrayList<String> tags = new ArrayList<>();
    private int count;
    private String nick;
    private boolean active;
    private long created;
    private final long[] seconds = new long[1];

    public List<String> getTags() {
      return tags;
    }

    public void setTags(List<String> value) {
      tags = new ArrayList<>(value);
    }

    public Integer getCount() {
      return count == 0 ? null : count;
    }

    public void setCount(int value) {
      count = value;
    }

    public void setCount(Integer value) {
      count = value == null ? 0 : value;
    }

    public Optional<String> getNick() {
      return Optional.ofNullable(nick);
    }

    public void setNick(Optional<String> value) {
      nick = value.orElse(null);
    }

    public Boolean getActive() {
      return active;
    }

    public void setActive(Boolean value) {
      active = value;
    }

    public Instant getCreated() {
      return Instant.ofEpochSecond(created);
    }

    public void setCreated(long value) {
      created = value;
    }

    public void setCreated(Instant value) {
      created = value.getEpochSecond();
    }

    @Override
    public long[] stamp() {
      return seconds;
    }
  }

  @Test
  void a_setter_takes_what_the_getter_returns() {
    Paired paired = new Paired();
    paired.tags.add("t");
    paired.nick = "n";
    paired.active = true;
    paired.created = 8;
    paired.seconds[0] = 9;
    RecordCopy copy = copy(paired);
    assertEquals(List.of("tags", "count", "nick", "active", "created", "stamp"), copy.keys());
    Paired back = copy.as(Binding.strict(Paired.class));
    assertEquals(List.of("t"), back.tags);
    assertEquals(0, back.count);
    assertEquals("n", back.nick);
    assertEquals(true, back.active);
    assertEquals(8, back.created);
    assertEquals(9, back.seconds[0]);
  }

  /** What its getter returns is stored, but its field is no such thing. */
  @SuppressWarnings("unused")
  static final class Hiding {
    private Kinds source = () -> "k";
    private transient Kinds left = source;

    public String getSource() {
      return source.kind();
    }

    public String getLeft() {
      return "of a transient field";
    }
  }

  @Test
  void a_property_that_cannot_be_read_back_is_named() {
    assertEquals("{\"source\":\"k\"}", copy(new Hiding()).typedText());
    fails(
        Status.INVALID_ARGUMENT,
        "the region does not choose a class (for source of class " + Hiding.class.getName() + ")",
        () -> Binding.of(Hiding.class));
  }

  @Test
  void a_local_class_is_a_bean_too() {
    @SuppressWarnings("unused")
    class Local {
      public int x = 1;
    }
    assertEquals("{\"x\":1i32}", copy(new Local()).typedText());
  }

  private static Object chain(Object end, int length) {
    Object value = end;
    for (int i = 0; i < length; i++) {
      value = List.of(value);
    }
    return value;
  }

  @Test
  void depth_counts_what_is_inside_values() throws Throwable {
    DeepStack.run(this::depthCountsWhatIsInsideValues);
  }

  private void depthCountsWhatIsInsideValues() {
    Object zoned = ZonedDateTime.parse("2024-01-01T00:00:00Z");
    copy(chain(zoned, 504)).toObject();
    copy(chain(Set.of(1), 510)).toObject();
    copy(chain(Map.of(1, 2), 510)).toObject();
    copy(chain("\ud800", 511)).toObject();
    for (Object tooDeep :
        List.of(
            chain(zoned, 505),
            chain(Set.of(1), 511),
            chain(Map.of(1, 2), 511),
            chain("\ud800", 512),
            chain(new Empty(), 512))) {
      fails(Status.TOO_DEEP, "512", () -> copy(tooDeep));
    }
  }

  @SuppressWarnings("unused")
  static final class Twice {
    public int a;

    @Field("a")
    public int b;
  }

  static final class Failing {
    private int x;

    public int getX() throws java.io.IOException {
      throw new java.io.IOException("no x");
    }
  }

  @Test
  void classes_that_cannot_be_stored_say_why() {
    fails(Status.UNSTORABLE, "$.k: ", () -> copy(Map.of("k", new Object())));
    fails(Status.UNSTORABLE, "it has no properties", () -> copy(new Object() {}));
    fails(Status.UNSTORABLE, "two properties have the name a", () -> copy(new Twice()));
    RegionException failed =
        fails(Status.UNSTORABLE, "$[0].x: the getter failed", () -> copy(List.of(new Failing())));
    assertEquals("no x", failed.getCause().getMessage());
  }
}
