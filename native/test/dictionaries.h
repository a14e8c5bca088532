/* A small region of maps that hold their own keys, for tests that look at each of its bytes. */
#ifndef ZTC_TEST_DICTIONARIES_H
#define ZTC_TEST_DICTIONARIES_H

#include <stdio.h>

#include "crc32c.h"
#include "format.h"
#include "support.h"

static inline void put_in(image *i, uint64_t at, uint64_t value, size_t size) {
  memcpy(i->bytes + at, &value, size);
}

static inline void put_section(image *i, uint32_t number, uint32_t type, uint64_t from,
                               uint64_t to) {
  const uint64_t entry = ZTC__HEADER_SIZE + (uint64_t)number * ZTC__ENTRY_SIZE;
  put_in(i, entry + ZTC__ENTRY_TYPE, type, 4);
  put_in(i, entry + ZTC__ENTRY_FLAGS, ZTC__ENTRY_REQUIRED, 4);
  put_in(i, entry + ZTC__ENTRY_OFFSET, from, 8);
  put_in(i, entry + ZTC__ENTRY_LENGTH, to - from, 8);
  if (type != ZTC__SECTION_RECORDS)
    put_in(i, entry + ZTC__ENTRY_CHECKSUM, ztc__crc32c(0, i->bytes + from, to - from), 4);
}

static inline uint64_t section_after(uint64_t end) {
  return (end + ZTC__SECTION_ALIGN - 1) & ~(uint64_t)(ZTC__SECTION_ALIGN - 1);
}

/* Maps that hold their own keys are written only where there are many shapes. Here they are alone,
   taken out of such a region, so that each of their bytes can be damaged. */
static inline image dictionaries(void) {
  enum { SHAPES = 256, MAPS = 3 };
  static const char *const maps[MAPS] = {
      "{\"name\":\"a\",\"prefs\":{\"lang\":\"en\",\"a longer key\":1i8}}",
      "{\"a\":[true,{\"b\":null,\"c\":\"a longer text\"}],\"d\":x\"00ff\"}",
      "{\"\xc3\xa9\":i16[1,2],\"e\":ext(16,x\"01\"),\"f\":2.5e0f64}"};
  char others[SHAPES][24];
  const char *texts[SHAPES + MAPS + 1] = {NULL};
  for (int s = 0; s < SHAPES; s++) {
    snprintf(others[s], sizeof others[s], "{\"k%d\":null}", s);
    texts[s] = others[s];
  }
  memcpy(texts + SHAPES, maps, sizeof maps);
  publish_texts(test_path("large.ztc"), texts);
  image large = image_read(test_path("large.ztc")), i = image_copy(&large);
  ztc_region *region;
  ck_assert_ztc(ztc_region_open_memory(large.bytes, large.size, 0, &region, NULL));
  memset(i.bytes + ZTC__HEADER_SIZE, 0, i.size - ZTC__HEADER_SIZE);
  uint64_t index[MAPS][2];
  const uint64_t records = section_after(ZTC__HEADER_SIZE + 3 * ZTC__ENTRY_SIZE);
  uint64_t end = records;
  for (uint64_t m = 0; m < MAPS; m++) {
    uint64_t offset, size;
    ck_assert_ztc(ztc_region_extent(region, SHAPES + m, &offset, &size));
    ck_assert_uint_eq(large.bytes[offset], ZTC__KIND_DICT);
    memcpy(i.bytes + end, large.bytes + offset, size);
    index[m][0] = end | (uint64_t)ZTC__EXTENT_CLOSED << ZTC__PLACE_FLAGS_SHIFT;
    index[m][1] = size | (uint64_t)ztc__crc32c(0, large.bytes + offset, size) << 32;
    end += size;
  }
  const uint64_t index_at = section_after(end);
  const uint64_t schema_at = section_after(index_at + sizeof index); /* of no keys and no shapes */
  memcpy(i.bytes + index_at, index, sizeof index);
  i.size = schema_at + ZTC__SCHEMA_HEADER_SIZE;
  put_section(&i, 0, ZTC__SECTION_RECORDS, records, end);
  put_section(&i, 1, ZTC__SECTION_RECORD_INDEX, index_at, index_at + sizeof index);
  put_section(&i, 2, ZTC__SECTION_SCHEMA, schema_at, i.size);
  put_in(&i, ZTC__HEADER_FILE_SIZE, i.size, 8);
  put_in(&i, ZTC__HEADER_RECORD_COUNT, MAPS, 8);
  put_in(&i, ZTC__HEADER_SECTION_COUNT, 3, 4);
  image_fix_header(&i);
  ztc_region_free(region);
  ck_assert_ztc(ztc_region_open_memory(i.bytes, i.size, ZTC_OPEN_VERIFY_ALL, &region, NULL));
  ztc_region_free(region);
  image exact = image_copy(&i);
  image_free(&i);
  image_free(&large);
  return exact;
}

#endif
