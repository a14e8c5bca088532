/* A command is followed through its forks, and what its children un-share is named exactly. This
 * program is its own subject: with an argument it is the pool that is run. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pagemap.h"
#include "run.h"
#include "source.h"
#include "trace.h"
#include "witness.h"
#include "ztc/ztc.h"

enum { PAGES = 64, STRAY_PAGE = 5, SAMPLE_RECORDS = 500, NO_HUGE_PAGE = 8 };

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

static const size_t WRITTEN[] = {1, 5, 6, 63};

/* ------------------------------------------------------------------------------ the pool -- */

static void silent_store(uint8_t *at) {
  volatile uint8_t *place = at;
  uint8_t value = *place;
  *place = value;
}

static pid_t child_that_writes(uint8_t *base, size_t count) {
  pid_t pid = fork();
  if (pid == 0) {
    for (size_t i = 0; i < count; i++)
      silent_store(base + WRITTEN[i] * pd_page_size());
    _exit(0);
  }
  return pid;
}

/* One child that writes four pages, one that writes none, one that gives a page back, and one
 * that runs another program. The base address goes to standard output. */
static int pool_main(void) {
  size_t size = PAGES * pd_page_size();
  uint8_t *base = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (base == MAP_FAILED)
    return 1;
  memset(base, 1, size);
  uintptr_t address = (uintptr_t)base;
  if (write(STDOUT_FILENO, &address, sizeof address) != (ssize_t)sizeof address)
    return 1;
  pid_t pids[4] = {child_that_writes(base, 4), child_that_writes(base, 0), 0, 0};
  pids[2] = fork();
  if (pids[2] == 0) {
    silent_store(base);
    _exit(madvise(base, pd_page_size(), MADV_DONTNEED) == 0 ? 0 : 1);
  }
  pids[3] = fork();
  if (pids[3] == 0) {
    execl("/bin/true", "true", (char *)NULL);
    _exit(1);
  }
  for (int i = 0; i < 4; i++)
    waitpid(pids[i], NULL, 0);
  return 7;
}

/* Opens the region as any program would, and forks a child that copies all of it; with `stray`,
 * the child stores into one page as well. */
