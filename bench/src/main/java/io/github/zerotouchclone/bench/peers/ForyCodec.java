package io.github.zerotouchclone.bench.peers;

import io.github.zerotouchclone.bench.data.MailJob;
import io.github.zerotouchclone.bench.data.MailJobBean;
import org.apache.fory.Fory;
import org.apache.fory.ThreadSafeFory;
import org.apache.fory.memory.MemoryBuffer;
import org.apache.fory.memory.MemoryUtils;

/**
 * Apache Fory, as its guide sets it up for speed within Java: native protocol, same-schema mode (no
 * class metadata in the bytes), registered classes (a number instead of a name), generated
 * serializers that are compiled at first use rather than in the background, one instance a thread
 * instead of {@link ThreadSafeFory}. Strings stay uncompressed, which is the default and the faster
 * side.
 */
final class ForyCodec implements Codec {

  private final Fory fory;
  private final Form form;
  private final MemoryBuffer input = MemoryUtils.wrap(new byte[8]);

  ForyCodec(Form form, boolean references) {
    this.form = form;
    fory = fory(references);
  }

  static Fory fory(boolean references) {
    Fory fory =
        Fory.builder()
            .withXlang(false)
            .withCompatible(false)
            .withRefTracking(references)
            .requireClassRegistration(true)
            .withAsyncCompilation(false)
            // The guard against hostile sizes would count every map of a long run otherwise.
            .withMaxGraphMemoryBytes(1L << 40)
            .build();
    fory.register(MailJob.class);
    fory.register(MailJob.Prefs.class);
    fory.register(MailJobBean.class);
    fory.register(MailJobBean.Prefs.class);
    return fory;
  }

  @Override
  public byte[] encode(Object value) {
    return fory.serialize(value);
  }

  @Override
  public Object decode(byte[] bytes, int offset, int length) {
    input.pointTo(bytes, offset, length);
    input.readerIndex(0);
    return fory.deserialize(input, form.type());
  }
}
