package io.github.zerotouchclone.bench.peers;

import java.io.IOException;
import java.util.EnumSet;
import java.util.Set;

/** Copies of the same extents of the same region, without any check on what the file says. */
final class Floors {

  private static final int LARGEST = 1 << 20;

  private Floors() {}

  /** A bulk get from a mapped buffer. */
  static final class MappedGet implements Contender {

    @Override
    public String id() {
      return "mapped-get";
    }

    @Override
    public String description() {
      return "a bare get from the mapped region: index line and extent, nothing is checked";
    }

    @Override
    public Role role() {
      return Role.FLOOR;
    }

    @Override
    public Set<Work> works() {
      return EnumSet.of(Work.BYTES, Work.REUSED);
    }

    @Override
    public Reader open(RecordFiles files, Work work) throws IOException {
      RegionExtents extents = RegionExtents.open(files.region());
      return work == Work.BYTES ? new Fresh(extents) : new Reused(extents, new byte[LARGEST]);
    }

    private record Fresh(RegionExtents extents) implements Reader {
      @Override
      public Object read(int index) {
        return extents.get(index);
      }

      @Override
      public void close() {}
    }

    private record Reused(RegionExtents extents, byte[] destination) implements Reader {
      @Override
      public Object read(int index) {
        extents.get(index, destination);
        return destination;
      }

      @Override
      public void close() {}
    }
  }

  /** {@code Unsafe.copyMemory} to an array that is used again. */
  static final class Unsafe implements Contender {

    @Override
    public String id() {
      return "unsafe";
    }

    @Override
    public String description() {
      return "Unsafe.copyMemory of the extent, to an array that is used again";
    }

    @Override
    public Role role() {
      return Role.FLOOR;
    }

    @Override
    public Set<Work> works() {
      return EnumSet.of(Work.REUSED);
    }

    @Override
    public Reader open(RecordFiles files, Work work) throws IOException {
      return new Copy(RegionExtents.open(files.region()), new byte[LARGEST]);
    }

    private record Copy(RegionExtents extents, byte[] destination) implements Reader {
      @Override
      public Object read(int index) {
        extents.copyUnchecked(index, destination);
        return destination;
      }

      @Override
      public void close() {}
    }
  }
}
