package io.github.zerotouchclone.bench.peers;

import java.io.IOException;
import java.util.EnumSet;
import java.util.Set;
import org.apache.fory.Fory;
import org.apache.fory.memory.MemoryBuffer;
import org.apache.fory.memory.MemoryUtils;

/** Fory reading the mapped file itself, without an array in between. */
final class ForyDirect implements Contender {

  @Override
  public String id() {
    return "mapped+fory-direct";
  }

  @Override
  public String description() {
    return "as mapped+fory, decoding straight from the mapping instead of a reused array";
  }

  @Override
  public Role role() {
    return Role.PEER;
  }

  @Override
  public Set<Work> works() {
    return EnumSet.of(Work.TREE, Work.RECORD, Work.BEAN);
  }

  @Override
  public Reader open(RecordFiles files, Work work) throws IOException {
    MappedStore store = new MappedStore(files.encoded(Store.Kind.MAPPED, "fory", work.form()));
    return new Direct(
        store,
        ForyCodec.fory(false),
        MemoryUtils.wrap(store.values().duplicate()),
        work.form().type());
  }

  private record Direct(MappedStore store, Fory fory, MemoryBuffer buffer, Class<?> type)
      implements Reader {
    @Override
    public Object read(int index) {
      buffer.readerIndex(store.offset(index));
      return fory.deserialize(buffer, type);
    }

    @Override
    public void close() {}
  }
}
