package io.github.zerotouchclone;

import static io.github.zerotouchclone.Fixtures.job;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Independent copies are immutable, so that a thread may get hold of one in any way. */
class SafePublicationTest {
  private static final int THREADS = 4;
  private static final int ROUNDS = 2_000;
  private static final VarHandle SLOT = slot();

  @TempDir Path folder;
  private RecordCopy slot; // only by SLOT, in opaque mode: nothing happens before anything

  private static VarHandle slot() {
    try {
      return MethodHandles.lookup()
          .findVarHandle(SafePublicationTest.class, "slot", RecordCopy.class);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  private static List<String> changeable(Class<?> type) {
    return Arrays.stream(type.getDeclaredFields())
        .filter(field -> !Modifier.isStatic(field.getModifiers()))
        .filter(field -> !Modifier.isFinal(field.getModifiers()))
        .map(Field::getName)
        .toList();
  }

  /** The memory model gives final fields, and what they lead to, to every thread. */
  @Test
  void every_field_is_final_but_the_root_that_is_made_when_somebody_looks() throws Exception {
    assertEquals(List.of("root"), changeable(RecordCopy.class));
    for (String shared : List.of("Origin", "Schema", "Shape")) {
      Class<?> type = Class.forName("io.github.zerotouchclone.internal." + shared);
      assertEquals(List.of(), changeable(type), shared);
    }
  }

  @Test
  void many_threads_look_at_one_fresh_copy_at_once() throws Exception {
    Path path = Fixtures.write(folder.resolve("r.ztc"), job(0), job(1), job(2));
    AtomicInteger seen = new AtomicInteger();
    ExecutorService readers = Executors.newFixedThreadPool(THREADS);
    try (Region region = Region.open(path)) {
      List<Future<Integer>> results = new ArrayList<>();
      for (int t = 0; t < THREADS; t++) {
        results.add(readers.submit(() -> look(seen)));
      }
      for (int round = 0; round < ROUNDS; round++) {
        RecordCopy copy = ZeroTouchClone.copy(region, round % 3);
        // A view has no root of its own, and nothing that is made later.
        SLOT.setOpaque(this, round % 2 == 0 ? copy : copy.getRecord("prefs"));
        while (seen.get() < THREADS * (round + 1)) {
          for (Future<Integer> result : results) {
            if (result.isDone()) {
              result.get(); // throws what a reader saw
            }
          }
          Thread.yield();
        }
      }
      for (Future<Integer> result : results) {
        assertEquals(ROUNDS, result.get());
      }
    } finally {
      readers.shutdownNow();
    }
  }

  private int look(AtomicInteger seen) {
    RecordCopy last = null;
    int rounds = 0;
    while (rounds < ROUNDS && !Thread.currentThread().isInterrupted()) {
      RecordCopy copy = (RecordCopy) SLOT.getOpaque(this);
      if (copy == last) {
        Thread.yield();
        continue;
      }
      Map<String, Object> whole = job(rounds % 3);
      if (rounds % 2 == 0) {
        assertEquals(rounds % 3, copy.getInt("id"));
        assertEquals("de", copy.getRecord("prefs").getString("lang"));
        assertEquals(whole.get("to"), copy.toMap().get("to"));
      } else {
        assertEquals(4, copy.size());
        assertEquals(whole.get("prefs"), copy.toMap());
      }
      last = copy;
      rounds++;
      seen.incrementAndGet();
    }
    return rounds;
  }
}
