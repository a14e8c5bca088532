/* Inherited pages that a process gave up before its exit may have been written before that: they
 * are named, and give no zero beyond the baseline's. This program is its own subject: with an
 * argument it is the pool that is run. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness_store.h"
#include "main.h"
#include "pagemap.h"
#include "run.h"

enum { PAGES = 64, ROOM = 40 };

static const size_t WRITTEN[] = {1, 5, 6, 63};
enum { WRITTEN_COUNT = sizeof WRITTEN / sizeof *WRITTEN };

/* ------------------------------------------------------------------------------ the pool -- */

static void write_pages(uint8_t *base) {
  for (size_t i = 0; i < WRITTEN_COUNT; i++)
    silent_store(base + WRITTEN[i] * pd_page_size());
}

static void drop_pages(uint8_t *base, bool unmap) {
  for (size_t i = 0; i < WRITTEN_COUNT; i++) {
    uint8_t *at = base + WRITTEN[i] * pd_page_size();
    if ((unmap ? munmap(at, pd_page_size()) : madvise(at, pd_page_size(), MADV_DONTNEED)) != 0)
      _exit(1);
  }
}

/* A guard takes the place of what was there. Kernels before 6.13 have none. */
static void guard_pages(uint8_t *base) {
  const int install_guard = 102;
  for (size_t i = 0; i < WRITTEN_COUNT; i++) {
    if (madvise(base + WRITTEN[i] * pd_page_size(), pd_page_size(), install_guard) != 0)
      drop_pages(base, false);
  }
}

static void do_deed(const char *deed, uint8_t *base, uint8_t *room) {
  if (strncmp(deed, "room", 4) == 0) { /* more than what two runs differ by */
    for (size_t i = 0; i < ROOM; i++)
      silent_store(room + i * pd_page_size());
  }
  if (strcmp(deed, "unmap") == 0) {
    write_pages(base);
    drop_pages(base, true);
  } else if (strcmp(deed, "give-back") == 0) {
    write_pages(base);
    drop_pages(base, false);
  } else if (strcmp(deed, "guard") == 0) {
    write_pages(base);
    guard_pages(base);
  } else if (strcmp(deed, "clean-unmap") == 0 || strcmp(deed, "room-unmap") == 0) {
    drop_pages(base, true);
  } else if (strcmp(deed, "exec") == 0) {
    write_pages(base);
    execl("/bin/true", "true", (char *)NULL);
    _exit(1);
  }
}

/* One child that does the deed and one that does nothing. The base address of the memory that it is
 * done to goes to standard output. */
static int pool_main(const char *deed) {
  size_t size = PAGES * pd_page_size();
  int status = 0;
  uint8_t *base = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  uint8_t *room = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memset(base, 1, size);
  memset(room, 1, size);
  uintptr_t address = (uintptr_t)base;
  if (write(STDOUT_FILENO, &address, sizeof address) != (ssize_t)sizeof address)
    return 1;
  for (int i = 0; i < 2; i++) {
    pid_t pid = fork();
    if (pid == 0) {
      do_deed(i == 0 ? deed : strncmp(deed, "room", 4) == 0 ? "room" : "nothing", base, room);
      _exit(0);
    }
    waitpid(pid, &status, 0);
    if (status != 0)
      return 1;
  }
  return 0;
}

/* ------------------------------------------------------------------------------ the tests -- */

static uintptr_t base;

static void run(const char *deed, struct pd_pool *pool) {
  char *const arguments[] = {"/proc/self/exe", (char *)(uintptr_t)deed, NULL};
  const struct pd_pool_options options = {0};
  struct pd_error error = {""};
  int ends[2];
  ck_assert_int_eq(pipe(ends), 0);
  int saved = dup(STDOUT_FILENO);
  dup2(ends[1], STDOUT_FILENO);
  bool ok = pd_pool_run(arguments, &options, pool, &error);
  dup2(saved, STDOUT_FILENO);
  ck_assert_msg(ok, "%s", error.text);
  ck_assert_str_eq(pool->trouble, "");
  ck_assert_int_eq(pool->status, 0);
  ck_assert_int_eq((int)read(ends[0], &base, sizeof base), (int)sizeof base);
  ck_assert_uint_eq(pool->count, 2);
  close(ends[0]);
  close(ends[1]);
  close(saved);
  for (size_t i = 0; i < pool->count; i++)
    pool->children[i].skipped = 0; /* a sanitizer's shadow */
}

/* The pages of the pool's own memory that the child which did the deed dropped. */
static void assert_dropped(const struct pd_pool *pool, const char *expected) {
  struct pd_pageset pages;
  char text[64];
  ck_assert(pd_pageset_init(&pages, PAGES));
  for (size_t m = 0; m < pool->children[0].count; m++) {
    const struct pd_inherited_mapping *mapping = &pool->children[0].mappings[m];
    uintptr_t end = mapping->start + mapping->pages * pd_page_size();
    for (size_t i = 0; base >= mapping->start && base < end && i < PAGES; i++) {
      if (pd_pageset_has(&mapping->dropped, (base - mapping->start) / pd_page_size() + i))
        pd_pageset_add(&pages, i);
    }
  }
  pd_pageset_format(&pages, text, sizeof text);
  ck_assert_str_eq(text, expected);
  pd_pageset_free(&pages);
}

static void assert_outcome(const struct pd_pool *pool, const struct pd_pool *baseline,
                           enum pd_outcome outcome, const char *text) {
  struct pd_verdict verdict;
  pd_pool_judge(pool, baseline, &verdict);
  ck_assert_msg(verdict.outcome == outcome, "%s: %s", pd_outcome_name(verdict.outcome),
                verdict.sentence);
  ck_assert_msg(strstr(verdict.sentence, text) != NULL, "\"%s\" is not in: %s", text,
                verdict.sentence);
}

