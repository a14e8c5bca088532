package io.github.zerotouchclone.bench.peers;

import java.util.EnumSet;
import java.util.Set;
import org.apache.fory.Fory;

/**
 * {@code Fory.copy} of objects that this process holds on its own heap. It does less than the
 * others: strings are shared with the source, and every process needs a heap with all records.
 */
final class HeapCopy implements Contender {

  @Override
  public String id() {
    return "heap-copy";
  }

  @Override
  public String description() {
    return "Fory.copy of objects on this JVM's heap; does less: strings are shared, memory is not";
  }

  @Override
  public Role role() {
    return Role.LESS;
  }

  @Override
  public Set<Work> works() {
    return EnumSet.of(Work.TREE, Work.RECORD, Work.BEAN);
  }

  @Override
  public Reader open(RecordFiles files, Work work) {
    Object[] records = new Object[files.count()];
    for (int i = 0; i < records.length; i++) {
      records[i] = work.form().of(files.jobs(), i);
    }
    return new Copy(ForyCodec.fory(false), records);
  }

  private record Copy(Fory fory, Object[] records) implements Reader {
    @Override
    public Object read(int index) {
      return fory.copy(records[index]);
    }

    @Override
    public void close() {}
  }
}
