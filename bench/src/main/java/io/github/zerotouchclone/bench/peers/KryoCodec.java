package io.github.zerotouchclone.bench.peers;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import io.github.zerotouchclone.bench.data.MailJob;
import io.github.zerotouchclone.bench.data.MailJobBean;
import java.util.ArrayList;
import java.util.LinkedHashMap;

/**
 * Kryo 5 as its README advises for speed: classes are registered, the root class is known to the
 * reader, input and output are used again, one instance a thread. Its default serializers fit: a
 * record's constructor, a bean's fields through generated access where the JDK allows it.
 */
final class KryoCodec implements Codec {

  private final Kryo kryo = new Kryo();
  private final Form form;
  private final Output output = new Output(4096, -1);
  private final Input input = new Input();

  KryoCodec(Form form, boolean references) {
    this.form = form;
    kryo.setReferences(references);
    kryo.setRegistrationRequired(true);
    kryo.register(LinkedHashMap.class);
    kryo.register(ArrayList.class);
    kryo.register(MailJob.class);
    kryo.register(MailJob.Prefs.class);
    kryo.register(MailJobBean.class);
    kryo.register(MailJobBean.Prefs.class);
  }

  @Override
  public byte[] encode(Object value) {
    output.reset();
    kryo.writeObject(output, value);
    return output.toBytes();
  }

  @Override
  public Object decode(byte[] bytes, int offset, int length) {
    input.setBuffer(bytes, offset, length);
    return kryo.readObject(input, form.type());
  }
}
