package io.github.zerotouchclone.bench.peers;

import io.github.zerotouchclone.Binding;
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
import java.util.function.Consumer;

/**
 * This library, as its documentation says to use it in a loop, or where the indices of some records
 * are known.
 */
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
      case RECORD -> new Typed(region, MailJob.class);
      case BEAN -> new Typed(region, MailJobBean.class);
      case REUSED, TREE, COMPACT, FIELDS, HANDLES -> buffered(region, work);
    };
  }

  @Override
  public BatchReader openBatches(RecordFiles files, Work work) throws IOException {
    if (work == Work.BYTES || work == Work.REUSED) {
      throw new IllegalArgumentException(
          id() + " reads batches of objects, and the work " + work.id() + " makes none");
    }
    Region region = Region.open(files.region());
    return switch (work) {
      case RECORD -> new TypedBatches(region, Binding.of(MailJob.class));
      case BEAN -> new TypedBatches(region, Binding.of(MailJobBean.class));
      default -> buffered(region, work);
    };
  }

  private static Buffered buffered(Region region, Work work) {
    return switch (work) {
      case REUSED -> new Reused(region);
      case TREE -> new Tree(region);
      case COMPACT -> new Compact(region);
      case FIELDS -> new Fields(region);
      case HANDLES -> new Handles(region);
      case BYTES, RECORD, BEAN ->
          throw new IllegalArgumentException("the work " + work.id() + " needs no view of a copy");
    };
  }

  /** Makes something of each copy in one buffer that is used again, one by one or in batches. */
  private abstract static class Buffered implements Reader, BatchReader, Consumer<RecordCopy> {
    private final Region region;
    private final CopyBuffer buffer = CopyBuffer.allocate();
    private Object[] made; // of a batch
    private int next;

    Buffered(Region region) {
      this.region = region;
    }

    abstract Object make(RecordCopy copy);

    @Override
    public final Object read(int index) {
      return make(ZeroTouchClone.copyInto(region, index, buffer));
    }

    @Override
    public final void read(long[] indices, Object[] made) {
      this.made = made;
      next = 0;
      ZeroTouchClone.copyAll(region, indices, buffer).forEachCopy(this);
    }

    @Override
    public final void accept(RecordCopy copy) {
      made[next++] = make(copy);
    }

    @Override
    public final void close() {
      buffer.close();
      region.close();
    }
  }

  /** The view itself, which the next copy moves. */
  private static final class Reused extends Buffered {
    Reused(Region region) {
      super(region);
    }

    @Override
    Object make(RecordCopy copy) {
      return copy;
    }
  }

  private static final class Tree extends Buffered {
    Tree(Region region) {
      super(region);
    }

    @Override
    Object make(RecordCopy copy) {
      return copy.toMap();
    }
  }

  private static final class Compact extends Buffered {
    Compact(Region region) {
      super(region);
    }

    @Override
    Object make(RecordCopy copy) {
      return copy.toCompactMap();
    }
  }

  /** Decodes three fields and nothing else. */
  private static final class Fields extends Buffered {
    Fields(Region region) {
      super(region);
    }

    @Override
    Object make(RecordCopy copy) {
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
    Object make(RecordCopy copy) {
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

  /** Makes objects of a class. */
  private record TypedBatches(Region region, CopyBuffer buffer, Binding<?> binding)
      implements BatchReader {
    TypedBatches(Region region, Binding<?> binding) {
      this(region, CopyBuffer.allocate(), binding);
    }

    @Override
    public void read(long[] indices, Object[] made) {
      ZeroTouchClone.copyAll(region, indices, buffer, binding).toArray(made);
    }

    @Override
    public void close() {
      buffer.close();
      region.close();
    }
  }
}
