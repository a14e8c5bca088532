package io.github.zerotouchclone;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.BeforeProperty;

/** Random records and beans of generic types: written, published, opened and made again. */
class TypedPropertyTest {
  private static final Binding<Order> STRICT = Binding.strict(Order.class);
  private static final Binding<List<Item<Numbers>>> ITEMS =
      Binding.ofType(Holder.class.getRecordComponents()[0].getGenericType(), FieldPolicy.STRICT);

  private Path folder;

  enum Mark {
    PLAIN,
    @Field("another name")
    RENAMED
  }

  record Numbers(byte b, short s, int i, long l, float f, double d, char c, boolean z) {}

  record Values(
      Integer i,
      Long l,
      Double d,
      BigInteger large,
      BigDecimal exact,
      Instant at,
      ZoneId zone,
      UUID id) {}

  record Item<T>(String sku, T value, List<T> more, Optional<T> maybe) {}

  record Order(
      @Field("order no") long id,
      Numbers numbers,
      Values values,
      Mark mark,
      Map<String, Item<Long>> items,
      Map<Mark, List<String>> texts,
      Set<Long> ids,
      Optional<Order> next) {}

  private record Holder(List<Item<Numbers>> items) {}

  /** With a property of each kind. */
  static final class Basket {
    private List<Order> orders;
    public Item<Mark> best;

    public List<Order> getOrders() {
      return orders;
    }

    public void setOrders(List<Order> orders) {
      this.orders = orders;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Basket basket
          && Objects.equals(basket.orders, orders)
          && Objects.equals(basket.best, best);
    }

    @Override
    public int hashCode() {
      return Objects.hash(orders, best);
    }
  }

  @BeforeProperty
  void makeFolder() throws IOException {
    folder = Files.createTempDirectory("typed");
  }

  @AfterProperty
  void removeFolder() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      files.forEach(file -> file.toFile().delete());
    }
    folder.toFile().delete(); // fails if a try that shrinking gave up still writes; no matter
  }

  // ------------------------------------------------------------------------------------ arbitrary

  private static Arbitrary<String> texts() {
    return Arbitraries.oneOf(
        Arbitraries.strings().ascii().ofMaxLength(20),
        Arbitraries.strings().all().ofMaxLength(20),
        Arbitraries.strings().withCharRange('\ud7f0', '\ue010').ofMaxLength(4));
  }

  private static Arbitrary<Numbers> numbers() {
    return Combinators.combine(
            Arbitraries.bytes(),
            Arbitraries.shorts(),
            Arbitraries.integers(),
            Arbitraries.longs(),
            Arbitraries.floats(),
            Arbitraries.doubles(),
            Arbitraries.chars().all(),
            Arbitraries.of(true, false))
        .as((b, s, i, l, f, d, c, z) -> new Numbers(b, s, i, l, f, d, c, z));
  }

  private static Arbitrary<Values> values() {
    Arbitrary<BigDecimal> decimals =
        Combinators.combine(Arbitraries.longs(), Arbitraries.integers())
            .as((unscaled, scale) -> new BigDecimal(BigInteger.valueOf(unscaled), scale));
    Arbitrary<Instant> instants =
        Arbitraries.longs()
            .between(Instant.MIN.getEpochSecond(), Instant.MAX.getEpochSecond())
            .map(Instant::ofEpochSecond);
    return Combinators.combine(
            Arbitraries.integers().injectNull(0.2),
            Arbitraries.longs().injectNull(0.2),
            Arbitraries.doubles().injectNull(0.2),
            Arbitraries.bigIntegers().injectNull(0.2),
            decimals.injectNull(0.2),
            instants.injectNull(0.2),
            Arbitraries.of("Europe/Berlin", "Z", "+05:30").map(ZoneId::of).injectNull(0.2),
            Combinators.combine(Arbitraries.longs(), Arbitraries.longs()).as(UUID::new))
        .as(
            (i, l, d, large, exact, at, zone, id) ->
                new Values(i, l, d, large, exact, at, zone, id));
  }

  private static <T> Arbitrary<Item<T>> item(Arbitrary<T> values) {
    return Combinators.combine(
            texts().injectNull(0.1),
            values.injectNull(0.1),
            values.injectNull(0.1).list().ofMaxSize(4),
            values.optional())
        .as((sku, value, more, maybe) -> new Item<T>(sku, value, more, maybe));
  }

  private static Arbitrary<Order> order(int depth) {
    Arbitrary<Optional<Order>> next =
        depth == 0 ? Arbitraries.just(Optional.<Order>empty()) : order(depth - 1).optional(0.5);
    return Combinators.combine(
            Arbitraries.longs(),
            numbers(),
            values().injectNull(0.1),
            Arbitraries.of(Mark.class).injectNull(0.1),
            Arbitraries.maps(texts(), item(Arbitraries.longs())).ofMaxSize(3),
            Arbitraries.maps(Arbitraries.of(Mark.class), texts().list().ofMaxSize(3)).ofMaxSize(2),
            Arbitraries.longs().set().ofMaxSize(4),
            next)
        .as(
            (id, numbers, values, mark, items, texts, ids, last) ->
                new Order(id, numbers, values, mark, items, texts, ids, last));
  }

  @Provide
  Arbitrary<List<Order>> orders() {
    return order(2).list().ofMinSize(1).ofMaxSize(5);
  }

  @Provide
  Arbitrary<List<Item<Numbers>>> items() {
    return item(numbers()).list().ofMaxSize(5);
  }

  @Provide
  Arbitrary<Item<Mark>> best() {
    return item(Arbitraries.of(Mark.class));
  }

  // --------------------------------------------------------------------------------- the property

  @Property(tries = 150, seed = "6", edgeCases = EdgeCasesMode.NONE)
  void objects_of_any_types_come_back(
      @ForAll("orders") List<Order> orders,
      @ForAll("items") List<Item<Numbers>> items,
      @ForAll("best") Item<Mark> best) {
    Basket basket = new Basket();
    basket.setOrders(orders);
    basket.best = best;
    List<Object> records = new ArrayList<>(orders);
    records.add(items);
    records.add(basket);
    Path path = Fixtures.write(folder.resolve("typed.ztc"), records.toArray());
    try (Region region = Region.open(path, RegionOption.VERIFY_ALL);
        CopyBuffer buffer = CopyBuffer.allocate()) {
      for (int i = 0; i < orders.size(); i++) {
        assertEquals(orders.get(i), ZeroTouchClone.copy(region, i, Order.class));
        assertEquals(orders.get(i), ZeroTouchClone.copyInto(region, i, buffer, STRICT));
        assertEquals(orders.get(i), ZeroTouchClone.copy(region, i).as(STRICT));
      }
      int next = orders.size();
      assertEquals(items, ZeroTouchClone.copy(region, next, ITEMS));
      assertEquals(basket, ZeroTouchClone.copy(region, next + 1, Basket.class));
    }
  }
}
