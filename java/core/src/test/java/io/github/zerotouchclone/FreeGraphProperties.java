package io.github.zerotouchclone;

import java.io.IOException;
import java.util.List;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * The properties of {@link GraphPropertyTest} with seeds that nobody chose, and more tries; see
 * {@link FreeTypedProperties}.
 */
final class FreeGraphProperties extends GraphPropertyTest {
  @Override
  @Property(tries = 3000, edgeCases = EdgeCasesMode.NONE)
  void what_is_written_comes_back_for_any_number_of_threads(@ForAll("recipes") List<Recipe> recipes)
      throws IOException {
    super.what_is_written_comes_back_for_any_number_of_threads(recipes);
  }

  @Override
  @Property(tries = 3000, edgeCases = EdgeCasesMode.NONE)
  void what_is_shared_comes_back_in_every_record(@ForAll("recipes") List<Recipe> recipes) {
    super.what_is_shared_comes_back_in_every_record(recipes);
  }
}
