package io.github.zerotouchclone.bench.suite;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.zerotouchclone.bench.measure.Smaps;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HugePagesTest {

  private static final List<String> SMAPS =
      """
      7f0000000000-7f0000800000 r--s 00000000 fe:01 4711                       /data/mail.ztc
      Size:               8192 kB
      Rss:                8192 kB
      FilePmdMapped:      6144 kB
      VmFlags: rd mr me ms sd
      7f0000800000-7f0000c00000 r--s 00800000 fe:01 4711                       /data/mail.ztc
      Rss:                4096 kB
      FilePmdMapped:      4096 kB
      VmFlags: rd mr me ms sd
      7f0000c00000-7f0001000000 r--s 00000000 fe:01 4712                       /data/a store/values
      Rss:                4096 kB
      FilePmdMapped:         0 kB
      VmFlags: rd mr me ms sd
      7f0001000000-7f0001400000 r--s 00000000 fe:01 4713                       /data/untouched
      Rss:                   0 kB
      FilePmdMapped:         0 kB
      VmFlags: rd mr me ms sd
      7f0001400000-7f0001800000 r--s 00000000 fe:01 4714                       /database/other
      Rss:                4096 kB
      FilePmdMapped:      4096 kB
      VmFlags: rd mr me ms sd
      """
          .lines()
          .toList();

  @Test
  void tells_the_part_of_each_file_over_all_its_mappings() {
    assertEquals(
        Map.of("mail.ztc", 83L, "a store/values", 0L),
        HugePages.parts(Smaps.parse(SMAPS), Path.of("/data")));
  }
}