static const struct {
  const char *deed;
  const char *pages;
  const char *why;
} DEEDS[] = {
    {"unmap", "1, 5-6, 63", "dropped inherited pages before their exit"},
    {"give-back", "1, 5-6, 63", "dropped inherited pages before their exit"},
    {"guard", "1, 5-6, 63", "dropped inherited pages before their exit"},
    {"exec", "0-63", "1 processes ran another program"},
};
enum { DEED_COUNT = sizeof DEEDS / sizeof *DEEDS };

START_TEST(pages_written_and_dropped_are_named_and_give_no_zero) {
  struct pd_pool pool;
  struct pd_pool baseline;
  run("room", &baseline);
  run(DEEDS[_i].deed, &pool);
  assert_dropped(&pool, DEEDS[_i].pages);
  assert_outcome(&pool, &baseline, PD_INCONCLUSIVE, DEEDS[_i].why);
  assert_outcome(&pool, &baseline, PD_INCONCLUSIVE, "of the baseline");
  for (size_t i = 0; i < pool.count; i++)
    pool.children[i].unshared = 0;
  assert_outcome(&pool, NULL, PD_INCONCLUSIVE, DEEDS[_i].why);
  pd_pool_free(&pool);
  pd_pool_free(&baseline);
}
END_TEST

START_TEST(a_process_that_forked_or_is_outside_for_another_reason_drops_pages_too) {
  struct pd_pool pool;
  struct pd_pool baseline;
  run("room", &baseline);
  run("unmap", &pool);
  strcpy(pool.children[0].conditions, "the worker itself forked");
  assert_outcome(&pool, &baseline, PD_INCONCLUSIVE, "dropped inherited pages before their exit");
  pd_pool_free(&pool);
  pd_pool_free(&baseline);
}
END_TEST

START_TEST(no_more_than_the_baseline_drops_is_no_obstacle) {
  struct pd_pool pool;
  struct pd_pool baseline;
  run("room-unmap", &baseline);
  run("clean-unmap", &pool);
  assert_dropped(&pool, "1, 5-6, 63");
  if (pool.frames)
    assert_outcome(&pool, &baseline, PD_ZERO, "4 of them dropped");
  pd_pool_free(&pool);
  pd_pool_free(&baseline);
}
END_TEST

/* Libraries have pages that a parent read and a child did not. */
START_TEST(pages_of_files_that_were_never_read_are_not_dropped) {
  struct pd_pool pool;
  run("nothing", &pool);
  ck_assert_uint_gt(pool.children[0].absent, 0);
  ck_assert_uint_eq(pool.children[0].dropped, 0);
  assert_dropped(&pool, "");
  pd_pool_free(&pool);
}
END_TEST

START_TEST(reports_name_the_dropped_pages) {
  struct pd_pool pool;
  json_int_t sum = 0;
  run("give-back", &pool);
  json_t *document = pd_pool_json(&pool, NULL);
  ck_assert_ptr_nonnull(document);
  json_t *child = json_array_get(json_object_get(document, "processes"), 0);
  ck_assert_int_eq(json_integer_value(json_object_get(child, "dropped")), WRITTEN_COUNT);
  json_t *mappings = json_object_get(child, "mappings");
  for (size_t m = 0; m < json_array_size(mappings); m++) {
    json_t *runs = json_object_get(json_array_get(mappings, m), "dropped_runs");
    for (size_t i = 0; i < json_array_size(runs); i++)
      sum += json_integer_value(json_array_get(json_array_get(runs, i), 1));
  }
  ck_assert_int_eq(sum, WRITTEN_COUNT);
  ck_assert(json_real_value(json_object_get(document, "dropped_mean")) == 2.0);
  ck_assert_int_eq(json_integer_value(json_object_get(document, "executed")), 0);
  json_decref(document);
  pd_pool_free(&pool);
}
END_TEST

START_TEST(the_program_ends_as_for_any_other_doubt) {
  char self[256];
  char command[1024];
  ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
  ck_assert_int_gt((int)n, 0);
  self[n] = '\0';
  snprintf(command, sizeof command,
           "'%s' run -q --baseline \"'%s' room >/dev/null\" -- '%s' %s >/dev/null", PD_PROGRAM,
           self, self, DEEDS[_i].deed);
  int status = system(command);
  ck_assert(WIFEXITED(status));
  ck_assert_int_eq(WEXITSTATUS(status), 4);
}
END_TEST

int main(int argc, char **argv) {
  if (argc > 1)
    _exit(pool_main(argv[1])); /* leak checkers do not work on a traced process */
  Suite *suite = suite_create("harness_dropped");
  TCase *tests = tcase_create("dropped");
  tcase_set_timeout(tests, 60);
  tcase_add_loop_test(tests, pages_written_and_dropped_are_named_and_give_no_zero, 0, DEED_COUNT);
  tcase_add_test(tests, a_process_that_forked_or_is_outside_for_another_reason_drops_pages_too);
  tcase_add_test(tests, no_more_than_the_baseline_drops_is_no_obstacle);
  tcase_add_test(tests, pages_of_files_that_were_never_read_are_not_dropped);
  tcase_add_test(tests, reports_name_the_dropped_pages);
  tcase_add_loop_test(tests, the_program_ends_as_for_any_other_doubt, 0, DEED_COUNT);
  suite_add_tcase(suite, tests);
  return run_suite(suite);
}
