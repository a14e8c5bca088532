/* Copying sub-values. The input is a region, a path, and in one byte the path's length. */
#include "fuzz.h"

enum { MOST_RECORDS = 60 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0 || data[size - 1] > size - 1) return 0;
  const size_t length = data[size - 1], image = size - 1 - length;
  uint8_t *bytes = malloc(image + 1 == 1 ? 8 : image); /* exactly: nothing readable behind it */
  char *path = malloc(length + 1);
  memcpy(bytes, data, image);
  memcpy(path, data + image, length);
  path[length] = 0;
  static const uint32_t levels[] = {ZTC_OPEN_VERIFY_NONE, ZTC_OPEN_VERIFY_RECORD};
  for (int i = 0; i < 2; i++) {
    ztc_region *region;
    if (ztc_region_open_memory(bytes, image, levels[i], &region, NULL) != ZTC_OK) continue;
    for (uint64_t r = 0; r < ztc_region_count(region) && r < MOST_RECORDS; r++) {
      uint64_t hash;
      fuzz_copy copy = fuzz_copy_path(region, r, path);
      if (copy.bytes != NULL) fuzz_read_copy(&copy, ztc_region_schema(region), &hash);
      free(copy.bytes);
      copy = fuzz_copy_record(region, r);
      ztc_value root, value;
      if (copy.bytes != NULL &&
          ztc_value_root(copy.bytes, copy.size, ztc_region_schema(region), &root) == ZTC_OK &&
          ztc_value_path(&root, path, &value, NULL) == ZTC_OK) {
        fuzz_visit(&value);
      }
      free(copy.bytes);
    }
    ztc_region_free(region);
  }
  free(path);
  free(bytes);
  return 0;
}
