/* Accessors and typed text. The input is the size of a schema in a u16, the schema, and a copy. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  uint16_t length;
  if (size < sizeof length) return 0;
  memcpy(&length, data, sizeof length);
  data += sizeof length;
  size -= sizeof length;
  if (length > size) return 0;
  ztc_schema *schema;
  if (ztc_schema_parse(data, length, &schema, NULL) != ZTC_OK) return 0;
  fuzz_copy copy = {.size = size - length};
  copy.bytes = malloc(copy.size);
  if (copy.size > 0) memcpy(copy.bytes, data + length, copy.size);
  uint64_t hash;
  if (copy.bytes != NULL) fuzz_read_copy(&copy, schema, &hash);
  free(copy.bytes);
  ztc_schema_free(schema);
  return 0;
}
