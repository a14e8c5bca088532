package io.github.zerotouchclone;

import io.github.zerotouchclone.internal.Native;
import io.github.zerotouchclone.internal.NativeFailure;
import io.github.zerotouchclone.internal.Opening;
import io.github.zerotouchclone.internal.RecordKeys;
import io.github.zerotouchclone.internal.Slab;
import io.github.zerotouchclone.internal.SystemPaths;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The region at a path, also after another one was published there: reload without a restart.
 *
 * <pre>{@code
 * try (LiveRegion live = LiveRegion.watch(Path.of("jobs.ztc"))) {
 *   RecordCopy job = live.copy(42); // from the region that is there now
 * }
 * }</pre>
 *
 * <p>A thread looks every now and then whether another file was renamed into place, as {@link
 * RegionWriter#publish} does it. The new region is opened with the options of the old one, checked
 * as they say, and swapped in. A file that fails is reported to the {@link Listener}, once, and the
 * old region stays; a failure of the system ({@link Status#IO}, {@link Status#NO_MEMORY}) is
 * reported by each look that meets it, as the next one may succeed. Without a listener that is
 * logged as a warning of the logger {@code io.github.zerotouchclone}.
 *
 * <p>Nobody counts readers. A superseded region is closed after a grace period, and its file's disk
 * space comes back then, without a garbage collection. A copy that is still running on it is made
 * again from the new region, which may give the record at that index another content, or may not
 * have it. Work that needs several records of one version takes a {@link #snapshot}.
 *
 * <p>Any thread may use this. Regions that were superseded or closed keep a range of addresses
 * until they are garbage. A process has room for 4096; if it runs out, opening collects garbage
 * first, as {@link Region#open} does.
 */
public final class LiveRegion implements AutoCloseable {
  /**
   * Told what became of new files, one event after the other, in the order in which the files came:
   * the region that is told last is the current one. Called by a thread that polled, which holds no
   * lock that readers, {@link LiveRegion#snapshot} or {@link LiveRegion#close} need. What a poll
   * that a listener makes itself finds is told when the listener has returned.
   */
  public interface Listener {
    /**
     * Another region was swapped in. What this throws does not undo that.
     *
     * @param current the new one, open
     */
    default void swapped(Region current) {}

    /**
     * What is at the path cannot be used; the old region stays.
     *
     * @param problem what {@link Region#open} throws for this file
     */
    default void refused(RegionException problem) {}
  }

  /** How a path is watched. Not for more than one thread. */
  public static final class Builder {
    private static final Duration CENTURY = Duration.ofDays(36_525); // fits nanoseconds

    private final Path path;
    private RegionOption[] options = {};
    private Duration interval = Duration.ofMillis(500);
    private Duration grace = Duration.ofSeconds(5);
    private Listener listener = new LoggingListener();
    private LongSupplier clock = System::nanoTime;
    private Runnable beforeLook = () -> {};

    private Builder(Path path) {
      this.path = path;
    }

    /**
     * How each region is opened; {@link RegionOption#VERIFY_HEADER} if this is not called. With
     * {@link RegionOption#VERIFY_ALL} a region is swapped in only if each of its bytes is as it was
     * published.
     */
    public Builder options(RegionOption... options) {
      RegionOption.flags(options);
      this.options = options.clone();
      return this;
    }

    /**
     * How long the watching thread waits between two looks, each of which is one system call; half
     * a second if this is not called. With {@link Duration#ZERO} there is no such thread, and
     * {@link LiveRegion#poll} has to be called. More than a century is taken as a century.
     */
    public Builder interval(Duration interval) {
      this.interval = checked(interval);
      return this;
    }

    /**
     * How long a superseded region stays open for those who are inside; five seconds if this is not
     * called. With {@link Duration#ZERO} it is closed at once. More than a century is taken as a
     * century.
     */
    public Builder grace(Duration grace) {
      this.grace = checked(grace);
      return this;
    }

    /** Who is told about new regions and unusable files. */
    public Builder listener(Listener listener) {
      this.listener = Objects.requireNonNull(listener);
      return this;
    }

    /** For tests: what tells nanoseconds. */
    Builder clock(LongSupplier clock) {
      this.clock = clock;
      return this;
    }

    /** For tests: what runs at the start of each look. */
    Builder beforeLook(Runnable beforeLook) {
      this.beforeLook = beforeLook;
      return this;
    }

    private static Duration checked(Duration duration) {
      if (duration.isNegative()) {
        throw new RegionException(
            Status.INVALID_ARGUMENT, RegionException.NO_OFFSET, null, "negative: " + duration);
      }
      return duration.compareTo(CENTURY) > 0 ? CENTURY : duration;
    }

    /**
     * Opens the region that is at the path now, and starts to watch.
     *
     * @throws RegionException as {@link Region#open}
     */
    public LiveRegion watch() {
      LiveRegion live = new LiveRegion(this);
      if (!interval.isZero()) {
        live.start(interval.toNanos());
      }
      return live;
    }
  }

  private static final class LoggingListener implements Listener {
    @Override
    public void refused(RegionException problem) {
      System.getLogger("io.github.zerotouchclone")
          .log(System.Logger.Level.WARNING, "the old region stays: " + problem.getMessage());
    }
  }

  private record Superseded(Region region, long closeAt) {}

  /** For the listener: a region that was swapped in, or else a problem. */
  private record Event(@Nullable Region swapped, @Nullable RegionException problem) {}

  private final String path;
  private final Listener listener;
  private final long graceNanos;
  private final LongSupplier clock;
  private final Runnable beforeLook;

  /** Of who looks, which may take as long as a new region's validation. */
  private final ReentrantLock looking = new ReentrantLock();

  private boolean missed; // guarded by looking: the watch has taken a file that is not current

  /** Of who tells the listener. */
  private final ReentrantLock telling = new ReentrantLock();

  private final ConcurrentLinkedQueue<Event> events = new ConcurrentLinkedQueue<>();

  /** Held for moments only, and never across a call of the watch or of the listener. */
  private final ReentrantLock lock = new ReentrantLock();

  private final Condition ended = lock.newCondition();
  private final ArrayDeque<Superseded> superseded = new ArrayDeque<>(); // guarded by lock
  private boolean closed; // guarded by lock
  private int calls; // guarded by lock: of the watch, which are under way
  private final long watch; // to be used between enter and leave
  private final Cleaner.Cleanable release;
  private volatile Region current;

  private LiveRegion(Builder builder) {
    Native.initialize();
    path = builder.path.toString();
    listener = builder.listener;
    graceNanos = builder.grace.toNanos();
    clock = builder.clock;
    beforeLook = builder.beforeLook;
    long handle;
    try {
      handle =
          Native.watchCreate(SystemPaths.bytes(builder.path), RegionOption.flags(builder.options));
    } catch (NativeFailure e) {
      throw e.at(path);
    }
    watch = handle;
    release = Slab.cleaner().register(this, () -> Native.watchFree(handle));
    try {
      current = Region.of(() -> Opening.handle(() -> Native.watchPoll(handle)), path);
    } catch (RuntimeException e) {
      release.clean();
      throw e;
    }
  }

  /**
   * Opens the region at a path, and follows the path from now on.
   *
   * @param path the file; a symbolic link is followed anew at each look
   * @param options how each region is opened, as for {@link Region#open}
   * @throws RegionException as {@link Region#open}
   */
  public static LiveRegion watch(Path path, RegionOption... options) {
    return builder(path).options(options).watch();
  }

  /** Starts to say how a path is to be watched. */
  public static Builder builder(Path path) {
    return new Builder(path);
  }

  // ------------------------------------------------------------------------------------- reading

  /** The region that was swapped in last. It is closed some time after it was superseded. O(1). */
  public Region region() {
    return current;
  }

  /**
   * The current region opened once more: the caller's, who closes it. It stays as it is whatever
   * happens to this object and to the path. Costs what {@link Region#open} costs with the same
   * options: O(1) in the number of records, but O(bytes) with {@link RegionOption#VERIFY_ALL}.
   * Never waits for a look at the path.
   *
   * @throws RegionClosedException if this is closed
   * @throws RegionException as {@link Region#open}
   */
  public Region snapshot() {
    if (!enter()) {
      throw isClosed();
    }
    try {
      return Region.of(() -> Opening.handle(() -> Native.watchSnapshot(watch)), path);
    } finally {
      leave();
    }
  }

  /**
   * Calls a function with the current region, and once more with the new one if the region was
   * closed or lost meanwhile and there is a new one.
   *
   * @param action reads from the region, and has no effect that must not come twice
   * @return what the function returns
   * @throws RegionClosedException if the second attempt meets a closed region as well
   */
  public <T extends @Nullable Object> T read(Function<? super Region, ? extends T> action) {
    Region region = current;
    try {
      return action.apply(region);
    } catch (RegionClosedException e) {
      Region later = current;
      if (later == region) {
        throw e;
      }
      return action.apply(later);
    }
  }

  /** {@link ZeroTouchClone#copy} from the current region. */
  public RecordCopy copy(long index) {
    return read(region -> ZeroTouchClone.copy(region, index));
  }

  /** {@link ZeroTouchClone#copy(Region, long, Class)} from the current region. */
  public <T> @Nullable T copy(long index, Class<T> type) {
    return copy(index, Binding.of(type));
  }

  /** {@link ZeroTouchClone#copy(Region, long, Binding)} from the current region. */
  public <T> @Nullable T copy(long index, Binding<T> binding) {
    return read(region -> ZeroTouchClone.copy(region, index, binding));
  }

  /** {@link ZeroTouchClone#copyByKey(Region, String)} from the current region. */
  public RecordCopy copyByKey(String key) {
    return read(region -> ZeroTouchClone.copyByKey(region, key));
  }

  /** {@link ZeroTouchClone#copyByKey(Region, long)} from the current region. */
  public RecordCopy copyByKey(long key) {
    return read(region -> ZeroTouchClone.copyByKey(region, key));
  }

  /** {@link ZeroTouchClone#copyByKey(Region, byte[])} from the current region. */
  public RecordCopy copyByKey(byte[] key) {
    return read(region -> ZeroTouchClone.copyByKey(region, key));
  }

  /** {@link ZeroTouchClone#copyByKey(Region, String, Class)} from the current region. */
  public <T> @Nullable T copyByKey(String key, Class<T> type) {
    return read(region -> ZeroTouchClone.copyByKey(region, key, type));
  }

  /** {@link ZeroTouchClone#copyByKey(Region, long, Class)} from the current region. */
  public <T> @Nullable T copyByKey(long key, Class<T> type) {
    return read(region -> ZeroTouchClone.copyByKey(region, key, type));
  }

  /** {@link ZeroTouchClone#copyByKey(Region, byte[], Class)} from the current region. */
  public <T> @Nullable T copyByKey(byte[] key, Class<T> type) {
    return read(region -> ZeroTouchClone.copyByKey(region, key, type));
  }

  /**
   * Refuses a character, which would else be taken for a number.
   *
   * @deprecated for {@link #copyByKey(String)}
   * @throws IllegalArgumentException always
   */
  @Deprecated
  public RecordCopy copyByKey(char key) {
    throw RecordKeys.refuse(key);
  }

  /**
   * Refuses a character, which would else be taken for a number.
   *
   * @deprecated for {@link #copyByKey(String, Class)}
   * @throws IllegalArgumentException always
   */
  @Deprecated
  public <T> @Nullable T copyByKey(char key, Class<T> type) {
    throw RecordKeys.refuse(key);
  }

  /** {@link ZeroTouchClone#copyInto(Region, long, CopyBuffer)} from the current region. */
  public RecordCopy copyInto(long index, CopyBuffer buffer) {
    return read(region -> ZeroTouchClone.copyInto(region, index, buffer));
  }

  /**
   * {@link ZeroTouchClone#copyAll(Region, long[], CopyBuffer)} from the current region; all copies
   * are of one version.
   */
  public BatchCopy copyAll(long[] indices, CopyBuffer buffer) {
    return read(region -> ZeroTouchClone.copyAll(region, indices, buffer));
  }

  /**
   * {@link ZeroTouchClone#copyAll(Region, long[], CopyBuffer, Class)} from the current region; all
   * objects are of one version.
   */
  public <T> List<@Nullable T> copyAll(long[] indices, CopyBuffer buffer, Class<T> type) {
    return read(region -> ZeroTouchClone.copyAll(region, indices, buffer, type));
  }

  /** {@link ZeroTouchClone#copyPath(Region, long, String)} from the current region. */
  public @Nullable Object copyPath(long index, String path) {
    return read(region -> ZeroTouchClone.copyPath(region, index, path));
  }

  /** {@link ZeroTouchClone#copyPath(Region, long, String, Class)} from the current region. */
  public <T> @Nullable T copyPath(long index, String path, Class<T> type) {
    return read(region -> ZeroTouchClone.copyPath(region, index, path, type));
  }

  // ------------------------------------------------------------------------------------ watching

  /**
   * Looks now whether there is another region at the path, swaps it in, and closes superseded
   * regions whose grace period is over. Tells the listener before it returns, unless a listener
   * makes this call. Any thread; one looks, and the others wait.
   *
   * @return whether a region was swapped in
   * @throws RegionClosedException if this is closed
   */
  public boolean poll() {
    if (!enter()) {
      throw isClosed();
    }
    boolean swapped;
    try {
      swapped = look();
    } finally {
      leave();
    }
    tell();
    return swapped;
  }

  private boolean look() {
    looking.lock();
    try {
      beforeLook.run();
      closeWhatIsDue(); // what it takes up may be what the next one needs
      Region next = next();
      return next != null && swap(next);
    } catch (NativeFailure e) {
      events.add(new Event(null, e.at(path)));
    } catch (CorruptRegionException e) {
      events.add(new Event(null, e));
    } finally {
      looking.unlock();
      closeWhatIsDue();
    }
    return false;
  }

  private @Nullable Region next() {
    long handle = Opening.handle(() -> Native.watchPoll(watch)); // 0: no other file
    if (handle == 0) {
      if (!missed) {
        return null;
      }
      handle = Opening.handle(() -> Native.watchSnapshot(watch));
    }
    missed = true; // the watch does not report this file again, whatever comes between
    try {
      long opened = handle;
      return Region.of(() -> opened, path);
    } catch (CorruptRegionException e) {
      missed = false; // nor would it be another time
      throw e;
    }
  }

  /** False if this was closed meanwhile. */
  private boolean swap(Region next) {
    lock.lock();
    try {
      if (closed) {
        next.close();
        return false;
      }
      superseded.add(new Superseded(current, clock.getAsLong() + graceNanos));
      try {
        events.add(new Event(next, null));
      } catch (Throwable e) {
        superseded.removeLast();
        throw e;
      }
      current = next;
      missed = false;
      return true;
    } catch (Throwable e) {
      next.close();
      throw e;
    } finally {
      lock.unlock();
    }
  }

  private void closeWhatIsDue() {
    lock.lock();
    try {
      while (!superseded.isEmpty() && superseded.peek().closeAt() - clock.getAsLong() <= 0) {
        superseded.poll().region().close();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Tells the listener what it was not told yet. All of it, even if it throws. */
  private void tell() {
    if (telling.isHeldByCurrentThread()) {
      return; // the listener polls, and who called it goes on below
    }
    Throwable thrown = null;
    telling.lock();
    try {
      for (Event event; (event = events.poll()) != null; ) {
        try {
          tell(event);
        } catch (RuntimeException | Error e) {
          if (thrown == null) {
            thrown = e;
          } else if (thrown != e) {
            thrown.addSuppressed(e);
          }
        }
      }
    } finally {
      telling.unlock();
    }
    if (thrown instanceof Error error) {
      throw error;
    }
    if (thrown != null) {
      throw (RuntimeException) thrown;
    }
  }

  private void tell(Event event) {
    if (event.problem() != null) {
      listener.refused(event.problem());
    } else {
      listener.swapped(event.swapped());
    }
  }

  /** Before a call of the watch: false if this is closed, and then there is no watch. */
  private boolean enter() {
    lock.lock();
    try {
      calls += closed ? 0 : 1;
      return !closed;
    } finally {
      lock.unlock();
    }
  }

  private void leave() {
    lock.lock();
    try {
      calls--;
      releaseIfClosed();
    } finally {
      lock.unlock();
      Reference.reachabilityFence(this);
    }
  }

  private void releaseIfClosed() {
    if (closed && calls == 0) {
      release.clean();
    }
  }

  private RegionClosedException isClosed() {
    return new RegionClosedException(
        Status.CLOSED, RegionException.NO_OFFSET, path, "the live region is closed");
  }

  private void start(long intervalNanos) {
    Thread thread = new Thread(() -> follow(intervalNanos), "ztc-live " + path);
    thread.setDaemon(true);
    thread.start();
  }

  private void follow(long intervalNanos) {
    while (waitFor(intervalNanos)) {
      try {
        poll();
      } catch (Throwable e) {
        // A listener's, or a lack of memory. Neither ends the watch.
        if (!(e instanceof RegionClosedException && !waitFor(0))) {
          report(e);
        }
      }
    }
  }

  private static void report(Throwable e) {
    Thread thread = Thread.currentThread();
    try {
      thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
    } catch (Throwable inVain) {
      // What a handler throws is nobody's, as where a thread ends.
    }
  }

  /** Waits until the next look; false if there is none. */
  private boolean waitFor(long nanos) {
    lock.lock();
    try {
      long left = nanos;
      while (!closed && left > 0) {
        left = ended.awaitNanos(left);
      }
      return !closed;
    } catch (InterruptedException e) {
      return true; // nobody's business but close's
    } finally {
      lock.unlock();
    }
  }

  /**
   * Closes all regions but snapshots, and ends the watch. Does not wait for a look or a {@link
   * #snapshot} that is under way; what the look finds is closed. Idempotent. Any thread.
   */
  @Override
  public void close() {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      ended.signalAll();
      superseded.forEach(s -> s.region().close());
      superseded.clear();
      current.close();
      releaseIfClosed();
    } finally {
      lock.unlock();
      Reference.reachabilityFence(this);
    }
  }

  /** The path and the number of records of the current region. */
  @Override
  public String toString() {
    return "live " + current;
  }
}
