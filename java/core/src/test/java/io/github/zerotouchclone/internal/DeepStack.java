package io.github.zerotouchclone.internal;

import org.junit.jupiter.api.function.Executable;

/**
 * A stack that has room for the deepest record. What a level takes of it depends on what the
 * virtual machine has compiled so far, and can be almost 2 KiB; the usual 1 MiB would just do, or
 * not.
 */
public final class DeepStack {
  private static final long BYTES = 64 << 20;

  private DeepStack() {}

  /** Runs a test in a thread with that stack; what it throws is thrown. */
  public static void run(Executable test) throws Throwable {
    Throwable[] thrown = new Throwable[1];
    Runnable running =
        () -> {
          try {
            test.execute();
          } catch (Throwable e) {
            thrown[0] = e;
          }
        };
    Thread thread = new Thread(null, running, "deep stack", BYTES);
    thread.start();
    thread.join();
    if (thrown[0] != null) {
      throw thrown[0];
    }
  }
}
