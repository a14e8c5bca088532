package io.github.zerotouchclone.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** CBOR goes in item by item, with the exact values that JSON cannot say. */
class CborTest {
  @TempDir Path folder;
  private Ztc ztc;

  @BeforeEach
  void setUp() {
    ztc = new Ztc(folder);
  }

  private Ztc.Result build(String hex, String... options) throws Exception {
    ztc.write("in.cbor", HexFormat.of().parseHex(hex.replace(" ", "")));
    String[] arguments = new String[options.length + 4];
    System.arraycopy(new String[] {"build", "-o", "o.ztc", "in.cbor"}, 0, arguments, 0, 4);
    System.arraycopy(options, 0, arguments, 4, options.length);
    return ztc.run(arguments);
  }

  @Test
  void everyItemOfASequenceIsARecord() throws Exception {
    // {"a":1,"b":h'010203'}, [1.5, null, true], 2^64, {} of unknown length with "c":-1, "ü"
    Ztc.Result built =
        build(
            "a2 6161 01 6162 43 010203  83 fb3ff8000000000000 f6 f5  c2 49 010000000000000000 "
                + "bf 6163 20 ff  62 c3bc");
    assertEquals("", built.err());
    assertEquals(0, built.exitCode());
    assertEquals(
        "{\"a\":1,\"b\":\"AQID\"}\n[1.5,null,true]\n18446744073709551616\n{\"c\":-1}\n\"ü\"\n",
        ztc.run("cat", "o.ztc").out());
    String typed = ztc.run("cat", "--typed", "--count", "1", "o.ztc").out();
    assertTrue(typed.contains("010203"), typed);
  }

  @Test
  void whatIsNoCborSaysWhere() throws Exception {
    for (String hex : new String[] {"01 a1 6161", "01 83 01", "01 ff", "01 fc", "01 62 c328"}) {
      Ztc.Result built = build(hex);
      assertTrue(built.err().startsWith("ztc: in.cbor: byte "), hex + ": " + built.err());
      assertEquals(1, built.err().lines().count(), built.err());
      assertEquals(1, built.exitCode());
      assertFalse(Files.exists(ztc.file("o.ztc")), hex);
    }
  }

  @Test
  void whatIsCutShortNamesTheByteBehindTheLast() throws Exception {
    for (String hex : new String[] {"a1 6161", "83 01 02", "62 61"}) {
      int size = hex.replace(" ", "").length() / 2;
      String error = build(hex).err();
      assertTrue(error.startsWith("ztc: in.cbor: byte " + size + ": "), error);
      assertFalse(error.contains("io.github"), error);
    }
  }

  @Test
  void duplicateKeysAreAnErrorUnlessOneIsPicked() throws Exception {
    String twice = "a2 6161 01 6161 02";
    Ztc.Result built = build(twice);
    assertTrue(built.err().endsWith("the map has the key \"a\" twice\n"), built.err());
    assertEquals(1, built.exitCode());
    assertEquals(0, build(twice, "--duplicate-keys", "last").exitCode());
    assertEquals("{\"a\":2}\n", ztc.run("cat", "o.ztc").out());
  }
}
