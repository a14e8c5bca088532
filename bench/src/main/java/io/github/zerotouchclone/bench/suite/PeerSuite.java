package io.github.zerotouchclone.bench.suite;

import io.github.zerotouchclone.bench.peers.Contender;
import io.github.zerotouchclone.bench.peers.Contenders;
import io.github.zerotouchclone.bench.peers.Work;
import java.io.IOException;
import java.util.List;

/**
 * This library against every peer; and against the floor the peers of which there is a figure to
 * compare that with.
 */
final class PeerSuite implements Suite {

  /** Where no peer does the same work, the fastest full decodes are what to compare with. */
  private static final List<String> FASTEST =
      List.of(
          "mapped+fory",
          "mapped+fory-direct",
          "mapped+jsonb",
          "mapped+jsonb-context",
          "mapped+jsonb-object");

  /** Those that the prototype measured, as goals.json says: is one slow because of us? */
  static final List<String> PROTOTYPES =
      List.of(
          "sparkey+fory/bytes",
          "lmdb+fory/bytes",
          "chronicle+fory/bytes",
          "mapped+jsonb/tree",
          "mapped+fory/tree",
          "mapped+kryo/tree",
          "sparkey+fory/tree",
          "lmdb+fory/tree",
          "mapped+fory/record",
          "mapped+jsonb/bean");

  @Override
  public String name() {
    return "peers";
  }

  @Override
  public void run(Run run) throws IOException {
    Pairs pairs = new Pairs(run, name());
    for (Jdk jdk : run.jdks()) {
      for (Work work : List.of(Work.BYTES, Work.TREE, Work.RECORD, Work.BEAN)) {
        against(pairs, jdk, work, work);
      }
      for (String peer : FASTEST) {
        measure(pairs, jdk, Work.COMPACT, peer, Work.TREE);
        for (Work decode : List.of(Work.RECORD, Work.BEAN)) {
          if (Contenders.of(peer).works().contains(decode)) {
            lazily(pairs, jdk, Work.FIELDS, peer, decode);
            lazily(pairs, jdk, Work.HANDLES, peer, decode);
          }
        }
      }
      for (String task : PROTOTYPES) {
        String[] parts = task.split("/");
        pairs.measure(jdk, "floor/" + parts[1] + "/" + parts[0], task, "mapped-get/bytes", 0);
      }
    }
  }

  private static void against(Pairs pairs, Jdk jdk, Work ours, Work theirs) throws IOException {
    for (Contender peer : Contenders.all()) {
      if (peer.role() != Contender.Role.OURS && peer.works().contains(theirs)) {
        measure(pairs, jdk, ours, peer.id(), theirs);
      }
    }
  }

  /** A few fields against a full decode: which one is part of the identifier. */
  private static void lazily(Pairs pairs, Jdk jdk, Work ours, String peer, Work decode)
      throws IOException {
    String id = "peers/" + ours.id() + "/" + decode.id() + "/" + peer;
    pairs.measure(jdk, id, "ztc/" + ours.id(), peer + "/" + decode.id(), 0);
  }

  private static void measure(Pairs pairs, Jdk jdk, Work ours, String peer, Work theirs)
      throws IOException {
    String id = "peers/" + ours.id() + "/" + peer;
    pairs.measure(jdk, id, "ztc/" + ours.id(), peer + "/" + theirs.id(), 0);
  }
}
