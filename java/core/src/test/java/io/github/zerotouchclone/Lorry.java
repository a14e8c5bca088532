package io.github.zerotouchclone;

import io.github.zerotouchcloneexample.Vehicle;

/** A bean whose superclass is in another package. */
final class Lorry extends Vehicle {
  private int load;

  Lorry() {}

  Lorry(int wheels, String plate, int load) {
    super(wheels, plate);
    this.load = load;
  }

  public int getLoad() {
    return load;
  }

  @Override
  public String toString() {
    return super.toString() + ", load " + load;
  }
}
