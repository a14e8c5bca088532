package io.github.zerotouchclone.bench.suite;

import io.github.zerotouchclone.BatchCopy;
import io.github.zerotouchclone.CopyBuffer;
import io.github.zerotouchclone.Region;
import io.github.zerotouchclone.ZeroTouchClone;
import io.github.zerotouchclone.bench.delivery.Ladder;
import io.github.zerotouchclone.bench.measure.Task;
import io.github.zerotouchclone.bench.peers.Contenders;
import io.github.zerotouchclone.bench.peers.Reader;
import io.github.zerotouchclone.bench.peers.RecordFiles;
import io.github.zerotouchclone.bench.peers.RegionIndex;
import io.github.zerotouchclone.bench.peers.Work;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.SplittableRandom;

/** Tasks by name, on the records of a run in one fixed random order. */
final class Tasks {

  private static final int CAPACITY = 1 << 20;

  private final RecordFiles files;
  private final int[] order;

  /** What the reads return, so that no compiler can leave them out. */
  private Object sink;

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

  /**
   * Opens a task.
   *
   * @param name {@code CONTENDER/WORK}, {@code ztc/copy-all-N}, {@code c/prefetched-N} or {@code
   *     c/empty-call-and-copy}
   */
  Task open(String name) throws IOException {
    if (name.startsWith("ztc/copy-all-")) {
      return copyAll(batchOf(name));
    }
    if (name.startsWith("c/prefetched-")) {
      return prefetched(batchOf(name));
    }
    if (name.equals("c/empty-call-and-copy")) {
      return emptyCallAndCopy();
    }
    String[] parts = name.split("/");
    return reads(Contenders.of(parts[0]).open(files, Work.of(parts[1])));
  }

  /** How many records a task takes at a time. */
  static int batchOf(String name) {
    return name.matches(".*-\\d+") ? Integer.parseInt(name.replaceAll(".*-", "")) : 1;
  }

  private Task reads(Reader reader) {
    return (from, count) -> {
      int at = (int) (from % order.length);
      for (int i = 0; i < count; i++) {
        sink = reader.read(order[at]);
        at = at + 1 == order.length ? 0 : at + 1;
      }
    };
  }

  private Task copyAll(int batch) throws IOException {
    Region region = Region.open(files.region());
    CopyBuffer buffer = CopyBuffer.allocate();
    long[] indices = new long[batch];
    return (from, count) -> {
      for (int done = 0; done < count; done += batch) {
        for (int i = 0; i < batch; i++) {
          indices[i] = order[(int) ((from + done + i) % order.length)];
        }
        BatchCopy copies = ZeroTouchClone.copyAll(region, indices, buffer);
        sink = copies;
      }
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
      for (int done = 0; done < count; done += batch) {
        for (int i = 0; i < batch; i++) {
          indices.putLong(8 * i, order[(int) ((from + done + i) % order.length)]);
        }
        Ladder.prefetched(base, index, indicesAddress, batch, slabAddress);
      }
      sink = slab;
    };
  }

  /** As many empty calls as copies, and then the copies by one call: what no JNI road can beat. */
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
      for (int i = 0; i < count; i++) {
        Ladder.empty();
      }
      int at = (int) (from % order.length);
      for (int rest = count; rest > 0; at = 0) {
        int piece = Math.min(rest, order.length - at);
        Ladder.copies(region, indicesAddress + 8L * at, piece, slabAddress, CAPACITY);
        rest -= piece;
      }
      sink = slab;
    };
  }

  private static ByteBuffer words(int count) {
    return ByteBuffer.allocateDirect(Long.BYTES * count).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** What the last read returned. */
  Object last() {
    return sink;
  }
}
