/*
 * Looking up records by key. The input is a region, a key, and in two bytes the key's type and
 * encoding, and its length. Checksums are made true first, so that what is mutated counts.
 */
#include "fuzz.h"

static ztc_key key_of(const uint8_t *data, size_t length, uint8_t what) {
  static const ztc_key_type types[] = {ZTC_KEY_STRING, ZTC_KEY_STRING, ZTC_KEY_STRING,
                                       ZTC_KEY_STRING, ZTC_KEY_I64,    ZTC_KEY_BYTES};
  ztc_key key = {.type = types[what % 6], .encoding = (ztc_encoding)(what % 6 % 4), .data = data,
                 .size = length};
  memcpy(&key.number, data, length < 8 ? length : 8);
  return key;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < 2 || data[size - 1] > size - 2) return 0;
  const size_t length = data[size - 1], image = size - 2 - length;
  uint8_t *bytes = malloc(image == 0 ? 8 : image); /* exactly: nothing readable behind it */
  uint8_t *text = malloc(length + 1);
  memcpy(bytes, data, image);
  memcpy(text, data + image, length);
  fuzz_fix_checksums(bytes, image);
  const ztc_key key = key_of(text, length, data[size - 2]);
  ztc_region *region;
  if (ztc_region_open_memory(bytes, image, ZTC_OPEN_VERIFY_NONE, &region, NULL) == ZTC_OK) {
    uint64_t index = 0;
    const ztc_status status = ztc_index_of(region, &key, &index);
    FUZZ_CHECK(status == ZTC_OK || status == ZTC_NO_SUCH_KEY || status == ZTC_CORRUPT);
    FUZZ_CHECK(status != ZTC_OK || index < ztc_region_count(region));
    FUZZ_CHECK(ztc_region_key_count(region) <= ztc_region_count(region));
    fuzz_read_keys(region, ztc_region_validate(region, NULL) == ZTC_OK);
    ztc_region_free(region);
  }
  free(text);
  free(bytes);
  return 0;
}
