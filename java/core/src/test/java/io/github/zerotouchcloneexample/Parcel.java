package io.github.zerotouchcloneexample;

/** A bean that needs nothing but the JDK; what it runs is nothing. */
public final class Parcel implements Runnable {
  private int weight = 3;

  /** Grams. */
  public int getWeight() {
    return weight;
  }

  /** Grams. */
  public void setWeight(int grams) {
    weight = grams;
  }

  @Override
  public void run() {}
}
