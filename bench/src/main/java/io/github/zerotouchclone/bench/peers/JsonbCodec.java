package io.github.zerotouchclone.bench.peers;

import com.alibaba.fastjson2.JSONB;
import com.alibaba.fastjson2.JSONReader;
import com.alibaba.fastjson2.JSONWriter;

/**
 * fastjson2's binary JSON. A bean is written as an array of its fields (BeanToArray), which its
 * documentation names the fastest: no field name is written or matched. Its reader cannot make a
 * record of an array, so records are written with names, as maps are. References are not tracked,
 * which is its default and the faster side.
 */
final class JsonbCodec implements Codec {

  private final Form form;

  JsonbCodec(Form form) {
    this.form = form;
  }

  @Override
  public byte[] encode(Object value) {
    return form == Form.BEAN
        ? JSONB.toBytes(value, JSONWriter.Feature.BeanToArray)
        : JSONB.toBytes(value);
  }

  @Override
  public Object decode(byte[] bytes, int offset, int length) {
    return form == Form.BEAN
        ? JSONB.parseObject(
            bytes, offset, length, form.type(), JSONReader.Feature.SupportArrayToBean)
        : JSONB.parseObject(bytes, offset, length, form.type());
  }
}
