package io.github.zerotouchclone;

import java.util.List;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * The property of {@link TypedPropertyTest} with a seed that nobody chose, and more tries. {@code
 * .ci/long properties} runs it and prints the seed; other runs look for names that end in Test.
 */
final class FreeTypedProperties extends TypedPropertyTest {
  @Override
  @Property(tries = 3000, edgeCases = EdgeCasesMode.NONE)
  void objects_of_any_types_come_back(
      @ForAll("orders") List<Order> orders,
      @ForAll("items") List<Item<Numbers>> items,
      @ForAll("best") Item<Mark> best) {
    super.objects_of_any_types_come_back(orders, items, best);
  }
}
