package io.github.zerotouchclone.internal;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Opens regions even if many were opened and closed before. A closed region keeps its range of
 * addresses, and its place among the regions of the process, until nobody can be reading there any
 * more, which only a garbage collection finds out; who opens regions faster than garbage is
 * collected would run out of them.
 */
public final class Opening {
  private static final int ATTEMPTS = 8;
  private static final long PATIENCE_MILLIS = 250;

  private Opening() {}

  /**
   * The handle that a native call opens, or what it returns that opens a region for itself. If it
   * lacks addresses, garbage is collected, and the call made again; any other failure, and a lack
   * that stays, reaches the caller.
   */
  public static long handle(LongSupplier call) {
    for (int attempt = 1; ; attempt++) {
      try {
        return call.getAsLong();
      } catch (NativeFailure e) {
        if (!e.lacksAddresses() || attempt == ATTEMPTS || !collect()) {
          throw e;
        }
      }
    }
  }

  /** Collects garbage and waits until cleaners have met it; false if the thread is interrupted. */
  private static boolean collect() {
    CountDownLatch met = new CountDownLatch(1);
    Slab.cleaner().register(new Object(), met::countDown);
    System.gc();
    try {
      // In vain where explicit collections are switched off; then the next attempt may do.
      met.await(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
