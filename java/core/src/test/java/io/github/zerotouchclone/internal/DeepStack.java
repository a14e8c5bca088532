package io.github.zerotouchclone.internal;

import org.junit.jupiter.api.function.Executable;

/**
 * A stack that has room for the deepest record, or certainly none. What a level takes of it depends
 * on what the virtual machine has compiled so far, and can be almost 2 KiB; the usual 1 MiB would
 * just do, or not.
 */
public final class DeepStack {
  private static final long BYTES = 64 << 20;
  private static final long LEAST = 1; // the virtual machine takes the least that it can work with

  private DeepStack() {}

  /** Runs a test in a thread with that stack; what it throws is thrown. */
  public static void run(Executable test) throws Throwable {
    run(test, BYTES);
  }

  /**
   * Runs a test in a thread with the smallest stack that there is; what it throws is thrown. All
   * classes that the test needs deep down should be there already.
   */
  public static void runWithout(Executable test) throws Throwable {
    run(test, LEAST);
  }

  private static void run(Executable test, long bytes) throws Throwable {
    Throwable[] thrown = new Throwable[1];
    Runnable running =
        () -> {
          try {
            test.execute();
          } catch (Throwable e) {
            thrown[0] = e;
          }
        };
    Thread thread = new Thread(null, running, "stack of " + bytes, bytes);
    thread.start();
    thread.join();
    if (thrown[0] != null) {
      throw thrown[0];
    }
  }
}
