package io.github.zerotouchclone.bench.data;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class GlossTest {

  @Test
  void definition_alone_has_no_examples() {
    assertEquals(
        new Gloss("of or relating to; apt", List.of()), Gloss.parse("of or relating to; apt  "));
  }

  @Test
  void examples_lose_their_quotation_marks() {
    assertEquals(
        new Gloss("being able", List.of("able to swim", "was able; could")),
        Gloss.parse("being able; \"able to swim\"; \"was able; could\""));
  }

  @Test
  void author_of_a_quotation_stays_with_it() {
    assertEquals(
        new Gloss("pleasing", List.of("\"who agrees with me\"- Disraeli", "an agreeable manner")),
        Gloss.parse("pleasing; \"who agrees with me\"- Disraeli; \"an agreeable manner\""));
  }

  @Test
  void quotation_inside_a_definition_stays_there() {
    assertEquals(new Gloss("as in \"a x b\"", List.of()), Gloss.parse("as in \"a x b\""));
  }
}
