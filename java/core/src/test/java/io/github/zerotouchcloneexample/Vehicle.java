package io.github.zerotouchcloneexample;

import io.github.zerotouchclone.Field;

/** A bean whose subclasses cannot see its fields. */
public class Vehicle {
  private int wheels;

  @Field("plate-no")
  private String plate;

  private double weight;

  /** One without wheels. */
  public Vehicle() {}

  /** One with a number of wheels. */
  public Vehicle(int wheels, String plate) {
    this.wheels = wheels;
    this.plate = plate;
  }

  /** Only the field of it is there to be set. */
  public int getWheels() {
    return wheels;
  }

  /** With a setter, too. */
  public double getWeight() {
    return weight;
  }

  /** Counts in tons. */
  public void setWeight(double tons) {
    weight = tons;
  }

  /** What it says, for comparison. */
  @Override
  public String toString() {
    return wheels + " wheels, " + plate + ", " + weight + " t";
  }
}
