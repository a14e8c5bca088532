package io.github.zerotouchclone.internal;

import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * A few slabs for copies without a buffer, shared by all threads; their number follows the
 * processors and not the threads, so that millions of virtual threads cost nothing. Lock-free.
 */
public final class SlabPool {
  private static final int SIZE =
      Integer.highestOneBit(2 * Runtime.getRuntime().availableProcessors() - 1) * 2;
  private static final AtomicReferenceArray<Slab> SLABS = new AtomicReferenceArray<>(SIZE);

  private SlabPool() {}

  /** A slab that belongs to the caller until {@link #release}. */
  public static Slab acquire() {
    int home = home();
    for (int i = 0; i < SIZE; i++) {
      int place = (home + i) & (SIZE - 1);
      if (SLABS.getPlain(place) != null) {
        Slab slab = SLABS.getAndSet(place, null);
        if (slab != null) {
          return slab;
        }
      }
    }
    return new Slab();
  }

  /** Gives a slab back; one that is too large, or too many, is dropped. */
  public static void release(Slab slab) {
    if (slab.capacity() > Slab.KEEP) {
      return;
    }
    int home = home();
    for (int i = 0; i < SIZE; i++) {
      int place = (home + i) & (SIZE - 1);
      if (SLABS.getPlain(place) == null) {
        // If two do that at once, one slab is dropped: rare, and no copy needs a compare-and-set.
        SLABS.setRelease(place, slab);
        return;
      }
    }
  }

  private static int home() {
    return (int) Thread.currentThread().getId();
  }
}
