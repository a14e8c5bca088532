/* Pools of processes that fork at once or fork again, and of memory that is outside the verdict.
 * This program is its own subject: with an argument it is the pool that is run. */
#include <check.h>
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness_pool.h"
#include "harness_require.h"
#include "harness_vfork.h"
#include "main.h"
#include "maps.h"
#include "pagemap.h"
#include "run.h"

enum { NO_CHOICE = 7, NO_HUGE_PAGE, NO_KSM }; /* exit statuses */
enum { PAGES = 64, SWARM = 6, SWARM_CHILDREN = 20, STRAY_PAGE = 3 };

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

/* ------------------------------------------------------------------------------ the pool -- */

/* Parents that fork at once, so that first stops and the parents' word of them come in any order.
 */
static int swarm_pool_main(void) {
  for (int i = 0; i < SWARM; i++) {
    if (fork() != 0)
      continue;
    for (int k = 0; k < SWARM_CHILDREN; k++) {
      if (fork() == 0)
        _exit(0);
    }
    while (wait(NULL) > 0) {
    }
    _exit(0);
  }
  while (wait(NULL) > 0) {
  }
  tell_base(NULL);
  return 0;
}

/* A child with a huge page that it inherited, and one that forks. */
static int outside_pool_main(void) {
  const size_t huge = (size_t)2 << 20;
  prctl(PR_SET_THP_DISABLE, 0, 0, 0, 0); /* which the harness had switched off */
  uint8_t *at = mmap(NULL, 2 * huge, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  uint8_t *aligned = (uint8_t *)(((uintptr_t)at + huge - 1) & ~(huge - 1));
  memset(aligned, 1, huge);
  int collapsed = madvise(aligned, huge, MADV_COLLAPSE);
  pid_t pid = fork();
  if (pid == 0)
    _exit(0);
  waitpid(pid, NULL, 0);
  munmap(at, 2 * huge);
  pid = fork();
  if (pid == 0) {
    pid = fork();
    if (pid == 0)
      _exit(0);
    waitpid(pid, NULL, 0);
    _exit(0);
  }
  waitpid(pid, NULL, 0);
  return collapsed == 0 ? 0 : NO_HUGE_PAGE;
}

/* A child that inherits memory which KSM may merge. */
static int mergeable_pool_main(void) {
  if (madvise(written_pages(PAGES), PAGES * pd_page_size(), MADV_MERGEABLE) != 0)
    return NO_KSM;
  pid_t pid = fork();
  if (pid == 0)
    _exit(0);
  waitpid(pid, NULL, 0);
  return 0;
}

/* While its tracer can open no file, a child begins and ends. */
static int unseen_pool_main(void) {
  struct rlimit limit;
  struct rlimit none;
  pid_t tracer = (pid_t)pd_status_field(getpid(), "TracerPid:");
  if (prlimit(tracer, RLIMIT_NOFILE, NULL, &limit) != 0)
    return 1;
  none = limit;
  none.rlim_cur = 0;
  if (prlimit(tracer, RLIMIT_NOFILE, &none, NULL) != 0)
    return 1;
  pid_t pid = fork();
  if (pid == 0)
    _exit(0);
  int failed = wait_for(pid);
  return prlimit(tracer, RLIMIT_NOFILE, &limit, NULL) != 0 || failed != 0 ? 1 : 0;
}

/* So that the next process has that number, as it comes back where there are many. */
static bool ask_for(pid_t pid) {
  FILE *file = fopen("/proc/sys/kernel/ns_last_pid", "we");
  if (file == NULL)
    return false;
  bool ok = fprintf(file, "%ld", (long)pid - 1) > 0;
  return fclose(file) == 0 && ok;
}

/* A child, and another program that has its number when it has ended. */
static int reuse_pool_main(void) {
  pid_t first = fork();
  if (first == 0)
    _exit(0);
  if (wait_for(first) != 0)
    return 1;
  for (int i = 0; i < 50; i++) {
    if (!ask_for(first))
      return NO_CHOICE;
    pid_t pid = vfork();
    if (pid == 0) {
      execl("/bin/true", "true", (char *)NULL);
      _exit(1);
    }
    waitpid(pid, NULL, 0);
    if (pid == first)
      return 0;
  }
  return NO_CHOICE;
}

static volatile int shared_done;

static int wait_until_done(void *unused) {
  (void)unused;
  while (shared_done == 0)
    sched_yield();
  return 0;
}

/* A child that writes, and one of that in the same memory, which it does not wait for meanwhile. */
static int share_memory_pool_main(void) {
  static uint8_t stack[1 << 16] __attribute__((aligned(16)));
  uint8_t *base = written_pages(PAGES);
  tell_base(base);
  pid_t pid = fork();
  if (pid == 0) {
    pid_t other = clone(wait_until_done, stack + sizeof stack, CLONE_VM | SIGCHLD, NULL);
    silent_stores(base, PAGES);
    shared_done = 1;
    _exit(other > 0 ? wait_for(other) : 1);
  }
  return wait_for(pid);
}

static int leave_vfork_pool_main(void) {
  uint8_t *base = written_pages(PAGES);
  if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0)
    return 1;
  tell_base(base);
  pid_t pid = fork();
  if (pid == 0)
    store_when_the_owner_has_ended(base + STRAY_PAGE * pd_page_size());
  int failed = wait_for(pid);
  while (wait(NULL) > 0) { /* or the page had no other owner by then, and nothing was un-shared */
  }
  return failed;
}

