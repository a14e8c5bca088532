package io.github.zerotouchclone.bench.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class SmapsTest {

  private static final String TEXT =
      """
      5581e2a00000-5581e2b00000 rw-p 00000000 00:00 0                          [heap]
      Size:               1024 kB
      Pss:                1000 kB
      Private_Dirty:       900 kB
      Anonymous:           950 kB
      VmFlags: rd wr mr mw me ac sd
      7f0000000000-7f0000100000 rw-p 00000000 fe:01 4711                       /tmp/a b.ztc
      Size:               1024 kB
      Pss:                 256 kB
      Private_Dirty:         4 kB
      Anonymous:             8 kB
      VmFlags: rd wr mr mw me sd
      7f0000200000-7f0000300000 r--s 00000000 fe:01 4711                       /tmp/other.ztc
      Size:               1024 kB
      Pss:                   1 kB
      Private_Dirty:         0 kB
      Anonymous:             0 kB
      VmFlags: rd mr me ms sd
      """;

  private final Smaps smaps = Smaps.parse(TEXT.lines().toList());

  @Test
  void sums_all_mappings() {
    assertEquals(3, smaps.mappings().size());
    assertEquals(1257, smaps.pssKb());
    assertEquals(904, smaps.privateDirtyKb());
    assertEquals(958, smaps.anonymousKb());
  }

  @Test
  void finds_the_mappings_of_a_file() {
    Smaps file = smaps.of(Path.of("/tmp/x/../a b.ztc"));

    assertEquals(1, file.mappings().size());
    assertEquals(8, file.anonymousKb());
    assertEquals(0x7f0000000000L, file.mappings().get(0).start());
    assertEquals(0x7f0000100000L, file.mappings().get(0).end());
  }

  @Test
  void tells_a_mapping_that_would_let_a_write_through() {
    assertTrue(smaps.mappings().get(1).isPrivateAndWritable());
    assertFalse(smaps.mappings().get(2).isPrivateAndWritable());
  }

  @Test
  void reads_what_the_kernel_says_of_this_process() throws IOException {
    Smaps self = Smaps.of(ProcessHandle.current().pid());

    assertTrue(self.privateDirtyKb() > 1000, "a JVM has written more than a megabyte");
    assertTrue(self.pssKb() >= self.privateDirtyKb());
  }
}
