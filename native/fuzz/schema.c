/* Any bytes as a schema. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  ztc_schema *schema, *clone;
  ztc_error error;
  if (ztc_schema_parse(data, size, &schema, &error) != ZTC_OK) {
    FUZZ_CHECK(schema == NULL);
    return 0;
  }
  const void *image;
  uint64_t length;
  ztc_schema_image(schema, &image, &length);
  FUZZ_CHECK(length == size && memcmp(image, data, size) == 0);
  FUZZ_CHECK(ztc_schema_clone(schema, &clone) == ZTC_OK);
  ztc_schema_free(schema);
  ztc_schema_free(clone);
  return 0;
}
