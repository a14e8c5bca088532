package io.github.zerotouchclone.bench.peers;

import com.alibaba.fastjson2.JSONB;
import com.alibaba.fastjson2.JSONFactory;
import com.alibaba.fastjson2.JSONObject;
import com.alibaba.fastjson2.JSONReader;
import com.alibaba.fastjson2.JSONWriter;

/**
 * fastjson2's binary JSON. A bean is written as an array of its fields (BeanToArray), which its
 * documentation names the fastest: no field name is written or matched. Its reader cannot make a
 * record of an array, so records are written with names, as maps are. References are not tracked,
 * which is its default and the faster side.
 *
 * <p>Which of its calls is the fastest depends on the version and the JDK, so there are contenders
 * for all, and ratios are judged by the fastest.
 */
final class JsonbCodec implements Codec {

  /** How it is asked to decode. */
  enum Call {
    /** With features: a read context is made for each call. */
    FEATURES,
    /** With one read context that is used again. */
    CONTEXT,
    /** To its own map, which is a {@code LinkedHashMap} as well. */
    JSON_OBJECT
  }

  private final Form form;
  private final Call call;
  private final JSONReader.Context context;

  JsonbCodec(Form form, Call call) {
    this.form = form;
    this.call = call;
    context =
        form == Form.BEAN
            ? JSONFactory.createReadContext(JSONReader.Feature.SupportArrayToBean)
            : JSONFactory.createReadContext();
  }

  @Override
  public byte[] encode(Object value) {
    return form == Form.BEAN
        ? JSONB.toBytes(value, JSONWriter.Feature.BeanToArray)
        : JSONB.toBytes(value);
  }

  @Override
  public Object decode(byte[] bytes, int offset, int length) {
    return switch (call) {
      case FEATURES ->
          form == Form.BEAN
              ? JSONB.parseObject(
                  bytes, offset, length, form.type(), JSONReader.Feature.SupportArrayToBean)
              : JSONB.parseObject(bytes, offset, length, form.type());
      case CONTEXT -> JSONB.parseObject(bytes, offset, length, form.type(), context);
      case JSON_OBJECT -> JSONB.parseObject(bytes, offset, length, JSONObject.class);
    };
  }
}
