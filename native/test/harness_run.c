/* A command is followed through its forks, and what its children un-share is named exactly. This
 * program is its own subject: with an argument it is the pool that is run. */
#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness_store.h"
#include "main.h"
#include "pagemap.h"
#include "run.h"
#include "witness.h"

enum { PAGES = 64, BUSY_CHILDREN = 12 };

static const size_t WRITTEN[] = {1, 5, 6, 63};

/* ------------------------------------------------------------------------------ the pool -- */

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

static void *store_on(void *at) {
  for (;;) {
    for (size_t i = 0; i < PAGES; i++)
      silent_store((uint8_t *)at + i * pd_page_size());
  }
  return NULL;
}

/* A parent whose other thread never stops to write, and children that do not write at all. */
static int busy_pool_main(void) {
  size_t size = PAGES * pd_page_size();
  pthread_t thread;
  uint8_t *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  uintptr_t address = (uintptr_t)at;
  memset(at, 1, size);
  if (write(STDOUT_FILENO, &address, sizeof address) != (ssize_t)sizeof address ||
      pthread_create(&thread, NULL, store_on, at) != 0)
    return 1;
  for (int i = 0; i < BUSY_CHILDREN; i++) {
    pid_t pid = fork();
    if (pid == 0)
      _exit(0);
    waitpid(pid, NULL, 0);
  }
  _exit(0);
}

static pthread_t first_thread;

static void *store_last(void *at) {
  pthread_join(first_thread, NULL);
  silent_store((uint8_t *)at + WRITTEN[0] * pd_page_size());
  return NULL;
}

/* A child whose first thread ends before another one writes. */
static int last_thread_pool_main(void) {
  size_t size = PAGES * pd_page_size();
  pthread_t thread;
  uint8_t *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  uintptr_t address = (uintptr_t)at;
  memset(at, 1, size);
  if (write(STDOUT_FILENO, &address, sizeof address) != (ssize_t)sizeof address)
    return 1;
  pid_t pid = fork();
  if (pid == 0) {
    first_thread = pthread_self();
    if (pthread_create(&thread, NULL, store_last, at) == 0)
      pthread_exit(NULL);
    _exit(1);
  }
  waitpid(pid, NULL, 0);
  return 0;
}

/* ------------------------------------------------------------------------------ the tests -- */

static uintptr_t base;

static void run_as(char *as, int status, struct pd_pool *pool) {
  char *const arguments[] = {"/proc/self/exe", as, NULL};
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
  ck_assert_int_eq(WEXITSTATUS(pool->status), status);
}

