package io.github.zerotouchclone.bench.peers;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * All contenders, in the order of the report.
 *
 * <p>This library keeps identity and cycles inside a record. Peers that can do the same have a
 * variant {@code -refs} that does; the variant without does less and is faster, and it is the one
 * that ratios are judged by, as mail jobs are trees and a user would turn tracking off for them.
 */
public final class Contenders {

  private static final Set<Work> OBJECTS = EnumSet.of(Work.TREE, Work.RECORD, Work.BEAN);
  private static final Set<Work> STORE = EnumSet.of(Work.BYTES, Work.TREE, Work.RECORD);

  private static final List<Contender> ALL =
      List.of(
          new Ours(),
          new Floors.MappedGet(),
          new Floors.Unsafe(),
          peer(
              Store.Kind.MAPPED,
              "jsonb",
              "mapped file with offsets, fastjson2 JSONB; no reference tracking",
              OBJECTS),
          peer(
              Store.Kind.MAPPED,
              "jsonb-context",
              "as mapped+jsonb, with one read context that is used again",
              OBJECTS),
          peer(
              Store.Kind.MAPPED,
              "jsonb-object",
              "as mapped+jsonb, to fastjson2's own JSONObject, a LinkedHashMap as well",
              EnumSet.of(Work.TREE)),
          peer(
              Store.Kind.MAPPED,
              "fory",
              "mapped file with offsets, Fory, generated code; no reference tracking",
              OBJECTS),
          new ForyDirect(),
          peer(
              Store.Kind.MAPPED,
              "fory-refs",
              "as mapped+fory, with reference tracking, as this library has",
              OBJECTS),
          peer(
              Store.Kind.MAPPED,
              "kryo",
              "mapped file with offsets, Kryo; no reference tracking",
              OBJECTS),
          peer(
              Store.Kind.MAPPED,
              "kryo-refs",
              "as mapped+kryo, with reference tracking, as this library has",
              OBJECTS),
          peer(
              Store.Kind.SPARKEY,
              "fory",
              "Sparkey without compression, Fory; no reference tracking",
              STORE),
          peer(
              Store.Kind.LMDB,
              "fory",
              "lmdbjava with one open read transaction, Fory; no reference tracking",
              STORE),
          peer(
              Store.Kind.CHRONICLE,
              "fory",
              "Chronicle Map with getUsing, Fory; no reference tracking",
              STORE),
          new HeapCopy());

  private Contenders() {}

  private static Contender peer(Store.Kind kind, String codec, String what, Set<Work> works) {
    return new StorePeer(
        kind.id() + "+" + codec, what, Contender.Role.PEER, kind, codec, Set.copyOf(works));
  }

  /** All of them. */
  public static List<Contender> all() {
    return ALL;
  }

  /**
   * One of them.
   *
   * @param id its identifier
   * @throws IllegalArgumentException if there is none
   */
  public static Contender of(String id) {
    return ALL.stream()
        .filter(contender -> contender.id().equals(id))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no contender " + id));
  }
}
