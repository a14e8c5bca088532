package io.github.zerotouchclone.internal;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Drives the decoder with Jazzer; {@code native/fuzz/README.md} says how. */
class DecoderFuzzTest {
  @MethodSource("io.github.zerotouchclone.DecoderReplayTest#seeds")
  @FuzzTest(maxDuration = "24h")
  void a_copy_of_any_bytes_is_a_value_or_an_error(byte[] input) {
    DecoderTarget.run(input);
  }
}
