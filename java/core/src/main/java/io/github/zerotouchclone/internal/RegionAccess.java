package io.github.zerotouchclone.internal;

import io.github.zerotouchclone.Region;
import java.lang.ref.Reference;
import java.util.function.ToLongFunction;

/**
 * What a harness that inspects pages asks of a region, and users need not: where its image lies in
 * this process, and which bytes of it belong to a record.
 */
public final class RegionAccess {
  // Written once, by Region's initializer, so before there is any region to ask about.
  private static volatile ToLongFunction<Region> handles;

  private RegionAccess() {}

  /** Called by {@link Region} to let this class see its handle. */
  public static void install(ToLongFunction<Region> handleOf) {
    handles = handleOf;
  }

  /** The address of the region's image; reserved until the region is unreachable. */
  public static long base(Region region) {
    long base = Native.base(handles.applyAsLong(region));
    Reference.reachabilityFence(region);
    return base;
  }

  /** Where a record's bytes begin, counted from the base, or minus a status. O(1). */
  public static long recordOffset(Region region, long index) {
    long offset = Native.recordOffset(handles.applyAsLong(region), index);
    Reference.reachabilityFence(region);
    return offset;
  }

  /** How many bytes a record has in the region, or minus a status. O(1). */
  public static long recordSize(Region region, long index) {
    long size = Native.recordSize(handles.applyAsLong(region), index);
    Reference.reachabilityFence(region);
    return size;
  }
}
