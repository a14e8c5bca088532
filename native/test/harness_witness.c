/* Witnesses name exactly the pages a worker touched, and say so when they cannot work. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness_require.h"
#include "harness_user.h"
#include "main.h"
#include "pagemap.h"
#include "source.h"
#include "worker.h"

enum { RECORDS = 2000 };

struct bench {
  int fd;
  size_t size;
  struct pd_mapping mapping;
  struct pd_digests digests;
  struct pd_worker worker;
  struct pd_audit audit;
};

struct touches {
  const struct pd_mapping *mapping;
  const size_t *pages;
  size_t count;
};

static bool store_back(void *context, struct pd_board *board) {
  const struct touches *touches = context;
  (void)board;
  for (size_t i = 0; i < touches->count; i++) {
    volatile uint8_t *at = touches->mapping->base + touches->pages[i] * pd_page_size() + 5;
    uint8_t value = *at;
    *at = value;
  }
  return true;
}

static void open_bench(struct bench *bench, enum pd_mapping_kind kind) {
  struct pd_error error = {""};
  memset(bench, 0, sizeof *bench);
  ck_assert_msg(pd_synthetic_file(RECORDS, 3, &bench->fd, &bench->size, &error), "%s", error.text);
  ck_assert_msg(pd_mapping_open(&bench->mapping, kind, bench->fd, bench->size, NULL, NULL, &error),
                "%s", error.text);
  ck_assert(pd_digests_init(&bench->digests, bench->mapping.pages));
}

static void run(struct bench *bench, struct touches *touches, bool with_arming) {
  struct pd_error error = {""};
  touches->mapping = &bench->mapping;
  ck_assert_msg(pd_worker_start(&bench->worker, &bench->mapping, NULL, store_back, touches, &error),
                "%s", error.text);
  struct pd_target target;
  ck_assert(pd_worker_target(&bench->worker, &bench->mapping, &target, &error));
  ck_assert(pd_worker_await(&bench->worker, &error));
  ck_assert(pd_audit_init(&bench->audit, &target, with_arming ? bench->worker.board->arming : NULL,
                          &bench->digests, &error));
  pd_audit_arm(&bench->audit);
  ck_assert(pd_worker_release(&bench->worker, &error));
  ck_assert_msg(pd_worker_await(&bench->worker, &error), "%s", error.text);
  pd_audit_finish(&bench->audit);
}

static void close_bench(struct bench *bench) {
  pd_audit_free(&bench->audit);
  pd_worker_end(&bench->worker);
  pd_digests_free(&bench->digests);
  pd_mapping_close(&bench->mapping);
  close(bench->fd);
}

START_TEST(page_witnesses_name_exactly_the_pages_touched) {
  struct bench bench;
  open_bench(&bench, _i == 0 ? PD_ANON : PD_FILE_PRIVATE);
  const size_t pages[] = {0, 1, 2, 70, bench.mapping.pages - 1};
  struct touches touches = {.pages = pages, .count = 5};
  run(&bench, &touches, true);
  struct pd_pageset expected;
  ck_assert(pd_pageset_init(&expected, bench.mapping.pages));
  for (size_t i = 0; i < touches.count; i++)
    pd_pageset_add(&expected, pages[i]);
  const enum pd_witness_id ids[] = {PD_PFN, PD_SCAN, PD_EXCLUSIVE, PD_ANON_PAGE};
  unsigned compared = 0;
  for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
    const struct pd_finding *finding = &bench.audit.findings[ids[i]];
    if (!finding->available || (_i == 0 && ids[i] == PD_ANON_PAGE))
      continue;
    char text[128];
    pd_pageset_format(&finding->pages, text, sizeof text);
    ck_assert_msg(pd_pageset_equal(&finding->pages, &expected), "%s reports %s",
                  pd_witnesses[ids[i]]->name, text);
    compared++;
  }
  ck_assert_uint_ge(compared, 2);
  ck_assert_uint_eq(bench.audit.findings[PD_PRIVATE_DIRTY].amount, 5 * pd_page_size() / 1024);
  pd_pageset_free(&expected);
  close_bench(&bench);
}
END_TEST

/* Entries as the kernel gives them; the keeper's pages are the file's. */
START_TEST(a_copied_page_of_a_file_is_known_in_swap_and_a_mark_is_none) {
  const uint64_t present = UINT64_C(1) << 63;
  const uint64_t swapped = UINT64_C(1) << 62;
  const uint64_t file = UINT64_C(1) << 61;
  const uint64_t guard = UINT64_C(1) << 58;
  const uint64_t protect = UINT64_C(1) << 57;
  uint64_t keeper[] = {present | file, present | file, present | file, present | file,
                       present | file, present | file, present | file, present};
  uint64_t worker[] = {present | file,    present,         swapped, swapped | file, 0,
                       swapped | protect, guard | swapped, swapped};
  enum { ENTRIES = sizeof worker / sizeof *worker };
  struct pd_audit audit = {
      .target = {.pages = ENTRIES}, .keeper_entries = keeper, .worker_entries = worker};
  struct pd_finding finding = {.available = true};
  char text[64];
  ck_assert(pd_pageset_init(&finding.pages, ENTRIES));
  ck_assert(pd_witness_anon_page.compare(&audit, &finding, NULL));
  pd_pageset_format(&finding.pages, text, sizeof text);
  ck_assert_str_eq(text, "1-2");
  pd_pageset_free(&finding.pages);
}
END_TEST

