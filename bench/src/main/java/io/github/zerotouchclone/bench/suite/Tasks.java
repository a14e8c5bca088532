package io.github.zerotouchclone.bench.suite;

import io.github.zerotouchclone.RecordCopy;
import io.github.zerotouchclone.Region;
import io.github.zerotouchclone.bench.delivery.Ladder;
import io.github.zerotouchclone.bench.measure.Task;
import io.github.zerotouchclone.bench.peers.BatchReader;
import io.github.zerotouchclone.bench.peers.Contender;
import io.github.zerotouchclone.bench.peers.Contenders;
import io.github.zerotouchclone.bench.peers.Reader;
import io.github.zerotouchclone.bench.peers.RecordFiles;
import io.github.zerotouchclone.bench.peers.RegionIndex;
import io.github.zerotouchclone.bench.peers.Work;
import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** Tasks by name, on the records of a run in one fixed random order. */
final class Tasks {

  private static final int CAPACITY = 1 << 20;

  private final RecordFiles files;
  private final int[] order;
  private final Sink sink = new Sink();

  /**
   * Prepares an order.
   *
   * @param hot if not 0, only so many records are visited: they stay in the caches
   */
  Tasks(RecordFiles files, int hot) {
    this.files = files;
    order = order(files.count(), hot);
  }

  /** A permutation of all records, or of a few of them, over and over. */
  static int[] order(int count, int hot) {
    int[] order = new int[count];
    for (int i = 0; i < count; i++) {
      order[i] = i;
    }
    SplittableRandom random = new SplittableRandom(42);
    for (int i = count - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swap = order[i];
      order[i] = order[j];
      order[j] = swap;
    }
    if (hot > 0) {
      for (int i = hot; i < count; i++) {
        order[i] = order[i % hot];
      }
    }
    return order;
  }

  /** Takes the next records of an order, over and over; returns the place behind them. */
  static int take(int[] order, int at, long[] indices) {
    int next = at;
    for (int i = 0; i < indices.length; i++) {
      indices[i] = order[next];
      next = next + 1 == order.length ? 0 : next + 1;
    }
    return next;
  }

  /**
   * Opens a task.
   *
   * @param name {@code CONTENDER/WORK}, {@code CONTENDER/WORK/batch-N}, {@code ztc/copy-all-N},
   *     {@code ztc/hinted-N}, {@code ztc/hinted-many-N}, {@code ztc/scan}, {@code ztc/stream-scan},
   *     {@code c/prefetched-N}, {@code c/scan} or {@code c/empty-call-and-copy}
   */
  Task open(String name) throws IOException {
    if (name.startsWith("ztc/copy-all-")) {
      return indexed(BatchLoop.class, numberOf(name));
    }
    if (name.startsWith("ztc/hinted-many-")) {
      return indexed(HintedManyLoop.class, numberOf(name));
    }
    if (name.startsWith("ztc/hinted-")) {
      return indexed(HintedLoop.class, numberOf(name));
    }
    if (name.equals("ztc/scan")) {
      return scan(Region::forEachCopy);
    }
    if (name.equals("ztc/stream-scan")) {
      return scan((region, action) -> region.stream().forEach(action));
    }
    if (name.equals("c/scan")) {
      return plainScan();
    }
    if (name.startsWith("c/prefetched-")) {
      return prefetched(numberOf(name));
    }
    if (name.equals("c/empty-call-and-copy")) {
      return emptyCallAndCopy();
    }
    String[] parts = name.split("/");
    Contender contender = Contenders.of(parts[0]);
    Work work = Work.of(parts[1]);
    return parts.length == 2
        ? reads(contender.open(files, work))
        : readsMany(contender.openBatches(files, work), numberOf(name));
  }

  /** How many records a task takes at a time; all of them for a scan, whatever the order is. */
  int batchOf(String name) {
    return isScan(name) ? order.length : name.matches(".*-\\d+") ? numberOf(name) : 1;
  }

  /** Whether a task goes through the region from its start to its end. */
  static boolean isScan(String name) {
    return name.endsWith("scan");
  }

