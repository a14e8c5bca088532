package io.github.zerotouchclone.bench.peers;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.Map;
import org.msgpack.jackson.dataformat.MessagePackFactory;

/** How large the records are in one format and another. */
public final class Sizes {

  private Sizes() {}

  /** Bytes a record, with everything that finds it again: index, hash, tree, or line feed. */
  public static Map<String, Double> bytesARecord(RecordFiles files) throws IOException {
    ObjectMapper json = new ObjectMapper();
    ObjectMapper messagePack = new ObjectMapper(new MessagePackFactory());
    double jsonBytes = 0;
    double messagePackBytes = 0;
    for (int i = 0; i < files.count(); i++) {
      Map<String, Object> record = files.jobs().record(i);
      jsonBytes += json.writeValueAsBytes(record).length + 1;
      messagePackBytes += messagePack.writeValueAsBytes(record).length;
    }
    double offsets = 8.0 * (files.count() + 1);
    Map<String, Double> sizes = new LinkedHashMap<>();
    sizes.put("region", (double) Files.size(files.region()));
    sizes.put("json-lines", jsonBytes);
    sizes.put("message-pack-and-offsets", messagePackBytes + offsets);
    sizes.put(
        "fory-tree-and-offsets",
        (double) RecordFiles.sizeOf(files.encoded(Store.Kind.MAPPED, "fory", Form.TREE)));
    sizes.put(
        "fory-record-and-offsets",
        (double) RecordFiles.sizeOf(files.encoded(Store.Kind.MAPPED, "fory", Form.RECORD)));
    sizes.put(
        "sparkey-fory-tree",
        (double) RecordFiles.sizeOf(files.encoded(Store.Kind.SPARKEY, "fory", Form.TREE)));
    sizes.put(
        "lmdb-fory-tree",
        (double) RecordFiles.sizeOf(files.encoded(Store.Kind.LMDB, "fory", Form.TREE)));
    sizes.replaceAll((name, bytes) -> bytes / files.count());
    return sizes;
  }
}
