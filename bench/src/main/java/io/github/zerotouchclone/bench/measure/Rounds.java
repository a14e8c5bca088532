package io.github.zerotouchclone.bench.measure;

/**
 * What the rounds of one process took: round {@code i} took {@code a[i]} and {@code b[i]}, one
 * right after the other.
 *
 * @param a one figure a round
 * @param b as many, in the same unit
 */
public record Rounds(double[] a, double[] b) {

  /** Checks that the rounds are pairs. */
  public Rounds {
    if (a.length != b.length || a.length == 0) {
      throw new IllegalArgumentException(a.length + " rounds against " + b.length);
    }
  }

  /** The ratio a / b of every round. */
  public double[] ratios() {
    double[] ratios = new double[a.length];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = a[i] / b[i];
    }
    return ratios;
  }
}