  private static int numberOf(String name) {
    return Integer.parseInt(name.replaceAll(".*-", ""));
  }

  private Task reads(Reader reader) throws IOException {
    Class<?>[] parameters = {Reader.class, int[].class, Sink.class};
    return OwnCode.of(ReadLoop.class, parameters, reader, order, sink);
  }

  private Task readsMany(BatchReader reader, int batch) throws IOException {
    Class<?>[] parameters = {BatchReader.class, int[].class, Sink.class, int.class};
    return OwnCode.of(BatchReadLoop.class, parameters, reader, order, sink, batch);
  }

  private Task indexed(Class<? extends Task> loop, int number) throws IOException {
    Class<?>[] parameters = {Region.class, int[].class, Sink.class, int.class};
    return OwnCode.of(loop, parameters, Region.open(files.region()), order, sink, number);
  }

  private Task scan(BiConsumer<Region, Consumer<RecordCopy>> scan) throws IOException {
    Region region = Region.open(files.region());
    return (from, count) -> {
      for (int done = 0; done < count; done += order.length) {
        long[] bytes = {0};
        scan.accept(region, copy -> bytes[0] += copy.byteSize());
        sink.accept(bytes);
      }
    };
  }

  /** A memory copy for each record in order, as a C programmer would without any check. */
  private Task plainScan() throws IOException {
    long region = Ladder.open(files.region().toString());
    long base = Ladder.base(region);
    long index = RegionIndex.offset(files.region());
    ByteBuffer slab = ByteBuffer.allocateDirect(CAPACITY);
    long slabAddress = Ladder.addressOf(slab);
    return (from, count) -> {
      for (int done = 0; done < count; done += order.length) {
        sink.accept(Ladder.scanned(base, index, order.length, slabAddress));
      }
      Reference.reachabilityFence(slab);
    };
  }

  private Task prefetched(int batch) throws IOException {
    long region = Ladder.open(files.region().toString());
    long base = Ladder.base(region);
    long index = RegionIndex.offset(files.region());
    ByteBuffer indices = words(batch);
    ByteBuffer slab = ByteBuffer.allocateDirect(batch * (CAPACITY >> 4));
    long indicesAddress = Ladder.addressOf(indices);
    long slabAddress = Ladder.addressOf(slab);
    return (from, count) -> {
      int at = (int) (from % order.length);
      for (int done = 0; done < count; done += batch) {
        for (int i = 0; i < batch; i++) {
          indices.putLong(8 * i, order[at]);
          at = at + 1 == order.length ? 0 : at + 1;
        }
        Ladder.prefetched(base, index, indicesAddress, batch, slabAddress);
      }
      sink.accept(slab);
    };
  }

  /**
   * As many empty calls as copies, and then the copies by one call: what no JNI road can beat. The
   * empty calls are charged for walking the order, as each copy is.
   */
  private Task emptyCallAndCopy() throws IOException {
    long region = Ladder.open(files.region().toString());
    ByteBuffer indices = words(order.length);
    for (int i = 0; i < order.length; i++) {
      indices.putLong(8 * i, order[i]);
    }
    ByteBuffer slab = ByteBuffer.allocateDirect(CAPACITY);
    long indicesAddress = Ladder.addressOf(indices);
    long slabAddress = Ladder.addressOf(slab);
    return (from, count) -> {
      int at = (int) (from % order.length);
      long walked = 0;
      for (int i = 0; i < count; i++) {
        walked += order[at];
        at = at + 1 == order.length ? 0 : at + 1;
        Ladder.empty();
      }
      at = (int) (from % order.length);
      for (int rest = count; rest > 0; at = 0) {
        int piece = Math.min(rest, order.length - at);
        Ladder.copies(region, indicesAddress + 8L * at, piece, slabAddress, CAPACITY);
        rest -= piece;
      }
      sink.accept(walked);
      // Only their addresses are used above.
      Reference.reachabilityFence(indices);
      Reference.reachabilityFence(slab);
    };
  }

  private static ByteBuffer words(int count) {
    return ByteBuffer.allocateDirect(Long.BYTES * count).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** What the last slice made last. */
  Object last() {
    return sink.last();
  }
}
