package io.github.zerotouchclone.bench.suite;

import java.io.IOException;
import java.util.List;

/** Copies in Java against what the machine can do. */
final class CopySuite implements Suite {

  private static final int HOT = 8;

  @Override
  public String name() {
    return "copies";
  }

  @Override
  public void run(Run run) throws IOException {
    Pairs pairs = new Pairs(run, name());
    for (Jdk jdk : run.jdks()) {
      for (int hot : List.of(HOT, 0)) {
        String where = hot > 0 ? "hot" : "random";
        pairs.measure(
            jdk,
            "copies/copy-into/" + where + "/empty-call-and-copy",
            "ztc/reused",
            "c/empty-call-and-copy",
            hot);
        pairs.measure(
            jdk, "copies/copy-into/" + where + "/unsafe", "ztc/reused", "unsafe/reused", hot);
        pairs.measure(
            jdk, "copies/copy/" + where + "/mapped-get", "ztc/bytes", "mapped-get/bytes", hot);
      }
      pairs.measure(jdk, "copies/hinted/8-ahead", "ztc/hinted-8", "ztc/reused", 0);
      pairs.measure(jdk, "copies/hinted/16-at-once", "ztc/hinted-many-16", "ztc/reused", 0);
      pairs.measure(jdk, "copies/scan/memcpy", "ztc/scan", "c/scan", 0);
      pairs.measure(jdk, "copies/stream/memcpy", "ztc/stream-scan", "c/scan", 0);
      for (int batch : List.of(16, 64, 256, 1024)) {
        pairs.measure(
            jdk,
            "copies/copy-all-" + batch + "/c-prefetched",
            "ztc/copy-all-" + batch,
            "c/prefetched-" + batch,
            0);
        pairs.measure(
            jdk, "copies/copy-all-" + batch + "/single", "ztc/copy-all-" + batch, "ztc/reused", 0);
      }
    }
  }
}
