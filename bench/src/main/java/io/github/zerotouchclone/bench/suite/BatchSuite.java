package io.github.zerotouchclone.bench.suite;

import io.github.zerotouchclone.bench.peers.Work;
import java.io.IOException;
import java.util.List;

/**
 * Objects of many records whose indices are known, in batches: against peers as they are used, one
 * record after the other, and against the same peers in a loop that fetches the bytes of a batch
 * first, as far as one can go without a call for batches.
 */
final class BatchSuite implements Suite {

  private static final String BATCH = "/batch-64";

  @Override
  public String name() {
    return "batches";
  }

  @Override
  public void run(Run run) throws IOException {
    Pairs pairs = new Pairs(run, name());
    for (Jdk jdk : run.jdks()) {
      for (String peer :
          List.of("mapped+jsonb", "mapped+jsonb-context", "mapped+jsonb-object", "mapped+fory")) {
        measure(pairs, jdk, Work.TREE, peer, Work.TREE);
        measure(pairs, jdk, Work.COMPACT, peer, Work.TREE);
      }
      for (String peer : List.of("mapped+jsonb-context", "mapped+fory", "mapped+fory-refs")) {
        measure(pairs, jdk, Work.RECORD, peer, Work.RECORD);
        measure(pairs, jdk, Work.BEAN, peer, Work.BEAN);
        measure(pairs, jdk, Work.HANDLES, peer, Work.RECORD);
      }
    }
  }

  private static void measure(Pairs pairs, Jdk jdk, Work ours, String peer, Work theirs)
      throws IOException {
    String a = "ztc/" + ours.id() + BATCH;
    String b = peer + "/" + theirs.id();
    String id = "batches/" + ours.id() + "/";
    pairs.measure(jdk, id + "ours/" + peer, a, b, 0);
    pairs.measure(jdk, id + "both/" + peer, a, b + BATCH, 0);
  }
}