START_TEST(untouched_mapping_gives_zero_everywhere) {
  struct bench bench;
  open_bench(&bench, (enum pd_mapping_kind)_i);
  struct touches touches = {.count = 0};
  run(&bench, &touches, true);
  for (int w = 0; w < PD_FAULTS; w++) {
    ck_assert_msg(bench.audit.findings[w].amount == 0, "%s", pd_witnesses[w]->name);
  }
  ck_assert_uint_eq(bench.audit.absent.count, 0);
  ck_assert_str_eq(bench.audit.conditions, "");
  ck_assert_uint_eq(bench.audit.findings[PD_VMFLAGS].amount, 1);
  close_bench(&bench);
}
END_TEST

START_TEST(keeper_holds_every_page_right_after_open) {
  struct bench bench;
  struct pd_error error = {""};
  open_bench(&bench, (enum pd_mapping_kind)_i);
  uint64_t *entries = calloc(bench.mapping.pages, sizeof *entries);
  ck_assert(pd_pagemap_read(getpid(), (uintptr_t)bench.mapping.base, bench.mapping.pages, entries,
                            &error));
  for (size_t i = 0; i < bench.mapping.pages; i++)
    ck_assert(pd_entry_present(entries[i]));
  free(entries);
  close_bench(&bench);
}
END_TEST

START_TEST(scan_that_was_not_armed_says_why) {
  struct bench bench;
  open_bench(&bench, PD_ANON);
  struct touches touches = {.count = 0};
  run(&bench, &touches, false);
  ck_assert(!bench.audit.findings[PD_SCAN].available);
  ck_assert_ptr_nonnull(strstr(bench.audit.findings[PD_SCAN].why, "armed"));
  ck_assert(bench.audit.findings[PD_EXCLUSIVE].available);
  close_bench(&bench);
}
END_TEST

START_TEST(frame_numbers_are_available_to_root_only) {
  struct bench bench;
  if (_i == 1)
    become_ordinary();
  open_bench(&bench, PD_ANON);
  struct touches touches = {.count = 0};
  run(&bench, &touches, true);
  const struct pd_finding *finding = &bench.audit.findings[PD_PFN];
  if (geteuid() != 0)
    ck_assert(!finding->available);
  if (!finding->available) {
    ck_assert_ptr_nonnull(strstr(finding->why, "CAP_SYS_ADMIN"));
    if (_i == 0)
      not_available("pfn", finding->why);
  }
  close_bench(&bench);
}
END_TEST

static bool die(void *context, struct pd_board *board) {
  (void)context;
  (void)board;
  abort();
}

START_TEST(worker_that_dies_is_reported_with_its_signal) {
  struct bench bench;
  struct pd_error error = {""};
  open_bench(&bench, PD_ANON);
  ck_assert(pd_worker_start(&bench.worker, &bench.mapping, NULL, die, NULL, &error));
  ck_assert(pd_worker_await(&bench.worker, &error));
  ck_assert(pd_worker_release(&bench.worker, &error));
  ck_assert(!pd_worker_await(&bench.worker, &error));
  ck_assert_ptr_nonnull(strstr(error.text, "signal 6"));
  close_bench(&bench);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("harness_witness");
  TCase *tests = tcase_create("witness");
  tcase_set_timeout(tests, 60);
  tcase_add_loop_test(tests, page_witnesses_name_exactly_the_pages_touched, 0, 2);
  tcase_add_test(tests, a_copied_page_of_a_file_is_known_in_swap_and_a_mark_is_none);
  tcase_add_loop_test(tests, untouched_mapping_gives_zero_everywhere, 0, PD_MAPPING_KINDS);
  tcase_add_loop_test(tests, keeper_holds_every_page_right_after_open, 0, PD_MAPPING_KINDS);
  tcase_add_test(tests, scan_that_was_not_armed_says_why);
  tcase_add_loop_test(tests, frame_numbers_are_available_to_root_only, 0, 2);
  tcase_add_test(tests, worker_that_dies_is_reported_with_its_signal);
  suite_add_tcase(suite, tests);
  return run_suite(suite);
}
