/* Beyond 4 GiB: offsets are 64-bit everywhere. The file is sparse, so this is cheap. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "crc32c.h"
#include "format.h"
#include "main.h"
#include "support.h"

#define SHIFT (UINT64_C(5) << 30)

static uint64_t load64(const uint8_t *p) {
  uint64_t v;
  memcpy(&v, p, 8);
  return v;
}

static void add64(uint8_t *p, uint64_t n) {
  const uint64_t v = load64(p) + n;
  memcpy(p, &v, 8);
}

/* Moves everything behind the directory of a small region 5 GiB up, in a sparse file. */
static void publish_shifted(const char *small, const char *path) {
  image i = image_read(small);
  uint32_t sections;
  memcpy(&sections, i.bytes + ZTC__HEADER_SECTION_COUNT, 4);
  const uint64_t first = load64(i.bytes + ZTC__HEADER_SIZE + ZTC__ENTRY_OFFSET);
  for (uint32_t s = 0; s < sections; s++) {
    uint8_t *entry = i.bytes + ZTC__HEADER_SIZE + s * ZTC__ENTRY_SIZE;
    uint32_t type;
    memcpy(&type, entry, 4);
    const uint64_t offset = load64(entry + ZTC__ENTRY_OFFSET);
    const uint64_t length = load64(entry + ZTC__ENTRY_LENGTH);
    if (type == ZTC__SECTION_RECORD_INDEX || type == ZTC__SECTION_SHARED_INDEX) {
      for (uint64_t e = 0; e < length; e += ZTC__INDEX_ENTRY_SIZE)
        add64(i.bytes + offset + e, SHIFT);
      const uint32_t crc = ztc__crc32c(0, i.bytes + offset, length);
      memcpy(entry + ZTC__ENTRY_CHECKSUM, &crc, 4);
    }
    add64(entry + ZTC__ENTRY_OFFSET, SHIFT);
  }
  add64(i.bytes + ZTC__HEADER_FILE_SIZE, SHIFT);
  image_fix_header(&i);
  const int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);
  ck_assert_int_ge(fd, 0);
  ck_assert_int_eq(pwrite(fd, i.bytes, first, 0), (ssize_t)first);
  ck_assert_int_eq(pwrite(fd, i.bytes + first, i.size - first, (off_t)(first + SHIFT)),
                   (ssize_t)(i.size - first));
  close(fd);
  image_free(&i);
}

START_TEST(records_and_shared_nodes_beyond_4_gib_are_copied) {
  char small_path[256];
  snprintf(small_path, sizeof small_path, "%s", test_path("small.ztc"));
  publish_sample(small_path);
  publish_shifted(small_path, test_path("large.ztc"));
  ztc_region *small, *large;
  ztc_error error = {.message = ""};
  ck_assert_ztc(ztc_region_open(small_path, 0, &small, NULL));
  ck_assert_msg(ztc_region_open(test_path("large.ztc"), 0, &large, &error) == ZTC_OK, "%s",
                error.message);
  ck_assert_uint_eq(ztc_region_size(large), ztc_region_size(small) + SHIFT);
  ck_assert_uint_eq(ztc_region_count(large), ztc_region_count(small));
  for (uint64_t i = 0; i < ztc_region_count(small); i++) {
    uint64_t offset, size;
    ck_assert_ztc(ztc_region_extent(large, i, &offset, &size));
    ck_assert_uint_gt(offset, UINT64_C(4) << 30);
    char *a = text_of_record(small, i), *b = text_of_record(large, i);
    ck_assert_str_eq(a, b);
    free(a);
    free(b);
  }
  uint8_t copy[4096];
  uint64_t size;
  ck_assert_ztc(ztc_copy_path(large, 29, "prefs.lang", copy, sizeof copy, &size, NULL, NULL));
  ztc_region_free(large);
  ztc_region_free(small);
}
END_TEST

START_TEST(opening_is_quick_and_touches_few_pages_whatever_the_size) {
  char small_path[256];
  snprintf(small_path, sizeof small_path, "%s", test_path("small.ztc"));
  publish_sample(small_path);
  publish_shifted(small_path, test_path("large.ztc"));
  ztc_region *large;
  ck_assert_ztc(ztc_region_open(test_path("large.ztc"), 0, &large, NULL));
  /* Resident pages of the mapping: those that the open touched, and what the kernel mapped around
     them. The hole of 5 GiB stays out. */
  const uint64_t pages = (ztc_region_size(large) + 4095) / 4096;
  const int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
  static uint64_t entries[1 << 16];
  uint64_t present = 0;
  for (uint64_t p = 0; p < pages; p += sizeof entries / 8) {
    const uint64_t left = pages - p, n = left < sizeof entries / 8 ? left : sizeof entries / 8;
    const off_t at = (off_t)(((uintptr_t)ztc_region_base(large) / 4096 + p) * 8);
    ck_assert_int_eq(pread(pagemap, entries, n * 8, at), (ssize_t)(n * 8));
    for (uint64_t e = 0; e < n; e++)
      present += entries[e] >> 63;
  }
  close(pagemap);
  ck_assert_uint_ge(present, 1);
  ck_assert_uint_le(present, 64);
  ztc_region_free(large);
}
END_TEST

static void fill(TCase *tests) {
  tcase_add_test(tests, records_and_shared_nodes_beyond_4_gib_are_copied);
  tcase_add_test(tests, opening_is_quick_and_touches_few_pages_whatever_the_size);
}

ZTC_TEST_MAIN("large", fill)
