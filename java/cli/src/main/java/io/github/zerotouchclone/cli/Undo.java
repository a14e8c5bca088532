package io.github.zerotouchclone.cli;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Undoes a work that is not finished when the process is told to end, as by Ctrl-C. The work is
 * done in steps, and is undone between two of them only.
 */
final class Undo implements AutoCloseable {
  // A publish that has begun is rather waited for.
  private static final long PATIENCE_SECONDS = 10;

  private final ReentrantLock lock = new ReentrantLock();
  private final Runnable undo;
  private final Thread hook = new Thread(this::interrupted, "undo");

  Undo(Runnable undo) {
    this.undo = undo;
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** Does a step, in which the process does not end. */
  void step(Runnable step) {
    lock.lock();
    try {
      step.run();
    } finally {
      lock.unlock();
    }
  }

  private void interrupted() {
    try {
      if (lock.tryLock(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        undo.run(); // and no step after that: the lock is kept
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The work is finished, or has failed and is undone. */
  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process ends already.
    }
  }
}
