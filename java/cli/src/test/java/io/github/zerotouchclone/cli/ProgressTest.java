package io.github.zerotouchclone.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ProgressTest {
  @Test
  void whatIsLeftTakesAsLongAsWhatIsDone() {
    assertEquals(
        "reading  60 records  2/s  25 %  1:30 left",
        Progress.of("reading", () -> 25, 100, () -> 60).line(30));
    assertEquals(
        "checking  2.0 kB  500 B/s  50 %  0:04 left",
        Progress.ofBytes("checking", () -> 2000, 4000).line(4));
    assertEquals(
        "printing  1 record  1/s  0 %  1:59:59 left",
        Progress.of("printing", () -> 1, 7200, () -> 1).line(1));
  }

  @Test
  void noTimeIsLeftWhereAllIsDone() {
    // A file that grew while it was read.
    assertEquals(
        "reading  5 records  5/s  100 %  0:00 left",
        Progress.of("reading", () -> 120, 100, () -> 5).line(1));
  }

  @Test
  void withoutATotalTheTimeSoFarIsShown() {
    assertEquals(
        "reading  1 record  0/s  1:01", Progress.of("reading", () -> 9, 0, () -> 1).line(61));
    assertEquals(
        "reading  0 records  0/s  0:02", Progress.of("reading", () -> 0, 100, () -> 0).line(2));
  }
}
