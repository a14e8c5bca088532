package io.github.zerotouchclone.bench.peers;

import io.github.zerotouchclone.Binding;
import io.github.zerotouchclone.CopyBuffer;
import io.github.zerotouchclone.FieldHandle;
import io.github.zerotouchclone.RecordCopy;
import io.github.zerotouchclone.Region;
import io.github.zerotouchclone.ZeroTouchClone;
import io.github.zerotouchclone.bench.data.MailJob;
import io.github.zerotouchclone.bench.data.MailJobBean;
import java.util.function.Consumer;

/**
 * This library, as its documentation says to use it where the indices of some records are known.
 */
abstract class OurBatches implements BatchReader, Consumer<RecordCopy> {
  final Region region;
  final CopyBuffer buffer = CopyBuffer.allocate();
  private Object[] made;
  private int next;

  private OurBatches(Region region) {
    this.region = region;
  }

  /**
   * Reads batches of a region.
   *
   * @param region to be closed with the reader
   * @param work one that makes objects
   */
  static BatchReader open(Region region, Work work) {
    return switch (work) {
      case TREE -> new Tree(region);
      case COMPACT -> new Compact(region);
      case FIELDS -> new Fields(region);
      case HANDLES -> new Handles(region);
      case RECORD -> new Typed(region, Binding.of(MailJob.class));
      case BEAN -> new Typed(region, Binding.of(MailJobBean.class));
      case BYTES, REUSED -> throw new UnsupportedOperationException(work + " makes no objects");
    };
  }

  @Override
  public void read(long[] indices, Object[] made) {
    this.made = made;
    next = 0;
    ZeroTouchClone.copyAll(region, indices, buffer).forEachCopy(this);
  }

  @Override
  public final void accept(RecordCopy copy) {
    made[next++] = make(copy);
  }

  abstract Object make(RecordCopy copy);

  @Override
  public final void close() {
    buffer.close();
    region.close();
  }

  private static final class Tree extends OurBatches {
    Tree(Region region) {
      super(region);
    }

    @Override
    Object make(RecordCopy copy) {
      return copy.toMap();
    }
  }

  private static final class Compact extends OurBatches {
    Compact(Region region) {
      super(region);
    }

    @Override
    Object make(RecordCopy copy) {
      return copy.toCompactMap();
    }
  }

  private static final class Fields extends OurBatches {
    Fields(Region region) {
      super(region);
    }

    @Override
    Object make(RecordCopy copy) {
      return new ThreeFields(
          copy.getString("to"), copy.getString("subject"), copy.getLong("created"));
    }
  }

  private static final class Handles extends OurBatches {
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

  private static final class Typed extends OurBatches {
    private final Binding<?> binding;

    Typed(Region region, Binding<?> binding) {
      super(region);
      this.binding = binding;
    }

    @Override
    public void read(long[] indices, Object[] made) {
      ZeroTouchClone.copyAll(region, indices, buffer, binding).toArray(made);
    }

    @Override
    Object make(RecordCopy copy) {
      return copy.as(binding);
    }
  }
}
