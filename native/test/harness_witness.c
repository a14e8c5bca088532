/* Witnesses name exactly the pages a worker touched, and say so when they cannot work. */
#include <check.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "forks.h"
#include "pagemap.h"
#include "source.h"
#include "worker.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

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

static bool hide_frames(void) {
  return geteuid() != 0; /* the user tier itself is tested in harness_user */
}

START_TEST(frame_numbers_are_available_to_root_only) {
  struct bench bench;
  open_bench(&bench, PD_ANON);
  struct touches touches = {.count = 0};
  run(&bench, &touches, true);
  const struct pd_finding *finding = &bench.audit.findings[PD_PFN];
  ck_assert_int_eq(finding->available, pd_frames_visible());
  if (hide_frames())
    ck_assert_ptr_nonnull(strstr(finding->why, "CAP_SYS_ADMIN"));
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

/* What puts a worker that does `job` over this mapping outside the verdict; "" when nothing does.
 */
static void conditions_of(struct bench *bench, pd_job *job, char out[PD_WHY]) {
  struct pd_error error = {""};
  struct pd_target target;
  ck_assert(pd_worker_start(&bench->worker, &bench->mapping, NULL, job, &bench->mapping, &error));
  ck_assert(pd_worker_target(&bench->worker, &bench->mapping, &target, &error));
  ck_assert(pd_worker_await(&bench->worker, &error));
  ck_assert(pd_audit_init(&bench->audit, &target, NULL, NULL, &error));
  ck_assert(pd_worker_release(&bench->worker, &error));
  ck_assert_msg(pd_worker_await(&bench->worker, &error), "%s", error.text);
  pd_audit_finish(&bench->audit);
  memcpy(out, bench->audit.conditions, PD_WHY);
}

static bool stay_childless(void *context, struct pd_board *board) {
  (void)context;
  (void)board;
  return true;
}

static pid_t fork_child(bool stays) {
  pid_t pid = fork();
  if (pid == 0) {
    if (stays)
      pause();
    _exit(0);
  }
  return pid;
}

static bool fork_once(void *context, struct pd_board *board) {
  (void)context;
  (void)board;
  return fork_child(true) > 0;
}

static bool fork_and_wait(void *context, struct pd_board *board) {
  (void)context;
  (void)board;
  return waitpid(fork_child(false), NULL, 0) > 0;
}

static bool fork_and_forget(void *context, struct pd_board *board) {
  (void)context;
  (void)board;
  signal(SIGCHLD, SIG_IGN);
  return waitpid(fork_child(false), NULL, 0) < 0; /* returns when it has ended */
}

static void *fork_in_thread(void *told) {
  fork_child(true);
  sem_post(told);
  pause();
  return NULL;
}

static bool fork_from_a_thread(void *context, struct pd_board *board) {
  static sem_t told;
  pthread_t thread;
  (void)context;
  (void)board;
  return sem_init(&told, 0, 0) == 0 && pthread_create(&thread, NULL, fork_in_thread, &told) == 0 &&
         sem_wait(&told) == 0;
}

START_TEST(a_worker_that_forks_in_any_way_is_outside_the_verdict) {
  static const struct {
    pd_job *job;
    const char *condition;
  } CASES[] = {{stay_childless, ""},
               {fork_once, "the worker itself forked"},
               {fork_and_wait, "the worker itself forked"},
               {fork_from_a_thread, "the worker itself forked"},
               {fork_and_forget, "children that ended left no trace"}};
  struct bench bench;
  char conditions[PD_WHY];
  open_bench(&bench, PD_ANON);
  conditions_of(&bench, CASES[_i].job, conditions);
  ck_assert_msg(_i == 0 ? conditions[0] == '\0' : strstr(conditions, CASES[_i].condition) != NULL,
                "case %d: \"%s\"", _i, conditions);
  close_bench(&bench);
}
END_TEST

START_TEST(a_process_that_cannot_be_looked_at_may_have_forked) {
  struct pd_error why = {""};
  ck_assert(pd_has_forked(INT_MAX, &why));
  ck_assert_ptr_nonnull(strstr(why.text, "cannot be told"));
}
END_TEST

static bool collapse(void *context, struct pd_board *board) {
  const size_t huge = (size_t)2 << 20;
  const struct pd_mapping *mapping = context;
  uintptr_t aligned = ((uintptr_t)mapping->base + huge - 1) / huge * huge;
  memset(mapping->base, 2, mapping->size);
  madvise((void *)aligned, huge, MADV_HUGEPAGE);
  return madvise((void *)aligned, huge, MADV_COLLAPSE) == 0 ||
         pd_fail_errno(&board->why, "no huge page");
}

START_TEST(huge_pages_are_declared_outside_the_verdict) {
  struct pd_error error = {""};
  struct bench bench = {.fd = -1};
  ck_assert(pd_mapping_reserve(&bench.mapping, (size_t)6 << 20, &error));
  memset(bench.mapping.base, 1, bench.mapping.size);
  /* Before the scan is armed: the kernel makes no huge page of pages that it watches. */
  ck_assert(pd_worker_start(&bench.worker, &bench.mapping, collapse, stay_childless, &bench.mapping,
                            &error));
  if (!pd_worker_await(&bench.worker, &error)) {
    printf("not available here: huge pages: %s\n", error.text);
  } else {
    struct pd_target target;
    ck_assert(pd_worker_target(&bench.worker, &bench.mapping, &target, &error));
    ck_assert(pd_audit_init(&bench.audit, &target, NULL, NULL, &error));
    pd_audit_finish(&bench.audit);
    ck_assert_msg(strstr(bench.audit.conditions, "transparent huge pages") != NULL, "\"%s\"",
                  bench.audit.conditions);
  }
  close_bench(&bench);
}
END_TEST

/* --------------------------------------------------------------------------------- KSM -- */

static const char KSM[] = "/sys/kernel/mm/ksm/";
static const char *const KSM_KNOBS[] = {"run", "sleep_millisecs", "pages_to_scan"};
static char ksm_before[3][32];

static bool ksm_knob(int i, char *value, bool set) {
  char path[96];
  snprintf(path, sizeof path, "%s%s", KSM, KSM_KNOBS[i]);
  FILE *file = fopen(path, set ? "we" : "re");
  if (file == NULL)
    return false;
  bool ok = set ? fputs(value, file) >= 0 : fgets(value, 32, file) != NULL;
  return fclose(file) == 0 && ok;
}

static void remember_ksm(void) {
  for (int i = 0; i < 3; i++) {
    if (!ksm_knob(i, ksm_before[i], false))
      ksm_before[i][0] = '\0';
  }
}

static void put_ksm_back(void) {
  for (int i = 0; i < 3; i++) {
    if (ksm_before[i][0] != '\0')
      ksm_knob(i, ksm_before[i], true);
  }
}

static bool make_mergeable(void *context, struct pd_board *board) {
  const struct pd_mapping *mapping = context;
  size_t bytes = mapping->pages * pd_page_size();
  memset(mapping->base, 7, bytes); /* all pages alike */
  return madvise(mapping->base, bytes, MADV_MERGEABLE) == 0 ||
         pd_fail_errno(&board->why, "MADV_MERGEABLE");
}

/* Until the kernel has merged some, or has gone over all memory a few times in vain. */
static bool wait_for_merge(void *context, struct pd_board *board) {
  const struct pd_mapping *mapping = context;
  struct pd_smaps sums = {0};
  uint64_t end = pd_now() + UINT64_C(15000000000);
  while (pd_now() < end && sums.ksm_kb == 0) {
    sched_yield();
    if (!pd_smaps_range(getpid(), (uintptr_t)mapping->base, mapping->pages * pd_page_size(), &sums,
                        &board->why))
      return false;
  }
  return true;
}

static bool merge(void *context, struct pd_board *board) {
  return make_mergeable(context, board) && wait_for_merge(context, board);
}

START_TEST(pages_that_ksm_merges_or_may_merge_are_declared_outside_the_verdict) {
  char on[3][32] = {"1", "0", "10000"};
  bool running = _i == 1;
  char conditions[PD_WHY] = "";
  struct bench bench;
  if (ksm_before[0][0] == '\0') {
    puts("not available here: KSM: this kernel has none");
    return;
  }
  for (int i = 2; running && i >= 0; i--)
    running = ksm_knob(i, on[i], true);
  if (_i == 1 && !running) {
    puts("not available here: KSM cannot be switched on by this user");
    return;
  }
  open_bench(&bench, PD_ANON);
  conditions_of(&bench, running ? merge : make_mergeable, conditions);
  if (running && bench.audit.worker_smaps.ksm_kb == 0) {
    puts("not available here: KSM merged nothing, or smaps does not tell");
  } else {
    ck_assert_msg(strstr(conditions, running ? "merged by KSM" : "KSM may merge pages") != NULL,
                  "\"%s\"", conditions);
  }
  close_bench(&bench);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("harness_witness");
  TCase *tests = tcase_create("witness");
  tcase_set_timeout(tests, 60);
  tcase_add_loop_test(tests, page_witnesses_name_exactly_the_pages_touched, 0, 2);
  tcase_add_loop_test(tests, untouched_mapping_gives_zero_everywhere, 0, PD_MAPPING_KINDS);
  tcase_add_loop_test(tests, keeper_holds_every_page_right_after_open, 0, PD_MAPPING_KINDS);
  tcase_add_test(tests, scan_that_was_not_armed_says_why);
  tcase_add_test(tests, frame_numbers_are_available_to_root_only);
  tcase_add_test(tests, worker_that_dies_is_reported_with_its_signal);
  tcase_add_loop_test(tests, a_worker_that_forks_in_any_way_is_outside_the_verdict, 0, 5);
  tcase_add_test(tests, a_process_that_cannot_be_looked_at_may_have_forked);
  tcase_add_test(tests, huge_pages_are_declared_outside_the_verdict);
  suite_add_tcase(suite, tests);
  TCase *ksm = tcase_create("ksm");
  tcase_set_timeout(ksm, 60);
  tcase_add_unchecked_fixture(ksm, remember_ksm, put_ksm_back);
  tcase_add_loop_test(ksm, pages_that_ksm_merges_or_may_merge_are_declared_outside_the_verdict, 0,
                      2);
  suite_add_tcase(suite, ksm);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_NORMAL);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
