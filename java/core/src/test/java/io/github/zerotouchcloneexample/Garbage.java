package io.github.zerotouchcloneexample;

import io.github.zerotouchclone.CopyBuffer;
import io.github.zerotouchclone.FieldHandle;
import io.github.zerotouchclone.RecordCopy;
import io.github.zerotouchclone.Region;
import io.github.zerotouchclone.ZeroTouchClone;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/** Prints how many bytes a copy allocates on the heap, by the JVM's own count. */
public final class Garbage {
  private static final int WARM_UP = 20_000;
  private static final int ROUNDS = 100_000;
  private static long sum;

  private Garbage() {}

  /** Only primitives: 16 bytes of header and fields of 8, 4 and 1. */
  public record Numbers(long id, int small, boolean flag) {}

  public static void main(String[] arguments) throws Exception {
    try (Region region = Region.open(Path.of(arguments[0]));
        CopyBuffer buffer = CopyBuffer.allocate()) {
      long count = region.count();
      print("copyInto", i -> sum += ZeroTouchClone.copyInto(region, i % count, buffer).byteSize());
      print(
          "getters", i -> sum += ZeroTouchClone.copyInto(region, i % count, buffer).getLong("id"));
      print("typed", i -> sum += ZeroTouchClone.copy(region, i % count, Numbers.class).id());
      print(
          "typed into",
          i -> sum += ZeroTouchClone.copyInto(region, i % count, buffer, Numbers.class).id());
      FieldHandle score = region.field("prefs.score");
      FieldHandle third = region.field("rows[2].n");
      FieldHandle element = region.field("ints[1]");
      print(
          "handles",
          i -> {
            RecordCopy view = ZeroTouchClone.copyInto(region, i % count, buffer);
            sum += score.isPresent(view) ? (long) score.getDouble(view) : 1;
            sum += third.getInt(view);
            sum += element.getInt(view);
          });
      print(
          "three fields",
          i -> {
            RecordCopy view = ZeroTouchClone.copyInto(region, i % count, buffer);
            sum += view.getLong("id");
            sum += view.getBoolean("flag") ? 1 : 0;
            sum += view.getInt("small");
          });
      // Each has shapes of its own, of the same layouts.
      Region[] regions = new Region[7];
      for (int i = 0; i < regions.length; i++) {
        regions[i] = Region.open(Path.of(arguments[0]));
      }
      for (int many : new int[] {2, regions.length}) {
        print(
            "typed of " + many + " regions",
            i -> sum += ZeroTouchClone.copy(regions[(int) i % many], 1, Numbers.class).id());
      }
      for (Region each : regions) {
        each.close();
      }
      // A string is 24 bytes, its characters are 16 and what they need, in steps of 8.
      print(
          "a short string",
          i ->
              sum += ZeroTouchClone.copyInto(region, i % count, buffer).getString("lang").length());
      print(
          "a string",
          i ->
              sum += ZeroTouchClone.copyInto(region, i % count, buffer).getString("name").length());
      long[] indices = new long[64];
      Arrays.setAll(indices, i -> i % count);
      Consumer<RecordCopy> adder = view -> sum += view.getLong("id");
      print("batch", i -> ZeroTouchClone.copyAll(region, indices, buffer).forEachCopy(adder));
    }
    try (Region large = Region.open(Path.of(arguments[1]))) {
      scan(large);
      long before = allocated();
      scan(large);
      System.out.println("scan " + (allocated() - before) / large.count());
    }
    try (Region references = Region.open(Path.of(arguments[2]));
        CopyBuffer buffer = CopyBuffer.allocate()) {
      long count = references.count();
      print(
          "references",
          i -> sum += ZeroTouchClone.copyInto(references, i % count, buffer).getLong("id"));
      print(
          "typed references",
          i -> sum += ZeroTouchClone.copy(references, i % count, Numbers.class).id());
      print(
          "typed references into",
          i -> sum += ZeroTouchClone.copyInto(references, i % count, buffer, Numbers.class).id());
    }
    System.out.println("sum " + (sum != 0));
  }

  private static void scan(Region region) {
    region.forEachCopy(view -> sum += view.getLong("id"));
  }

  private static void print(String name, LongConsumer copy) throws Exception {
    for (long i = 0; i < WARM_UP; i++) {
      copy.accept(i);
    }
    long before = allocated();
    for (long i = 0; i < ROUNDS; i++) {
      copy.accept(i);
    }
    System.out.println(name + " " + (allocated() - before) / ROUNDS);
  }

  /** Of this thread; by reflection, since the tests' module does not read the JDK's. */
  private static long allocated() throws Exception {
    Object bean =
        Class.forName("java.lang.management.ManagementFactory")
            .getMethod("getThreadMXBean")
            .invoke(null);
    Method bytes =
        Class.forName("com.sun.management.ThreadMXBean")
            .getMethod("getThreadAllocatedBytes", long.class);
    return (long) bytes.invoke(bean, Thread.currentThread().getId());
  }
}
