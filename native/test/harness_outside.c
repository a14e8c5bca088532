/* What puts a worker outside the verdict is seen and said: forks of any kind, huge pages, KSM. */
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
#include "harness_require.h"
#include "main.h"
#include "pagemap.h"
#include "worker.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

struct bench {
  struct pd_mapping mapping;
  struct pd_worker worker;
  struct pd_audit audit;
};

static void open_bench(struct bench *bench, size_t size) {
  struct pd_error error = {""};
  memset(bench, 0, sizeof *bench);
  ck_assert_msg(pd_mapping_reserve(&bench->mapping, size, &error), "%s", error.text);
  memset(bench->mapping.base, 1, size);
}

static void close_bench(struct bench *bench) {
  pd_audit_free(&bench->audit);
  pd_worker_end(&bench->worker);
  pd_mapping_close(&bench->mapping);
}

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

static bool end_early(void *context, struct pd_board *board) {
  (void)context;
  (void)board;
  _exit(3);
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
  open_bench(&bench, (size_t)1 << 20);
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

/* Also where nobody is told of the end of a child. */
START_TEST(a_worker_that_ends_early_is_not_waited_for) {
  struct pd_error error = {""};
  struct bench bench;
  if (_i == 1)
    signal(SIGCHLD, SIG_IGN);
  open_bench(&bench, (size_t)1 << 20);
  ck_assert(
      pd_worker_start(&bench.worker, &bench.mapping, NULL, end_early, &bench.mapping, &error));
  ck_assert(pd_worker_await(&bench.worker, &error));
  ck_assert(pd_worker_release(&bench.worker, &error));
  ck_assert(!pd_worker_await(&bench.worker, &error));
  ck_assert_msg(strstr(error.text, _i == 0 ? "ended early with exit code 3" : "has ended, and how"),
                "%s", error.text);
  close_bench(&bench);
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
  struct bench bench;
  open_bench(&bench, (size_t)6 << 20);
  /* Before the scan is armed: the kernel makes no huge page of pages that it watches. */
  ck_assert(pd_worker_start(&bench.worker, &bench.mapping, collapse, stay_childless, &bench.mapping,
                            &error));
  if (!pd_worker_await(&bench.worker, &error)) {
    not_available("thp", error.text);
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
  uint64_t end = pd_now() + UINT64_C(40000000000);
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
    not_available("ksm", "this kernel has none");
    return;
  }
  for (int i = 2; running && i >= 0; i--)
    running = ksm_knob(i, on[i], true);
  if (_i == 1 && !running) {
    not_available("ksm", "this user cannot switch it on");
    return;
  }
  open_bench(&bench, (size_t)1 << 20);
  conditions_of(&bench, running ? merge : make_mergeable, conditions);
  if (running && bench.audit.worker_smaps.ksm_kb == 0) {
    not_available("ksm", "it merged nothing, or smaps does not tell");
  } else {
    ck_assert_msg(strstr(conditions, running ? "merged by KSM" : "KSM may merge pages") != NULL,
                  "\"%s\"", conditions);
  }
  close_bench(&bench);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("harness_outside");
  TCase *tests = tcase_create("outside");
  tcase_set_timeout(tests, 60);
  tcase_add_loop_test(tests, a_worker_that_forks_in_any_way_is_outside_the_verdict, 0, 5);
  tcase_add_loop_test(tests, a_worker_that_ends_early_is_not_waited_for, 0, 2);
  tcase_add_test(tests, a_process_that_cannot_be_looked_at_may_have_forked);
  tcase_add_test(tests, huge_pages_are_declared_outside_the_verdict);
  suite_add_tcase(suite, tests);
  TCase *ksm = tcase_create("ksm");
  tcase_set_timeout(ksm, 60);
  tcase_add_unchecked_fixture(ksm, remember_ksm, put_ksm_back);
  tcase_add_loop_test(ksm, pages_that_ksm_merges_or_may_merge_are_declared_outside_the_verdict, 0,
                      2);
  suite_add_tcase(suite, ksm);
  return run_suite(suite);
}
