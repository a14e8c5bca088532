package io.github.zerotouchclone.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.zerotouchclone.RegionException;
import io.github.zerotouchclone.Status;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventFeedTest {
  private static final Map<String, Consumer<EventFeed>> CALLS =
      Map.of(
          "setAccess", feed -> feed.setAccess(0600, -1, -1),
          "reserveShared", EventFeed::reserveShared,
          "hand", feed -> feed.hand(events()),
          "publish", EventFeed::publish,
          "close", EventFeed::close);

  @TempDir Path folder;

  private static EventEncoder events() {
    EventEncoder encoder = new EventEncoder("test");
    encoder.add("a record", null, 0);
    return encoder;
  }

  private EventFeed feed() {
    Native.initialize();
    return new EventFeed(folder.resolve("r.ztc"));
  }

  /** A call that did not wait would be over, or find the writer freed below it. */
  @ParameterizedTest
  @ValueSource(strings = {"setAccess", "reserveShared", "hand", "publish", "close"})
  void a_call_waits_for_that_of_another_thread(String call) throws InterruptedException {
    CALLS.get(call).accept(feed()); // so that it waits for no class that is loaded
    EventFeed feed = feed();
    Thread other = new Thread(() -> CALLS.get(call).accept(feed));
    synchronized (feed) {
      other.start();
      while (other.isAlive() && other.getState() != Thread.State.BLOCKED) {
        Thread.onSpinWait();
      }
      assertTrue(other.isAlive(), "the call did not wait");
    }
    other.join();
    feed.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"setAccess", "reserveShared", "hand", "publish"})
  void a_call_that_comes_behind_another_threads_close_is_refused(String call) {
    EventFeed feed = feed();
    feed.close();
    RegionException refused =
        assertThrows(RegionException.class, () -> CALLS.get(call).accept(feed));
    assertEquals(Status.WRONG_STATE, refused.status());
    assertTrue(refused.getMessage().contains("the writer is published or closed"));
  }

  @Test
  void a_second_close_does_nothing() {
    EventFeed feed = feed();
    feed.close();
    feed.close();
    assertFalse(Files.exists(folder.resolve("r.ztc")));
  }
}