static int region_pool_main(const char *path, bool stray) {
  static uint8_t copy[1 << 16];
  ztc_region *region = NULL;
  uint64_t size = 0;
  if (ztc_region_open(path, 0, &region, NULL) != ZTC_OK)
    return 1;
  pid_t pid = fork();
  if (pid == 0) {
    volatile const uint8_t *at = ztc_region_base(region);
    for (uint64_t i = 0; i < ztc_region_size(region); i += 4096)
      (void)at[i];
    for (uint64_t i = 0; i < ztc_region_count(region); i++) {
      if (ztc_copy(region, i, copy, sizeof copy, &size, NULL) != ZTC_OK)
        _exit(1);
    }
    if (stray)
      silent_store((uint8_t *)(uintptr_t)at + STRAY_PAGE * pd_page_size());
    _exit(0);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  return status == 0 ? 0 : 2;
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

/* ------------------------------------------------------------------------------ the tests -- */

static uintptr_t base;

static void run_pool(struct pd_pool *pool) {
  static char program[] = "/proc/self/exe";
  static char argument[] = "pool";
  char *const arguments[] = {program, argument, NULL};
  struct pd_error error = {""};
  const struct pd_pool_options options = {0};
  int ends[2];
  ck_assert_int_eq(pipe(ends), 0);
  int saved = dup(STDOUT_FILENO);
  dup2(ends[1], STDOUT_FILENO);
  bool ok = pd_pool_run(arguments, &options, pool, &error);
  dup2(saved, STDOUT_FILENO);
  ck_assert_msg(ok, "%s", error.text);
  ck_assert_str_eq(pool->trouble, "");
  ck_assert_int_eq((int)read(ends[0], &base, sizeof base), (int)sizeof base);
  ck_assert(WIFEXITED(pool->status));
  ck_assert_int_eq(WEXITSTATUS(pool->status), 7);
  ck_assert_uint_eq(pool->count, 4);
}

/* The pages of the pool's own memory that a child un-shared. */
static void collect(const struct pd_inheritance *child, struct pd_pageset *out, size_t *absent) {
  ck_assert(pd_pageset_init(out, PAGES));
  for (size_t m = 0; m < child->count; m++) {
    const struct pd_inherited_mapping *mapping = &child->mappings[m];
    uintptr_t end = mapping->start + mapping->pages * pd_page_size();
    if (base < mapping->start || base >= end)
      continue;
    size_t first = (base - mapping->start) / pd_page_size();
    for (size_t i = 0; i < PAGES; i++) {
      if (pd_pageset_has(&mapping->unshared, first + i))
        pd_pageset_add(out, i);
    }
    *absent = mapping->absent.count;
  }
}

START_TEST(children_are_measured_at_their_exit_page_by_page) {
  struct pd_pool pool;
  struct pd_pageset pages;
  size_t absent = 0;
  run_pool(&pool);
  ck_assert_int_eq(pool.frames, pd_frames_visible());
  collect(&pool.children[0], &pages, &absent);
  char text[64];
  pd_pageset_format(&pages, text, sizeof text);
  ck_assert_str_eq(text, "1, 5-6, 63");
  pd_pageset_free(&pages);
  collect(&pool.children[1], &pages, &absent);
  ck_assert_uint_eq(pages.count, 0);
  ck_assert_uint_eq(absent, 0);
  pd_pageset_free(&pages);
  pd_pool_free(&pool);
}
END_TEST

START_TEST(a_page_given_back_is_absent_and_not_unshared) {
  struct pd_pool pool;
  struct pd_pageset pages;
  size_t absent = 0;
  run_pool(&pool);
  collect(&pool.children[2], &pages, &absent);
  ck_assert_uint_eq(pages.count, 0);
  ck_assert_uint_eq(absent, 1);
  pd_pageset_free(&pages);
  pd_pool_free(&pool);
}
END_TEST

START_TEST(a_child_that_runs_another_program_is_not_counted) {
  struct pd_pool pool;
  run_pool(&pool);
  ck_assert(pool.children[3].executed);
  ck_assert_uint_eq(pd_pool_measured(&pool), 3);
  pd_pool_free(&pool);
}
END_TEST

START_TEST(json_names_the_pages) {
  struct pd_pool pool;
  run_pool(&pool);
  json_t *document = pd_pool_json(&pool, &pool);
  ck_assert_ptr_nonnull(document);
  json_t *child = json_array_get(json_object_get(document, "processes"), 0);
  ck_assert_int_ge(json_integer_value(json_object_get(child, "unshared")), 4);
  ck_assert_uint_eq(json_array_size(json_object_get(child, "mappings")), pool.children[0].count);
  ck_assert(json_is_real(json_object_get(document, "baseline_unshared_mean")));
  json_decref(document);
  pd_pool_free(&pool);
}
END_TEST

START_TEST(a_command_that_cannot_be_found_is_seen_in_its_status) {
  static char program[] = "/no/such/program";
  char *const arguments[] = {program, NULL};
  struct pd_pool pool;
  struct pd_error error = {""};
  const struct pd_pool_options options = {0};
  ck_assert(pd_pool_run(arguments, &options, &pool, &error));
  ck_assert_int_eq(WEXITSTATUS(pool.status), 127);
  ck_assert_uint_eq(pool.count, 0);
  pd_pool_free(&pool);
}
END_TEST

static void run_region_pool(const char *stray, struct pd_watch *watch, struct pd_pool *pool) {
  struct pd_error error = {""};
  struct pd_pool_options options = {.watch = watch, .sample_ms = 1};
  static char path[64];
  int fd = -1;
  size_t size = 0;
  ck_assert(pd_sample_region(SAMPLE_RECORDS, 5, &fd, &size, &error));
  snprintf(path, sizeof path, "/proc/%ld/fd/%d", (long)getpid(), fd);
  ck_assert_msg(pd_watch_open(watch, path, &error), "%s", error.text);
  char *const arguments[] = {"/proc/self/exe", "region", path, (char *)(uintptr_t)stray, NULL};
  ck_assert_msg(pd_pool_run(arguments, &options, pool, &error), "%s", error.text);
  ck_assert_str_eq(pool->trouble, "");
  ck_assert_int_eq(pool->status, 0);
}

/* The child's use of the region: the parent forked and is outside. */
static const struct pd_use *use_of_child(const struct pd_watch *watch, const struct pd_pool *pool) {
  for (size_t i = 0; i < watch->count; i++) {
    if (watch->uses[i].pid == pool->children[0].pid)
      return &watch->uses[i];
  }
  ck_abort_msg("the child does not map the region");
}

START_TEST(a_watched_region_is_at_zero_in_processes_that_only_copy) {
  struct pd_watch watch;
  struct pd_pool pool;
  char sentence[512];
  setenv("ZTC_AUDIT", "1", 1);
  run_region_pool("clean", &watch, &pool);
  const struct pd_use *use = use_of_child(&watch, &pool);
  ck_assert(use->may_write);
  ck_assert_uint_eq(use->unshared.count, 0);
  ck_assert_msg(pd_pool_outcome(&pool, NULL, sentence) == PD_ZERO, "%s", sentence);
  ck_assert_uint_ge(pool.children[0].sample_count, 1);
  pd_pool_free(&pool);
  pd_watch_close(&watch);
}
END_TEST

START_TEST(a_stray_store_into_a_watched_region_is_named_with_its_records) {
  struct pd_watch watch;
  struct pd_pool pool;
  char sentence[512];
  char text[64];
  setenv("ZTC_AUDIT", "1", 1);
  run_region_pool("stray", &watch, &pool);
  pd_pageset_format(&use_of_child(&watch, &pool)->unshared, text, sizeof text);
  ck_assert_str_eq(text, "5");
  ck_assert_msg(pd_pool_outcome(&pool, NULL, sentence) == PD_UNSHARED, "%s", sentence);
  json_t *document = pd_pool_json(&pool, NULL);
  ck_assert_ptr_nonnull(document);
  json_t *uses = json_object_get(json_object_get(document, "region"), "uses");
  json_t *records = NULL;
  for (size_t i = 0; i < json_array_size(uses); i++) {
    json_t *use = json_array_get(uses, i);
    if (json_integer_value(json_object_get(use, "pid")) == pool.children[0].pid)
      records = json_array_get(json_object_get(use, "unshared_records"), 0);
  }
  uint64_t first = 0;
  uint64_t last = 0;
  ck_assert(pd_source_records_in(&watch.source, STRAY_PAGE, 1, &first, &last));
  ck_assert_int_eq(json_integer_value(json_array_get(records, 0)), (json_int_t)first);
  ck_assert_int_eq(json_integer_value(json_array_get(records, 1)), (json_int_t)last);
  json_decref(document);
  pd_pool_free(&pool);
  pd_watch_close(&watch);
}
END_TEST

START_TEST(a_region_that_the_kernel_protects_gives_no_zero) {
  struct pd_watch watch;
  struct pd_pool pool;
  char sentence[512];
  unsetenv("ZTC_AUDIT");
  run_region_pool("clean", &watch, &pool);
  ck_assert(!use_of_child(&watch, &pool)->may_write);
  ck_assert_int_eq(pd_pool_outcome(&pool, NULL, sentence), PD_INCONCLUSIVE);
  ck_assert_ptr_nonnull(strstr(sentence, "the kernel refuses writes"));
  pd_pool_free(&pool);
  pd_watch_close(&watch);
}
END_TEST

START_TEST(wrong_control_answers_forbid_a_verdict) {
  struct pd_pool pool;
  char sentence[512];
  run_pool(&pool);
  ck_assert_uint_gt(pool.controls.cells, 0);
  ck_assert_int_eq(pd_pool_outcome(&pool, NULL, sentence), PD_UNSHARED);
  pool.controls.wrong = 1;
  ck_assert_int_eq(pd_pool_outcome(&pool, NULL, sentence), PD_INCONCLUSIVE);
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
  if (WEXITSTATUS(pool.status) != NO_HUGE_PAGE)
    ck_assert_ptr_nonnull(strstr(pool.children[0].conditions, "huge pages"));
  ck_assert_ptr_nonnull(strstr(pool.children[1].conditions, "forked"));
  ck_assert_str_eq(pool.children[2].conditions, "");
  ck_assert_uint_le(pd_pool_measured(&pool), 2);
  pd_pool_free(&pool);
}
END_TEST

int main(int argc, char **argv) {
  if (argc > 3 && strcmp(argv[1], "region") == 0)
    _exit(region_pool_main(argv[2], strcmp(argv[3], "stray") == 0));
  if (argc > 1 && strcmp(argv[1], "outside") == 0)
    _exit(outside_pool_main());
  if (argc > 1 && strcmp(argv[1], "pool") == 0)
    _exit(pool_main()); /* leak checkers do not work on a traced process */
  Suite *suite = suite_create("harness_run");
  TCase *tests = tcase_create("run");
  tcase_set_timeout(tests, 60);
  tcase_add_test(tests, children_are_measured_at_their_exit_page_by_page);
  tcase_add_test(tests, a_page_given_back_is_absent_and_not_unshared);
  tcase_add_test(tests, a_child_that_runs_another_program_is_not_counted);
  tcase_add_test(tests, json_names_the_pages);
  tcase_add_test(tests, a_watched_region_is_at_zero_in_processes_that_only_copy);
  tcase_add_test(tests, a_stray_store_into_a_watched_region_is_named_with_its_records);
  tcase_add_test(tests, a_region_that_the_kernel_protects_gives_no_zero);
  tcase_add_test(tests, wrong_control_answers_forbid_a_verdict);
  tcase_add_test(tests, huge_pages_and_forks_are_declared_and_not_counted);
  tcase_add_test(tests, a_command_that_cannot_be_found_is_seen_in_its_status);
  suite_add_tcase(suite, tests);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_NORMAL);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
