/*
 * Regions that are nearly right. The mutator changes a slot, a header, an index entry or a word of
 * the schema and makes all checksums true again; without it the engine's own mutation is followed by
 * the same repair. What validation accepts must be readable as a whole.
 */
#include "format.h"
#include "fuzz.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most) __attribute__((weak));
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed);

static uint64_t section(const uint8_t *data, size_t size, uint32_t type, uint64_t *length) {
  for (uint64_t at = ZTC__HEADER_SIZE; at + ZTC__ENTRY_SIZE <= size && at < 512; at += ZTC__ENTRY_SIZE) {
    uint32_t found;
    uint64_t offset;
    memcpy(&found, data + at, sizeof found);
    if (found != type) continue;
    memcpy(&offset, data + at + ZTC__ENTRY_OFFSET, sizeof offset);
    memcpy(length, data + at + ZTC__ENTRY_LENGTH, sizeof *length);
    return offset <= size && *length <= size - offset && *length >= 8 ? offset : 0;
  }
  return 0;
}

static uint64_t pick_word(const uint8_t *data, size_t size, uint64_t *random) {
  static const uint32_t types[] = {ZTC__SECTION_RECORDS, ZTC__SECTION_RECORDS, ZTC__SECTION_SHARED,
                                   ZTC__SECTION_RECORD_INDEX, ZTC__SECTION_SHARED_INDEX,
                                   ZTC__SECTION_SCHEMA, ZTC__SECTION_KEY_INDEX};
  for (int attempt = 0; attempt < 8; attempt++) {
    uint64_t length = 0;
    const uint64_t at = section(data, size, types[fuzz_random(random) % 7], &length);
    if (at != 0) return at + (fuzz_random(random) % (length / 8)) * 8;
  }
  return 0;
}

static uint64_t change(uint64_t word, uint64_t other, uint64_t *random) {
  static const uint64_t steps[] = {1, 8, 16, UINT64_C(1) << 32, UINT64_C(8) << 32};
  static const uint64_t values[] = {0, 1, 8, 16, 24, 0x7fffffff, 0xffffffff, UINT64_C(1) << 63};
  const uint64_t step = steps[fuzz_random(random) % 5];
  switch (fuzz_random(random) % 8) {
    case 0:
      return word ^ UINT64_C(1) << fuzz_random(random) % 64;
    case 1:
      return word + step;
    case 2:
      return word - step;
    case 3:
      return other;
    case 4:
      return (word & ~UINT64_C(0xff)) | fuzz_random(random) % 26; /* kinds and types */
    case 5:
      return (word & UINT64_C(0xffffffff00000000)) | (uint32_t)other;
    case 6:
      return (word & UINT64_C(0xffffffff)) | (other >> 32 << 32);
    default:
      return values[fuzz_random(random) % 8];
  }
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed) {
  uint64_t random = seed * UINT64_C(0x9E3779B97F4A7C15) | 1;
  if (LLVMFuzzerMutate != NULL && (size < 128 || fuzz_random(&random) % 16 == 0)) {
    size = LLVMFuzzerMutate(data, size, most);
    if (size >= 24) memcpy(data + ZTC__HEADER_FILE_SIZE, &(uint64_t){size}, 8);
  } else {
    for (uint64_t n = 1 + fuzz_random(&random) % 3; n > 0; n--) {
      const uint64_t at = pick_word(data, size, &random), from = pick_word(data, size, &random);
      uint64_t word, other;
      if (at == 0 || from == 0) break;
      memcpy(&word, data + at, 8);
      memcpy(&other, data + from, 8);
      word = change(word, other, &random);
      memcpy(data + at, &word, 8);
    }
  }
  fuzz_fix_checksums(data, size);
  return size;
}

/* A valid region gives every record, whole and by path, and both print the same. */
static void check_readable(const ztc_region *region) {
  for (uint64_t r = 0; r < ztc_region_count(region); r++) {
    uint64_t hash = 0, again = 0;
    fuzz_copy copy = fuzz_copy_record(region, r);
    FUZZ_CHECK(copy.status == ZTC_OK);
    const ztc_status status =
        copy.bytes != NULL ? fuzz_read_copy(&copy, ztc_region_schema(region), &hash) : ZTC_TOO_DEEP;
    FUZZ_CHECK(status == ZTC_OK || status == ZTC_TOO_DEEP);
    free(copy.bytes);
    copy = fuzz_copy_path(region, r, "$");
    FUZZ_CHECK(copy.status == ZTC_OK);
    if (copy.bytes != NULL && status == ZTC_OK) {
      FUZZ_CHECK(fuzz_read_copy(&copy, ztc_region_schema(region), &again) == ZTC_OK);
      FUZZ_CHECK(hash == again);
    }
    free(copy.bytes);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  ztc_region *region;
  if (ztc_region_open_memory(data, size, ZTC_OPEN_VERIFY_RECORD, &region, NULL) != ZTC_OK) return 0;
  static const char *const paths[] = {"$", "[0]", "prefs.lang", "a[1]", "rows[1].y", "[2].k"};
  for (uint64_t r = 0; r < ztc_region_count(region) && r < 80; r++) {
    uint64_t hash;
    fuzz_copy copy = fuzz_copy_record(region, r);
    if (copy.bytes != NULL) fuzz_read_copy(&copy, ztc_region_schema(region), &hash);
    free(copy.bytes);
    for (size_t p = 0; p < sizeof paths / sizeof *paths; p++) {
      copy = fuzz_copy_path(region, r, paths[p]);
      if (copy.bytes != NULL) fuzz_read_copy(&copy, ztc_region_schema(region), &hash);
      free(copy.bytes);
    }
  }
  const bool valid = ztc_region_validate(region, NULL) == ZTC_OK;
  fuzz_read_keys(region, valid);
  if (valid) check_readable(region);
  ztc_region_free(region);
  return 0;
}
