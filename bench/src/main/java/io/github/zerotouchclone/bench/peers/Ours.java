package io.github.zerotouchclone.bench.peers;

import io.github.zerotouchclone.CopyBuffer;
import io.github.zerotouchclone.FieldHandle;
import io.github.zerotouchclone.RecordCopy;
import io.github.zerotouchclone.Region;
import io.github.zerotouchclone.ZeroTouchClone;
import io.github.zerotouchclone.bench.data.MailJob;
import io.github.zerotouchclone.bench.data.MailJobBean;
import java.io.IOException;
import java.util.EnumSet;
import java.util.Set;

/** This library, as its documentation says to use it in a loop. */
final class Ours implements Contender {

  @Override
  public String id() {
    return "ztc";
  }

  @Override
  public String description() {
    return "this library: copies with all checks; identity and cycles inside a record are kept";
  }

  @Override
  public Role role() {
    return Role.OURS;
  }

  @Override
  public Set<Work> works() {
    return EnumSet.allOf(Work.class);
  }

  @Override
  public Reader open(RecordFiles files, Work work) throws IOException {
    Region region = Region.open(files.region());
    return switch (work) {
      case BYTES -> new Bytes(region);
      case REUSED -> new Reused(region);
      case TREE -> new Tree(region);
      case FIELDS -> new Fields(region);
      case RECORD -> new Typed(region, MailJob.class);
      case BEAN -> new Typed(region, MailJobBean.class);
      case COMPACT -> new Compact(region);
      case HANDLES -> new Handles(region);
    };
  }

  @Override
  public BatchReader openBatches(RecordFiles files, Work work) throws IOException {
    return OurBatches.open(Region.open(files.region()), work);
  }

  /** Reads through one buffer that is used again. */
  private abstract static class Buffered implements Reader {
    private final Region region;
    private final CopyBuffer buffer = CopyBuffer.allocate();

    Buffered(Region region) {
      this.region = region;
    }

    final RecordCopy copy(int index) {
      return ZeroTouchClone.copyInto(region, index, buffer);
    }

    @Override
    public final void close() {
      buffer.close();
      region.close();
    }
  }

  private static final class Reused extends Buffered {
    Reused(Region region) {
      super(region);
    }

    @Override
    public Object read(int index) {
      return copy(index);
    }
  }

  private static final class Tree extends Buffered {
    Tree(Region region) {
      super(region);
    }

    @Override
    public Object read(int index) {
      return copy(index).toMap();
    }
  }

  private static final class Compact extends Buffered {
    Compact(Region region) {
      super(region);
    }

    @Override
    public Object read(int index) {
      return copy(index).toCompactMap();
    }
  }

  /** Decodes three fields and nothing else. */
  private static final class Fields extends Buffered {
    Fields(Region region) {
      super(region);
    }

    @Override
    public Object read(int index) {
      RecordCopy copy = copy(index);
      return new ThreeFields(
          copy.getString("to"), copy.getString("subject"), copy.getLong("created"));
    }
  }

  /** The same three fields, by handles that remember where shapes have them. */
  private static final class Handles extends Buffered {
    private final FieldHandle to;
    private final FieldHandle subject;
    private final FieldHandle created;

    Handles(Region region) {
      super(region);
      to = region.field("to");
      subject = region.field("subject");
      created = region.field("created");
    }

    @Override
    public Object read(int index) {
      RecordCopy copy = copy(index);
      return new ThreeFields(to.getString(copy), subject.getString(copy), created.getLong(copy));
    }
  }

  /** Has a fresh array for every record. */
  private record Bytes(Region region) implements Reader {
    @Override
    public Object read(int index) {
      return ZeroTouchClone.copy(region, index);
    }

    @Override
    public void close() {
      region.close();
    }
  }

  /** Makes an object of a class. */
  private record Typed(Region region, Class<?> type) implements Reader {
    @Override
    public Object read(int index) {
      return ZeroTouchClone.copy(region, index, type);
    }

    @Override
    public void close() {
      region.close();
    }
  }
}
