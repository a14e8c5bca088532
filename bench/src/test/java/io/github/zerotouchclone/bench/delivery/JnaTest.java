package io.github.zerotouchclone.bench.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.zerotouchclone.Region;
import io.github.zerotouchclone.RegionWriter;
import io.github.zerotouchclone.ZeroTouchClone;
import io.github.zerotouchclone.bench.data.MailJobs;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JnaTest {

  private static final int RECORDS = 100;

  @TempDir Path folder;

  @Test
  void every_route_delivers_the_same_record() {
    Path path = publish();
    try (Region region = Region.open(path);
        Jna.Reader jna = new Jna.Reader(path)) {
      for (int i = 0; i < RECORDS; i++) {
        int size = ZeroTouchClone.copy(region, i).byteSize();
        assertEquals(size, jna.copyDirect(i));
        assertEquals(size, jna.copyThroughProxy(i));
      }
    }
  }

  @Test
  void failed_call_is_not_taken_for_a_record() {
    try (Jna.Reader jna = new Jna.Reader(publish())) {
      assertThrows(IllegalStateException.class, () -> jna.copyDirect(RECORDS));
      assertThrows(IllegalStateException.class, () -> jna.copyThroughProxy(RECORDS));
    }
    assertThrows(IllegalStateException.class, () -> new Jna.Reader(folder.resolve("missing.ztc")));
  }

  private Path publish() {
    Path path = folder.resolve("mail.ztc");
    try (RegionWriter writer = RegionWriter.create(path)) {
      new MailJobs(RECORDS).forEach((index, job) -> writer.add(job));
      writer.publish();
    }
    return path;
  }
}
