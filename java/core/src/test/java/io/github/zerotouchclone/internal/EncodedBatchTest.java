package io.github.zerotouchclone.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What one thread encodes at a time. */
class EncodedBatchTest {
  @Test
  void a_batch_of_large_values_ends_early_and_the_rest_goes_on() {
    List<Object> values = Collections.nCopies(100, new byte[1 << 20]);
    EventEncoder encoder = new EventEncoder("test");
    EncodedBatch batch = new EncodedBatch("test", values, null, 7, encoder);
    int count = 0;
    while (true) {
      batch.run();
      assertTrue(batch.count() > 0);
      assertTrue(encoder.size() < 6 << 20, () -> encoder.size() + " bytes");
      count += batch.count();
      assertEquals(7 + count - 1, batch.lastRecord());
      if (batch.isComplete()) {
        break;
      }
      encoder.clear();
      batch = batch.rest(encoder);
    }
    assertEquals(100, count);
    assertFalse(batch.await());
  }
}
