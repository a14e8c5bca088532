package io.github.zerotouchclone.bench.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class IntervalTest {

  @Test
  void values_that_agree_have_an_interval_without_width() {
    Interval interval = Interval.ofMedian(List.of(new double[] {2, 2, 2}, new double[] {2, 2}));

    assertEquals(new Interval(2, 2, 2, 5), interval);
  }

  @Test
  void the_same_values_give_the_same_interval() {
    List<double[]> values = List.of(normal(1, 40));

    assertEquals(Interval.ofMedian(values), Interval.ofMedian(values));
  }

  /** The order-statistics interval of the median is exact for any distribution; they must agree. */
  @Test
  void the_interval_is_close_to_the_one_from_order_statistics() {
    double[] values = normal(7, 101);
    double[] sorted = DoubleStream.of(values).sorted().toArray();

    Interval interval = Interval.ofMedian(List.of(values));

    // Binomial(101, 1/2): ranks 41 and 61 enclose 95 %.
    double width = sorted[60] - sorted[40];
    assertEquals(sorted[50], interval.estimate());
    assertEquals(sorted[40], interval.low(), width / 4);
    assertEquals(sorted[60], interval.high(), width / 4);
  }

  @Test
  void it_encloses_the_true_median_about_95_times_in_100() {
    int enclosed = 0;
    for (int seed = 0; seed < 100; seed++) {
      Interval interval = Interval.ofMedian(List.of(normal(seed, 31)));
      enclosed += interval.low() <= 0 && 0 <= interval.high() ? 1 : 0;
    }

    // Binomial(100, 0.95) is between 88 and 99 with a probability of 0.99; seeds are fixed.
    assertTrue(enclosed >= 88 && enclosed <= 99, "enclosed " + enclosed + " times of 100");
  }

  @Test
  void processes_that_disagree_widen_it_however_many_rounds_they_have() {
    double[] first = new double[1000];
    double[] second = new double[1000];
    java.util.Arrays.fill(first, 1.0);
    java.util.Arrays.fill(second, 1.5);

    Interval apart = Interval.ofMedian(List.of(first, second));

    assertEquals(1.0, apart.low());
    assertEquals(1.5, apart.high());
  }

  @Test
  void no_value_is_an_error() {
    assertThrows(IllegalArgumentException.class, () -> Interval.ofMedian(Collections.emptyList()));
    assertThrows(IllegalArgumentException.class, () -> Interval.ofMedian(List.of(new double[0])));
  }

  private static double[] normal(long seed, int count) {
    SplittableRandom random = new SplittableRandom(seed);
    return DoubleStream.generate(
            () ->
                Math.sqrt(-2 * Math.log(1 - random.nextDouble()))
                    * Math.cos(2 * Math.PI * random.nextDouble()))
        .limit(count)
        .toArray();
  }
}