static void run_pool(struct pd_pool *pool) {
  run_as("pool", 7, pool);
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

START_TEST(a_process_is_measured_when_its_last_thread_ends) {
  struct pd_pool pool;
  struct pd_pageset pages;
  size_t absent = 0;
  char text[64];
  run_as("last-thread", 0, &pool);
  ck_assert_uint_eq(pool.count, 1);
  collect(&pool.children[0], &pages, &absent);
  pd_pageset_format(&pages, text, sizeof text);
  ck_assert_str_eq(text, "1");
  ck_assert_uint_eq(absent, 0);
  pd_pageset_free(&pages);
  pd_pool_free(&pool);
}
END_TEST

START_TEST(what_threads_of_the_parent_write_is_not_the_childs) {
  struct pd_pool pool;
  run_as("busy", 0, &pool);
  ck_assert_uint_eq(pool.count, BUSY_CHILDREN);
  for (size_t i = 0; pool.frames && i < pool.count; i++) {
    struct pd_pageset pages;
    size_t absent = 0;
    collect(&pool.children[i], &pages, &absent);
    ck_assert_uint_eq(pages.count, 0);
    ck_assert_uint_eq(absent, 0);
    ck_assert(!pool.children[i].alone);
    pd_pageset_free(&pages);
  }
  pd_pool_free(&pool);
}
END_TEST

START_TEST(the_verdict_names_its_witnesses_and_needs_two_for_a_zero) {
  struct pd_pool pool;
  struct pd_verdict verdict;
  run_pool(&pool);
  pool.status = 0;
  pd_pool_judge(&pool, NULL, &verdict);
  ck_assert_int_eq(verdict.outcome, PD_UNSHARED);
  ck_assert_msg(strstr(verdict.sentence, "bit56 and private_dirty") != NULL, "%s",
                verdict.sentence);
  ck_assert_int_eq(verdict.relied_on[PD_PFN], pool.frames);
  for (size_t i = 0; i < pool.count; i++) {
    pool.children[i].unshared = 0;
    pool.children[i].parted = 0;
    pool.children[i].skipped = 0; /* a sanitizer's shadow */
    pool.children[i].dropped = 0;
    pool.children[i].executed = false;
  }
  pd_pool_judge(&pool, NULL, &verdict);
  ck_assert_int_eq(verdict.outcome, pool.frames ? PD_ZERO : PD_INCONCLUSIVE);
  pool.children[0].parted = 1; /* that bit 56 named, and the frames cannot */
  pd_pool_judge(&pool, NULL, &verdict);
  ck_assert_int_eq(verdict.outcome, PD_INCONCLUSIVE);
  ck_assert_ptr_nonnull(strstr(verdict.sentence, "un-shared by the parent, or by a process"));
  pool.children[0].parted = 0;
  pool.frames = false;
  pd_pool_judge(&pool, NULL, &verdict);
  ck_assert_int_eq(verdict.outcome, PD_INCONCLUSIVE);
  ck_assert_ptr_nonnull(strstr(verdict.sentence, "too few witnesses"));
  pd_pool_free(&pool);
}
END_TEST

/* Everything that forbids the zero of a run in which nothing was un-shared. */
START_TEST(a_zero_is_doubted) {
  struct pd_pool pool;
  struct pd_verdict verdict;
  run_pool(&pool);
  struct pd_pool base = pool;
  base.status = 0;
  pool.status = _i == 0 ? 7 << 8 : 0;
  for (size_t i = 0; i < pool.count; i++)
    pool.children[i].unshared = 0;
  pool.children[0].unnamed_kb = _i == 1 ? 4 : 0;
  pool.children[0].skipped = _i == 2 ? 1 : 0;
  base.status = _i == 3 ? 9 : 0;
  base.count = _i == 4 ? 0 : base.count;
  base.controls.wrong = _i == 5 ? 1 : 0;
  pool.children[1].ended = _i != 6;
  static const char *const why[] = {"the command failed (exit status 7)",
                                    "4 kB of private memory are in no page",
                                    "mappings above 64 GiB",
                                    "the baseline failed (killed by signal 9",
                                    "the baseline forked no process",
                                    "answers of the baseline's run were wrong",
                                    "was gone before it could be measured"};
  pd_pool_judge(&pool, _i < 3 ? NULL : &base, &verdict);
  ck_assert_int_eq(verdict.outcome, _i == 1 ? PD_UNSHARED : PD_INCONCLUSIVE);
  ck_assert_msg(strstr(verdict.sentence, why[_i]) != NULL, "%s", verdict.sentence);
  pd_pool_free(&pool);
}
END_TEST

START_TEST(private_memory_is_in_the_pages_that_were_named) {
  struct pd_pool pool;
  run_pool(&pool);
  for (size_t i = 0; i < 3; i++) {
    ck_assert(pool.children[i].have_sums);
    ck_assert_uint_eq(pool.children[i].unnamed_kb, 0);
  }
  ck_assert_uint_ge(pool.children[0].exclusive, 4);
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

/* The pages of the pool's own memory that the report names under that key, of one process. */
static void assert_named(const json_t *document, size_t process, const char *key,
                         const char *expected) {
  char text[64];
  struct pd_pageset pages;
  const json_t *child = json_array_get(json_object_get(document, "processes"), process);
  const json_t *mappings = json_object_get(child, "mappings");
  ck_assert(pd_pageset_init(&pages, PAGES));
  for (size_t m = 0; m < json_array_size(mappings); m++) {
    const json_t *mapping = json_array_get(mappings, m);
    const json_t *runs = json_object_get(mapping, key);
    uintptr_t start = strtoul(json_string_value(json_object_get(mapping, "start")), NULL, 16);
    size_t count = (size_t)json_integer_value(json_object_get(mapping, "pages"));
    if (base < start || base >= start + count * pd_page_size())
      continue;
    size_t first = (base - start) / pd_page_size();
    for (size_t r = 0; r < json_array_size(runs); r++) {
      size_t from = (size_t)json_integer_value(json_array_get(json_array_get(runs, r), 0));
      size_t length = (size_t)json_integer_value(json_array_get(json_array_get(runs, r), 1));
      for (size_t page = from; page < from + length; page++) {
        if (page >= first && page - first < PAGES)
          pd_pageset_add(&pages, page - first);
      }
    }
  }
  pd_pageset_format(&pages, text, sizeof text);
  ck_assert_str_eq(text, expected);
  pd_pageset_free(&pages);
}

START_TEST(json_names_the_pages) {
  struct pd_pool pool;
  run_pool(&pool);
  json_t *document = pd_pool_json(&pool, &pool);
  ck_assert_ptr_nonnull(document);
  json_t *child = json_array_get(json_object_get(document, "processes"), 0);
  assert_named(document, 0, "unshared_runs", "1, 5-6, 63");
  assert_named(document, 0, "dropped_runs", "");
  assert_named(document, 2, "unshared_runs", "");
  assert_named(document, 2, "dropped_runs", "0");
  ck_assert_int_ge(json_integer_value(json_object_get(child, "unshared")), 4);
  ck_assert_uint_eq(json_array_size(json_object_get(child, "mappings")), pool.children[0].count);
  ck_assert(json_is_real(json_object_get(document, "baseline_unshared_mean")));
  json_decref(document);
  pd_pool_free(&pool);
}
END_TEST

START_TEST(a_command_that_cannot_be_found_is_told_from_one_that_ends_with_127) {
  static char program[] = "/no/such/program";
  char *const arguments[] = {program, NULL};
  struct pd_pool pool;
  struct pd_error error = {""};
  const struct pd_pool_options options = {0};
  ck_assert(pd_pool_run(arguments, &options, &pool, &error));
  ck_assert_int_eq(pool.exec_errno, ENOENT);
  ck_assert_uint_eq(pool.count, 0);
  pd_pool_free(&pool);
}
END_TEST

START_TEST(wrong_control_answers_forbid_a_verdict) {
  struct pd_pool pool;
  struct pd_verdict verdict;
  run_pool(&pool);
  ck_assert_uint_gt(pool.controls.cells, 0);
  pd_pool_judge(&pool, NULL, &verdict);
  ck_assert_int_eq(verdict.outcome, PD_UNSHARED);
  pool.controls.wrong = 1;
  pd_pool_judge(&pool, NULL, &verdict);
  ck_assert_int_eq(verdict.outcome, PD_INCONCLUSIVE);
  pd_pool_free(&pool);
}
END_TEST

int main(int argc, char **argv) {
  if (argc > 1 && strcmp(argv[1], "last-thread") == 0)
    _exit(last_thread_pool_main());
  if (argc > 1 && strcmp(argv[1], "busy") == 0)
    _exit(busy_pool_main());
  if (argc > 1 && strcmp(argv[1], "pool") == 0)
    _exit(pool_main()); /* leak checkers do not work on a traced process */
  Suite *suite = suite_create("harness_run");
  TCase *tests = tcase_create("run");
  tcase_set_timeout(tests, 60);
  tcase_add_test(tests, children_are_measured_at_their_exit_page_by_page);
  tcase_add_test(tests, a_process_is_measured_when_its_last_thread_ends);
  tcase_add_test(tests, what_threads_of_the_parent_write_is_not_the_childs);
  tcase_add_test(tests, the_verdict_names_its_witnesses_and_needs_two_for_a_zero);
  tcase_add_loop_test(tests, a_zero_is_doubted, 0, 7);
  tcase_add_test(tests, private_memory_is_in_the_pages_that_were_named);
  tcase_add_test(tests, a_page_given_back_is_absent_and_not_unshared);
  tcase_add_test(tests, a_child_that_runs_another_program_is_not_counted);
  tcase_add_test(tests, json_names_the_pages);
  tcase_add_test(tests, wrong_control_answers_forbid_a_verdict);
  tcase_add_test(tests, a_command_that_cannot_be_found_is_told_from_one_that_ends_with_127);
  suite_add_tcase(suite, tests);
  return run_suite(suite);
}
