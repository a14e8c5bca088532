package io.github.zerotouchclone.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.zerotouchclone.CopyBuffer;
import io.github.zerotouchclone.Region;
import io.github.zerotouchclone.RegionWriter;
import io.github.zerotouchclone.ZeroTouchClone;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.junit.jupiter.api.io.TempDir;

/** The extension as its users have it: no way to copy writes to the region. */
class CleanCopiesTest {
  @TempDir Path folder;

  Path jobs() {
    Path file = folder.resolve("jobs.ztc");
    try (RegionWriter writer = RegionWriter.create(file)) {
      for (int i = 0; i < 5000; i++) {
        List<Object> shared = List.of("shared by both", i);
        writer.add(
            Map.of("id", i, "to", "user" + i + "@example.org", "tags", shared, "again", shared));
      }
      writer.publish();
    }
    return file;
  }

  @ZeroTouch(from = "jobs")
  void workers_do_not_write(Region region) {
    for (long i = 0; i < region.count(); i++) {
      ZeroTouchClone.copy(region, i).toMap();
    }
  }

  @ZeroTouch(from = "jobs")
  void batches_paths_and_reused_buffers_do_not_write(Region region) {
    region.validate();
    CopyBuffer buffer = CopyBuffer.allocate();
    for (long i = 0; i < region.count(); i++) {
      assertEquals(i, ZeroTouchClone.copyInto(region, i, buffer).getLong("id"));
      assertEquals(i, ((Number) ZeroTouchClone.copyPath(region, i, "tags[1]")).longValue());
    }
    ZeroTouchClone.copyAll(region, LongStream.range(0, region.count()).toArray(), buffer);
  }

  @ZeroTouch(from = "jobs")
  void threads_and_collections_of_garbage_do_not_write(Region region) throws Exception {
    ExecutorService workers = Executors.newFixedThreadPool(4);
    try {
      List<Callable<Void>> tasks = new ArrayList<>();
      for (int worker = 0; worker < 4; worker++) {
        tasks.add(
            () -> {
              for (long i = 0; i < region.count(); i++) {
                ZeroTouchClone.copy(region, i).toMap();
              }
              System.gc();
              return null;
            });
      }
      for (Future<Void> done : workers.invokeAll(tasks)) {
        done.get();
      }
    } finally {
      workers.shutdown();
    }
  }
}
