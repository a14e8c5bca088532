/* Any bytes as a region: opening with each level of verification, and validating. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  ztc_status last = ZTC_OK;
  for (uint32_t level = ZTC_OPEN_VERIFY_HEADER; level <= ZTC_OPEN_VERIFY_ALL; level++) {
    ztc_region *region;
    ztc_error error;
    last = ztc_region_open_memory(data, size, level, &region, &error);
    if (last != ZTC_OK) continue;
    ztc_schema *clone;
    const ztc_status valid = ztc_region_validate(region, &error);
    FUZZ_CHECK(level != ZTC_OPEN_VERIFY_ALL || valid == ZTC_OK);
    FUZZ_CHECK(ztc_schema_clone(ztc_region_schema(region), &clone) == ZTC_OK);
    ztc_schema_free(clone);
    ztc_region_free(region);
  }
  return 0;
}
