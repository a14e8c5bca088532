/* Copying every record of any region, and reading the copies. */
#include "fuzz.h"

enum { MOST_RECORDS = 80 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const uint32_t levels[] = {ZTC_OPEN_VERIFY_NONE, ZTC_OPEN_VERIFY_RECORD};
  for (int i = 0; i < 2; i++) {
    ztc_region *region;
    if (ztc_region_open_memory(data, size, levels[i], &region, NULL) != ZTC_OK) continue;
    const uint64_t count = ztc_region_count(region);
    for (uint64_t r = 0; r < count && r < MOST_RECORDS; r++) {
      uint64_t offset, length, hash;
      ztc_prefetch(region, r);
      if (ztc_region_extent(region, r, &offset, &length) == ZTC_OK) {
        FUZZ_CHECK(offset <= size && length <= size - offset);
      }
      fuzz_copy copy = fuzz_copy_record(region, r);
      if (copy.bytes != NULL) fuzz_read_copy(&copy, ztc_region_schema(region), &hash);
      free(copy.bytes);
    }
    FUZZ_CHECK(ztc_copy_size(region, count, &(uint64_t){0}) == ZTC_OUT_OF_RANGE);
    ztc_region_free(region);
  }
  return 0;
}
