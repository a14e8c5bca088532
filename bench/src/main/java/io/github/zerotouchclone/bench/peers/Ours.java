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
    CopyBuffer buffer = CopyBuffer.allocate();
    return switch (work) {
      case BYTES -> new Bytes(region);
      case REUSED -> new Reused(region, buffer);
      case TREE -> new Tree(region, buffer);
      case FIELDS -> new Fields(region, buffer);
      case RECORD -> new Typed(region, MailJob.class);
      case BEAN -> new Typed(region, MailJobBean.class);
      case COMPACT -> new Compact(region, buffer);
      case HANDLES -> new Handles(region, buffer);
    };
  }

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

  private record Reused(Region region, CopyBuffer buffer) implements Reader {
    @Override
    public Object read(int index) {
      return ZeroTouchClone.copyInto(region, index, buffer);
    }

    @Override
    public void close() {
      buffer.close();
      region.close();
    }
  }

  private record Tree(Region region, CopyBuffer buffer) implements Reader {
    @Override
    public Object read(int index) {
      return ZeroTouchClone.copyInto(region, index, buffer).toMap();
    }

    @Override
    public void close() {
      buffer.close();
      region.close();
    }
  }

  private record Compact(Region region, CopyBuffer buffer) implements Reader {
    @Override
    public Object read(int index) {
      return ZeroTouchClone.copyInto(region, index, buffer).toCompactMap();
    }

    @Override
    public void close() {
      buffer.close();
      region.close();
    }
  }

  /** The same three fields, by handles that remember where shapes have them. */
  private static final class Handles implements Reader {
    private final Region region;
    private final CopyBuffer buffer;
    private final FieldHandle to;
    private final FieldHandle subject;
    private final FieldHandle created;

    Handles(Region region, CopyBuffer buffer) {
      this.region = region;
      this.buffer = buffer;
      to = region.field("to");
      subject = region.field("subject");
      created = region.field("created");
    }

    @Override
    public Object read(int index) {
      RecordCopy copy = ZeroTouchClone.copyInto(region, index, buffer);
      return new ThreeFields(to.getString(copy), subject.getString(copy), created.getLong(copy));
    }

    @Override
    public void close() {
      buffer.close();
      region.close();
    }
  }

  /** Decodes three fields and nothing else. */
  private record Fields(Region region, CopyBuffer buffer) implements Reader {

    @Override
    public Object read(int index) {
      RecordCopy copy = ZeroTouchClone.copyInto(region, index, buffer);
      return new ThreeFields(
          copy.getString("to"), copy.getString("subject"), copy.getLong("created"));
    }

    @Override
    public void close() {
      buffer.close();
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
