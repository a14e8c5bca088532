package io.github.zerotouchclone.bench.suite;

import java.io.IOException;
import java.util.List;

/** A part of a run. */
public interface Suite {

  /** The name for {@code --only}. */
  String name();

  /**
   * Measures, and notes the figures in the run.
   *
   * @throws IOException if files cannot be read or written
   * @throws SuiteException if a measuring process fails
   */
  void run(Run run) throws IOException;

  /** All suites, in the order of a run. */
  static List<Suite> all() {
    return List.of(
        new NativeSuite(),
        new GateSuite(),
        new PeerSuite(),
        new BatchSuite(),
        new CopySuite(),
        new LadderSuite(),
        new ValuesSuite(),
        new WorkerSuite(),
        new BuildSuite());
  }
}