/* ------------------------------------------------------------------------------ the tests -- */

START_TEST(every_child_of_parents_that_fork_at_once_is_followed) {
  struct pd_pool pool;
  run_pool_as("swarm", &pool);
  ck_assert_uint_eq(pool.count, SWARM * (SWARM_CHILDREN + 1));
  for (size_t i = 0; i < pool.count; i++)
    ck_assert(pool.children[i].measured);
  pd_pool_free(&pool);
}
END_TEST

START_TEST(huge_pages_and_forks_are_declared_and_not_counted) {
  char *const arguments[] = {"/proc/self/exe", "outside", NULL};
  const struct pd_pool_options options = {0};
  struct pd_error error = {""};
  struct pd_pool pool;
  ck_assert_msg(pd_pool_run(arguments, &options, &pool, &error), "%s", error.text);
  ck_assert_uint_eq(pool.count, 3);
  if (WEXITSTATUS(pool.status) == NO_HUGE_PAGE) {
    not_available("thp", "MADV_COLLAPSE makes none");
  } else {
    ck_assert_ptr_nonnull(strstr(pool.children[0].conditions, "huge pages"));
  }
  ck_assert_ptr_nonnull(strstr(pool.children[1].conditions, "forked"));
  ck_assert_str_eq(pool.children[2].conditions, "");
  ck_assert_uint_le(pd_pool_measured(&pool), 2);
  pd_pool_free(&pool);
}
END_TEST

START_TEST(memory_that_ksm_may_merge_is_declared_and_not_counted) {
  char *const arguments[] = {"/proc/self/exe", "mergeable", NULL};
  const struct pd_pool_options options = {0};
  struct pd_error error = {""};
  struct pd_pool pool;
  ck_assert_msg(pd_pool_run(arguments, &options, &pool, &error), "%s", error.text);
  if (WEXITSTATUS(pool.status) == NO_KSM) {
    not_available("ksm", "this kernel has none");
  } else {
    ck_assert_uint_eq(pool.count, 1);
    ck_assert_ptr_nonnull(strstr(pool.children[0].conditions, "KSM"));
    ck_assert_uint_eq(pd_pool_measured(&pool), 0);
  }
  pd_pool_free(&pool);
}
END_TEST

START_TEST(what_is_written_in_the_memory_of_a_process_after_its_end_is_its_own) {
  struct pd_pool pool;
  char text[64];
  uintptr_t base = run_pool_as("leave-vfork", &pool);
  ck_assert_uint_eq(pool.count, 1);
  ck_assert(pool.children[0].ended);
  const struct pd_inherited_mapping *mapping = inherited_at(&pool.children[0], base);
  ck_assert(
      pd_pageset_has(&mapping->unshared, (base - mapping->start) / pd_page_size() + STRAY_PAGE));
  if (pool.frames)
    ck_assert_str_eq(pages_from(mapping, &mapping->unshared, base, PAGES, text), "3");
  pd_pool_free(&pool);
}
END_TEST

