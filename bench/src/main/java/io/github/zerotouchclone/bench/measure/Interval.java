package io.github.zerotouchclone.bench.measure;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.commons.statistics.descriptive.Median;
import org.apache.commons.statistics.descriptive.Quantile;

/**
 * A median with its 95 % percentile bootstrap interval (Efron, 1979).
 *
 * <p>Where several processes measured, resampling has two levels: processes, and then the rounds of
 * each one drawn. Rounds of one process share its compiled code and its memory layout, so more
 * rounds do not make up for few processes, and the interval says so. With one process it is the
 * plain bootstrap.
 *
 * <p>Of fewer than 30 values a bootstrap knows too little. There the interval is their whole range,
 * which holds the median with at least 96.9 % if there are six.
 *
 * @param estimate the median of all values
 * @param low lower end
 * @param high upper end
 * @param values how many values there are
 */
public record Interval(double estimate, double low, double high, int values) {

  private static final int FEWEST_TO_RESAMPLE = 30;
  private static final int RESAMPLES = 4000;
  private static final long SEED = 1979;

  /**
   * Computes the interval of the median; the same values always give the same.
   *
   * @param processes the values of each process; none may be empty
   */
  public static Interval ofMedian(List<double[]> processes) {
    if (processes.isEmpty() || processes.stream().anyMatch(values -> values.length == 0)) {
      throw new IllegalArgumentException("an interval needs values");
    }
    double[] all = processes.stream().flatMapToDouble(Arrays::stream).toArray();
    if (all.length < FEWEST_TO_RESAMPLE) {
      return new Interval(
          median(all),
          Arrays.stream(all).min().orElseThrow(),
          Arrays.stream(all).max().orElseThrow(),
          all.length);
    }
    SplittableRandom random = new SplittableRandom(SEED);
    double[] medians = new double[RESAMPLES];
    for (int i = 0; i < RESAMPLES; i++) {
      medians[i] = median(resample(processes, random));
    }
    double[] ends = Quantile.withDefaults().evaluate(medians, 0.025, 0.975);
    return new Interval(median(all), ends[0], ends[1], all.length);
  }

  private static double[] resample(List<double[]> processes, SplittableRandom random) {
    double[][] drawn = new double[processes.size()][];
    int size = 0;
    for (int p = 0; p < drawn.length; p++) {
      drawn[p] = processes.get(random.nextInt(drawn.length));
      size += drawn[p].length;
    }
    double[] sample = new double[size];
    int at = 0;
    for (double[] values : drawn) {
      for (int i = 0; i < values.length; i++) {
        sample[at++] = values[random.nextInt(values.length)];
      }
    }
    return sample;
  }

  /** The median. */
  public static double median(double[] values) {
    return Median.withDefaults().evaluate(values.clone());
  }
}
