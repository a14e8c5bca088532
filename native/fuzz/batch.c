/* Batches of records, in and out of range, into slabs of all sizes. */
#include "fuzz.h"

enum { MOST = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  ztc_region *region;
  if (ztc_region_open_memory(data, size, ZTC_OPEN_VERIFY_NONE, &region, NULL) != ZTC_OK) return 0;
  uint64_t indices[MOST], offsets[MOST + 1], seed = size * UINT64_C(0x9E3779B97F4A7C15) | 1;
  for (size_t i = 0; i < size; i += 13) seed = (seed ^ data[i]) * UINT64_C(0x100000001B3);
  seed |= 1;
  const uint64_t count = ztc_region_count(region);
  for (int round = 0; round < 4; round++) {
    const size_t wanted = fuzz_random(&seed) % (MOST + 1);
    for (size_t i = 0; i < wanted; i++) {
      indices[i] = fuzz_random(&seed) % (count + 1);
      if (fuzz_random(&seed) % 200 == 0) indices[i] = fuzz_random(&seed);
      if (indices[i] == count && round < 3 && count > 0) indices[i] = 0;
    }
    const uint64_t capacity = fuzz_random(&seed) % 4096;
    uint8_t *slab = malloc(capacity);
    size_t done = MOST + 1;
    const ztc_status status =
        ztc_copy_batch(region, indices, wanted, slab, capacity, offsets, &done, NULL);
    FUZZ_CHECK(done <= wanted && (status != ZTC_OK || wanted == 0 || done > 0));
    for (size_t i = 0; i < done; i++) {
      FUZZ_CHECK(offsets[i] <= offsets[i + 1] && offsets[i + 1] <= capacity);
      ztc_value root;
      uint64_t hash;
      if (ztc_value_root(slab + offsets[i], offsets[i + 1] - offsets[i],
                         ztc_region_schema(region), &root) == ZTC_OK) {
        fuzz_print(&root, &hash);
      }
    }
    free(slab);
  }
  ztc_region_free(region);
  return 0;
}
