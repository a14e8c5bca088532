/* What opening touches: a few pages, whatever the size of the region. */
#include <fcntl.h>
#include <unistd.h>

#include "main.h"
#include "stretch.h"
#include "support.h"

enum { PAGE = 4096 };

/* Pages of the region that this process has in its page table. The kernel maps neighbours of a
   touched page that are in its cache, up to 16 in all, so this counts no less than was touched. */
static uint64_t pages_mapped(const ztc_region *region) {
  const uint64_t pages = (ztc_region_size(region) + PAGE - 1) / PAGE;
  static uint64_t entries[1 << 16];
  const int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
  ck_assert_int_ge(pagemap, 0);
  uint64_t mapped = 0, first = (uint64_t)(uintptr_t)ztc_region_base(region) / PAGE;
  for (uint64_t done = 0; done < pages;) {
    const uint64_t left = pages - done;
    const uint64_t count = left < sizeof entries / 8 ? left : sizeof entries / 8;
    const ssize_t size = (ssize_t)(count * 8);
    ck_assert_int_eq(pread(pagemap, entries, (size_t)size, (off_t)((first + done) * 8)), size);
    for (uint64_t i = 0; i < count; i++)
      mapped += entries[i] >> 63;
    done += count;
  }
  close(pagemap);
  return mapped;
}

static uint64_t pages_touched_by_opening(const char *path) {
  ztc_region *region;
  ck_assert_ztc(ztc_region_open(path, 0, &region, NULL));
  const uint64_t pages = pages_mapped(region);
  ztc_region_free(region);
  return pages;
}

START_TEST(opening_touches_a_few_pages_of_a_region_of_any_size) {
  ck_assert(stretched_region(test_path("small.ztc"), UINT64_C(1) << 24));
  const uint64_t of_small = pages_touched_by_opening(test_path("small.ztc"));
  ck_assert(stretched_region(test_path("large.ztc"), UINT64_C(2) << 30));
  const uint64_t of_large = pages_touched_by_opening(test_path("large.ztc"));
  /* The header's page and the schema's, each with its neighbours. */
  ck_assert_uint_ge(of_small, 1);
  ck_assert_uint_le(of_small, 32);
  ck_assert_uint_ge(of_large, 1);
  ck_assert_uint_le(of_large, 32);
}
END_TEST

START_TEST(a_stretched_region_is_valid) {
  ck_assert(stretched_region(test_path("stretched.ztc"), UINT64_C(48) << 20));
  ztc_region *region;
  ck_assert_ztc(ztc_region_open(test_path("stretched.ztc"), 0, &region, NULL));
  ck_assert_ztc(ztc_region_validate(region, NULL));
  ck_assert_uint_gt(ztc_region_size(region), UINT64_C(48) << 20);
  ck_assert_uint_gt(ztc_region_count(region), 2000);
  char *text = text_of_record(region, 1001 + 41); /* the second block's */
  ck_assert_str_eq(text, "41i64");
  free(text);
  ztc_region_free(region);
}
END_TEST

static void fill(TCase *tests) {
  tcase_add_test(tests, opening_touches_a_few_pages_of_a_region_of_any_size);
  tcase_add_test(tests, a_stretched_region_is_valid);
}

ZTC_TEST_MAIN("open_cost", fill)
