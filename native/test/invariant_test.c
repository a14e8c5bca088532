/*
 * Invariant 1: a copy writes to no source page, not to the region's handle, and not to the
 * library's static data. Pages are compared by content and by what the kernel says was written.
 */
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "main.h"
#include "region.h"
#include "support.h"

#ifndef __SANITIZE_ADDRESS__
/* All writable segments of the running executable, into which the library is linked. */
typedef struct segments {
  struct {
    uint8_t *at;
    size_t size;
  } list[16];
  int count;
} segments;

static int collect(struct dl_phdr_info *info, size_t size, void *context) {
  segments *s = context;
  (void)size;
  if (info->dlpi_name != NULL && info->dlpi_name[0] != 0)
    return 0;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *p = &info->dlpi_phdr[i];
    if (p->p_type == PT_LOAD && (p->p_flags & PF_W) != 0) {
      s->list[s->count].at = (uint8_t *)info->dlpi_addr + p->p_vaddr;
      s->list[s->count++].size = p->p_memsz;
    }
  }
  return 1;
}

#endif

/* Kept out of the watched segments: on the heap. */
typedef struct state {
#ifndef __SANITIZE_ADDRESS__
  segments segments;
  uint8_t *before[16];
#endif
  uint8_t copy[1 << 16];
  uint64_t size;
  uint64_t offsets[65];
  uint64_t indices[64];
  size_t done;
} state;

static void copy_everything(const ztc_region *region, state *s, int rounds) {
  const uint64_t count = ztc_region_count(region);
  for (int round = 0; round < rounds; round++) {
    for (uint64_t i = 0; i < count; i++) {
      ck_assert_ztc(ztc_copy(region, i, s->copy, sizeof s->copy, &s->size, NULL));
      ztc_prefetch(region, i);
      ztc_prefetch_batch(region, &i, 1);
      ztc_copy_path(region, i, "prefs.lang", s->copy, sizeof s->copy, &s->size, NULL, NULL);
    }
    for (int k = 0; k < SAMPLE_KEYS; k++)
      ztc_index_of(region, &sample_keys[k], &s->size);
    for (uint64_t i = 0; i < 64; i++)
      s->indices[i] = (i * 7 + (uint64_t)round) % count;
    ck_assert_ztc(ztc_copy_batch(region, s->indices, 64, s->copy, sizeof s->copy, s->offsets,
                                 &s->done, NULL));
  }
}

#ifndef __SANITIZE_ADDRESS__
START_TEST(copies_change_neither_static_data_nor_the_handle) {
  publish_sample(test_path("sample.ztc"));
  ztc_region *region;
  ck_assert_ztc(ztc_region_open(test_path("sample.ztc"), 0, &region, NULL));
  state *s = calloc(1, sizeof *s);
  dl_iterate_phdr(collect, &s->segments);
  ck_assert_int_gt(s->segments.count, 0);
  copy_everything(region, s, 1); /* lazy binding, and whatever Check itself keeps */
  struct ztc_region handle_before;
  memcpy(&handle_before, region, sizeof handle_before);
  for (int i = 0; i < s->segments.count; i++) {
    s->before[i] = malloc(s->segments.list[i].size);
    memcpy(s->before[i], s->segments.list[i].at, s->segments.list[i].size);
  }
  /* No assertion in between: those count in static data. */
  for (uint64_t i = 0; i < ztc_region_count(region); i++) {
    ztc_copy(region, i, s->copy, sizeof s->copy, &s->size, NULL);
    ztc_copy_path(region, i, "prefs.lang", s->copy, sizeof s->copy, &s->size, NULL, NULL);
    ztc_copy_size(region, i, &s->size);
    ztc_prefetch(region, i);
    ztc_prefetch_batch(region, &i, 1);
    ztc_index_of(region, &sample_keys[i % SAMPLE_KEYS], &s->size);
  }
  ztc_copy_batch(region, s->indices, 64, s->copy, sizeof s->copy, s->offsets, &s->done, NULL);
  int changed = 0;
  for (int i = 0; i < s->segments.count; i++) {
    changed += memcmp(s->before[i], s->segments.list[i].at, s->segments.list[i].size) != 0;
  }
  ck_assert_int_eq(changed, 0);
  ck_assert_mem_eq(&handle_before, region, sizeof handle_before);
  for (int i = 0; i < s->segments.count; i++)
    free(s->before[i]);
  free(s);
  ztc_region_free(region);
}
END_TEST
#endif

START_TEST(copies_work_while_region_handle_and_schema_refuse_writes) {
  /* Everything that a copy reads lies in one mapping without write permission: a store would die.
   */
  publish_sample(test_path("sample.ztc"));
  image i = image_read(test_path("sample.ztc"));
  const size_t arena = 1 << 20;
  uint8_t *memory = mmap(NULL, arena, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memcpy(memory, i.bytes, i.size);
  ztc_region *region;
  ck_assert_ztc(ztc_region_open_memory(memory, i.size, 0, &region, NULL));
  struct ztc_region *sealed = (void *)(memory + arena / 2);
  memcpy(sealed, region, sizeof *sealed);
  _Atomic uint32_t *word = (void *)(memory + arena / 2 + 4096);
  atomic_store(word, ZTC_OK);
  sealed->state = word;
  ck_assert_int_eq(mprotect(memory, arena, PROT_READ), 0);
  state *s = calloc(1, sizeof *s);
  copy_everything(sealed, s, 3);
  free(s);
  ztc_region_free(region);
  munmap(memory, arena);
  image_free(&i);
}
END_TEST

START_TEST(copies_write_no_source_page_of_a_writable_mapping) {
  publish_sample(test_path("sample.ztc"));
  ztc_region *region;
  ck_assert_ztc(ztc_region_open(test_path("sample.ztc"), ZTC_OPEN_AUDIT, &region, NULL));
  const uint64_t pages = (ztc_region_size(region) + 4095) / 4096;
  uint64_t before[64], after[64];
  ck_assert_uint_le(pages, 64);
  volatile const uint8_t *base = ztc_region_base(region);
  for (uint64_t p = 0; p < pages; p++)
    (void)base[p * 4096];
  const int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
  const off_t at = (off_t)((uintptr_t)base / 4096 * 8);
  ck_assert_int_eq(pread(pagemap, before, pages * 8, at), (ssize_t)(pages * 8));
  state *s = calloc(1, sizeof *s);
  copy_everything(region, s, 3);
  free(s);
  ck_assert_int_eq(pread(pagemap, after, pages * 8, at), (ssize_t)(pages * 8));
  for (uint64_t p = 0; p < pages; p++) { /* bit 61: still the file's page */
    ck_assert_uint_eq(before[p] >> 61 & 1, 1);
    ck_assert_uint_eq(after[p] >> 61 & 1, 1);
  }
  /* The check can fail: one silent store is seen. */
  volatile uint8_t *store = (volatile uint8_t *)(uintptr_t)base;
  *store = *store;
  ck_assert_int_eq(pread(pagemap, after, 8, at), 8);
  ck_assert_uint_eq(after[0] >> 61 & 1, 0);
  close(pagemap);
  ztc_region_free(region);
}
END_TEST

static void fill(TCase *tests) {
#ifndef __SANITIZE_ADDRESS__ /* which keeps counts of its own between the variables */
  tcase_add_test(tests, copies_change_neither_static_data_nor_the_handle);
#endif
  tcase_add_test(tests, copies_work_while_region_handle_and_schema_refuse_writes);
  tcase_add_test(tests, copies_write_no_source_page_of_a_writable_mapping);
}

ZTC_TEST_MAIN("invariant", fill)
