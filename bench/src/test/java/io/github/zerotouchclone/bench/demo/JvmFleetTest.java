package io.github.zerotouchclone.bench.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.zerotouchclone.RegionWriter;
import io.github.zerotouchclone.bench.data.MailJobs;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JvmFleetTest {

  private static final int RECORDS = 2_000;

  @TempDir Path folder;

  @Test
  void workers_copy_every_record_and_unshare_no_page_while_the_control_is_seen_exactly() {
    Path region = folder.resolve("mail.ztc");
    try (RegionWriter writer = RegionWriter.create(region)) {
      new MailJobs(RECORDS).forEach((index, record) -> writer.add(record));
      writer.publish();
    }

    List<JvmFleet.Worker> workers = new JvmFleet(region).run(2);

    assertEquals(2, workers.size());
    for (JvmFleet.Worker worker : workers) {
      assertEquals(RECORDS, worker.records());
      assertTrue(worker.couldWrite(), worker::toString);
      assertTrue(worker.pages() > 100, worker::toString);
      assertEquals(0, worker.unshared(), worker::toString);
      assertEquals(3, worker.controlPages());
      assertEquals(3, worker.controlCaught());
    }
  }

  @Test
  void worker_that_cannot_open_the_region_is_named() {
    DemoException thrown =
        assertThrows(DemoException.class, () -> new JvmFleet(folder.resolve("missing.ztc")).run(1));

    assertTrue(thrown.getMessage().contains("missing.ztc"), thrown::getMessage);
  }
}