START_TEST(a_process_in_the_memory_of_its_parent_has_no_pages_of_its_own) {
  struct pd_pool pool;
  char text[64];
  uintptr_t base = run_pool_as("share-memory", &pool);
  ck_assert_uint_eq(pool.count, 1);
  ck_assert(pool.children[0].ended);
  ck_assert_str_eq(pool.children[0].conditions, "");
  const struct pd_inherited_mapping *mapping = inherited_at(&pool.children[0], base);
  ck_assert_str_eq(pages_from(mapping, &mapping->unshared, base, PAGES, text), "0-63");
  pd_pool_free(&pool);
}
END_TEST

START_TEST(a_process_that_cannot_be_looked_at_is_no_thread) {
  char *const arguments[] = {"/proc/self/exe", "unseen", NULL};
  const struct pd_pool_options options = {0};
  struct pd_error error = {""};
  struct pd_pool pool;
  ck_assert_msg(pd_pool_run(arguments, &options, &pool, &error), "%s", error.text);
  ck_assert_int_eq(pool.status, 0);
  ck_assert_msg(strstr(pool.trouble, "status cannot be read: ") != NULL, "%s", pool.trouble);
  assert_verdict(&pool, NULL, PD_INCONCLUSIVE, "status cannot be read: ");
  pd_pool_free(&pool);
}
END_TEST

static void assert_no_field(pid_t pid, const char *key, int why) {
  long value = pd_status_field(pid, key);
  int code = errno;
  ck_assert_int_eq(value, -1);
  ck_assert_int_eq(code, why);
}

START_TEST(a_status_that_cannot_be_read_has_no_value) {
  const struct rlimit none = {0, 0};
  ck_assert_int_eq(pd_status_field(getpid(), "Pid:"), getpid());
  assert_no_field(getpid(), "NoSuchField:", ENODATA);
  assert_no_field(INT_MAX, "Tgid:", ENOENT);
  ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
  assert_no_field(getpid(), "Tgid:", EMFILE);
}
END_TEST

START_TEST(a_process_is_not_taken_for_one_that_had_its_number) {
  char *const arguments[] = {"/proc/self/exe", "reuse", NULL};
  const struct pd_pool_options options = {0};
  struct pd_error error = {""};
  struct pd_pool pool;
  ck_assert_msg(pd_pool_run(arguments, &options, &pool, &error), "%s", error.text);
  if (WEXITSTATUS(pool.status) == NO_CHOICE) {
    puts("not available here: process numbers cannot be chosen");
  } else {
    ck_assert_uint_eq(pool.count, 1);
    ck_assert(pool.children[0].gone);
    ck_assert(pool.children[0].ended);
    ck_assert(!pool.children[0].executed);
  }
  pd_pool_free(&pool);
}
END_TEST

int main(int argc, char **argv) {
  if (argc > 1 && strcmp(argv[1], "unseen") == 0)
    _exit(unseen_pool_main());
  if (argc > 1 && strcmp(argv[1], "reuse") == 0)
    _exit(reuse_pool_main());
  if (argc > 1 && strcmp(argv[1], "share-memory") == 0)
    _exit(share_memory_pool_main());
  if (argc > 1 && strcmp(argv[1], "leave-vfork") == 0)
    _exit(leave_vfork_pool_main());
  if (argc > 1 && strcmp(argv[1], "mergeable") == 0)
    _exit(mergeable_pool_main());
  if (argc > 1 && strcmp(argv[1], "outside") == 0)
    _exit(outside_pool_main());
  if (argc > 1 && strcmp(argv[1], "swarm") == 0)
    _exit(swarm_pool_main()); /* leak checkers do not work on a traced process */
  Suite *suite = suite_create("harness_processes");
  TCase *tests = tcase_create("processes");
  tcase_set_timeout(tests, 60);
  tcase_add_test(tests, every_child_of_parents_that_fork_at_once_is_followed);
  tcase_add_test(tests, huge_pages_and_forks_are_declared_and_not_counted);
  tcase_add_test(tests, what_is_written_in_the_memory_of_a_process_after_its_end_is_its_own);
  tcase_add_test(tests, a_process_in_the_memory_of_its_parent_has_no_pages_of_its_own);
  tcase_add_test(tests, a_process_is_not_taken_for_one_that_had_its_number);
  tcase_add_test(tests, a_process_that_cannot_be_looked_at_is_no_thread);
  tcase_add_test(tests, a_status_that_cannot_be_read_has_no_value);
  tcase_add_test(tests, memory_that_ksm_may_merge_is_declared_and_not_counted);
  suite_add_tcase(suite, tests);
  return run_suite(suite);
}
