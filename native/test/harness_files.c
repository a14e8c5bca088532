/* Private mappings of files that processes inherit: their pages are shared with the file, whoever
 * had read them before. This program is its own subject: with an argument it is the pool that is
 * run. */
#include <check.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness_pool.h"
#include "inherit.h"
#include "main.h"
#include "maps.h"
#include "pagemap.h"
#include "run.h"

enum { PAGES = 64, READ_PAGE = 3 };

/* ------------------------------------------------------------------------------ the pool -- */

static uint8_t *map_file(void) {
  size_t size = PAGES * pd_page_size();
  FILE *file = tmpfile();
  if (file == NULL || ftruncate(fileno(file), (off_t)size) != 0)
    _exit(99);
  uint8_t *base = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fileno(file), 0);
  if (base == MAP_FAILED)
    _exit(99);
  return base;
}

static void read_pages(const uint8_t *base) {
  for (size_t i = 0; i < PAGES; i++)
    (void)*(const volatile uint8_t *)(base + i * pd_page_size());
}

/* A parent that touches no page of the file, and a child that writes to all but one, or reads.
 * `closed`: nobody may touch them before the child opens them. */
static int untouched(bool writes, bool closed) {
  size_t size = PAGES * pd_page_size();
  uint8_t *base = map_file();
  if (closed && mprotect(base, size, PROT_NONE) != 0)
    _exit(99);
  tell_base(base);
  pid_t pid = fork();
  if (pid == 0) {
    if (closed && mprotect(base, size, PROT_READ | PROT_WRITE) != 0)
      _exit(99);
    for (size_t i = 0; i < PAGES; i++) {
      uint8_t *page = base + i * pd_page_size();
      if (writes && i != READ_PAGE)
        silent_store(page);
      (void)*(volatile uint8_t *)page;
    }
    _exit(0);
  }
  return wait_for(pid);
}

/* A parent that has read the file, and a child that has not and ends, by itself or killed. */
static int end_unread(bool killed) {
  uint8_t *base = map_file();
  tell_base(base);
  read_pages(base);
  pid_t pid = fork();
  if (pid == 0) {
    if (killed)
      raise(SIGKILL);
    _exit(0);
  }
  return wait_for(pid) == (killed ? 1 : 0) ? 0 : 1;
}

static void *fork_without_first_thread(void *unused) {
  (void)unused;
  while (pd_status_field(getpid(), "VmSize:") > 0) /* of the first thread */
    sched_yield();
  pid_t pid = fork();
  if (pid == 0)
    _exit(0);
  _exit(wait_for(pid));
}

/* A parent that has read the file, and whose first thread has ended when it forks. */
static _Noreturn void without_first_thread(void) {
  pthread_t thread;
  uint8_t *base = map_file();
  tell_base(base);
  read_pages(base);
  if (pthread_create(&thread, NULL, fork_without_first_thread, NULL) != 0)
    _exit(1);
  for (;;)
    syscall(SYS_exit, 0); /* this thread's end alone */
}

/* ------------------------------------------------------------------------------ the tests -- */

START_TEST(copies_of_file_pages_that_the_parent_had_not_touched_are_named) {
  struct pd_pool pool;
  char text[64];
  uintptr_t base = run_pool_as(_i == 0 ? "untouched-write" : "closed-write", &pool);
  const struct pd_inheritance *child = &pool.children[0];
  const struct pd_inherited_mapping *mapping = inherited_at(child, base);
  ck_assert_str_eq(pages_from(mapping, &mapping->unshared, base, PAGES, text), "0-2, 4-63");
  ck_assert_uint_eq(mapping->present_count, PAGES - 1); /* they are among those inherited */
  ck_assert_uint_le(child->unshared, child->inherited);
  ck_assert_uint_ge(child->exclusive, PAGES - 1);
  ck_assert(child->have_sums);
  ck_assert_uint_eq(child->unnamed_kb, 0);
  assert_verdict(&pool, NULL, PD_UNSHARED, "inherited pages each");
  pd_pool_free(&pool);
}
END_TEST

START_TEST(file_pages_that_are_only_read_are_not_copies) {
  struct pd_pool pool;
  char text[64];
  uintptr_t base = run_pool_as("untouched-read", &pool);
  const struct pd_inherited_mapping *mapping = inherited_at(&pool.children[0], base);
  ck_assert_str_eq(pages_from(mapping, &mapping->unshared, base, PAGES, text), "");
  ck_assert_uint_eq(mapping->present_count, 0);
  pd_pool_free(&pool);
}
END_TEST

/* From a process that is killed, memory may be taken before it can be looked at. */
START_TEST(pages_that_a_killed_process_has_not_were_dropped) {
  struct pd_pool pool;
  char text[64];
  uintptr_t base = run_pool_as(_i == 0 ? "end-unread" : "killed-unread", &pool);
  const struct pd_inherited_mapping *mapping = inherited_at(&pool.children[0], base);
  ck_assert_int_eq(pool.children[0].killed, _i == 1);
  ck_assert_str_eq(pages_from(mapping, &mapping->absent, base, PAGES, text), "0-63");
  ck_assert_str_eq(pages_from(mapping, &mapping->dropped, base, PAGES, text),
                   _i == 0 ? "" : "0-63");
  pd_pool_free(&pool);
}
END_TEST

START_TEST(what_only_a_measurement_needs_is_freed_after_the_last_one) {
  struct pd_pool pool;
  run_pool_as("untouched-write", &pool);
  const struct pd_inheritance *child = &pool.children[0];
  ck_assert_uint_gt(child->count, 0);
  for (size_t m = 0; m < child->count; m++) {
    ck_assert_ptr_null(child->mappings[m].present);
    ck_assert_uint_eq(child->mappings[m].listed.count, child->mappings[m].present_count);
  }
  pd_pool_free(&pool);
}
END_TEST

START_TEST(a_long_curve_keeps_every_second_point) {
  struct pd_inheritance self = {.pid = getpid(), .thread = getpid(), .executed = true};
  for (int i = 0; i < 2 * PD_MOST_SAMPLES; i++) {
    pd_inherit_sample(&self, false, i);
    ck_assert_uint_le(self.sample_count, PD_MOST_SAMPLES);
  }
  ck_assert_uint_ge(self.sample_count, PD_MOST_SAMPLES / 2);
  ck_assert(self.samples[0].seconds == 0.0);
  ck_assert(self.samples[self.sample_count - 1].seconds == 2.0 * PD_MOST_SAMPLES - 1);
  for (size_t i = 1; i < self.sample_count; i++)
    ck_assert(self.samples[i].seconds > self.samples[i - 1].seconds);
  pd_inherit_free(&self);
}
END_TEST

START_TEST(a_parent_is_read_through_a_thread_that_lives) {
  struct pd_pool pool;
  uintptr_t base = run_pool_as("without-first-thread", &pool);
  ck_assert_uint_eq(inherited_at(&pool.children[0], base)->present_count, PAGES);
  pd_pool_free(&pool);
}
END_TEST

/* Whoever makes a file decides what its name does to a terminal. */
START_TEST(names_of_files_do_not_steer_a_terminal) {
  struct pd_pool pool;
  char *printed = NULL;
  size_t size = 0;
  uintptr_t base = run_pool_as("untouched-write", &pool);
  struct pd_inherited_mapping *mapping =
      (struct pd_inherited_mapping *)(uintptr_t)inherited_at(&pool.children[0], base);
  strcpy(mapping->name, "/tmp/\033[2J\302\233name");
  FILE *out = open_memstream(&printed, &size);
  ck_assert_ptr_nonnull(out);
  pd_pool_print(&pool, NULL, out);
  ck_assert_int_eq(fclose(out), 0);
  ck_assert_ptr_null(strchr(printed, '\033'));
  ck_assert_msg(strstr(printed, "/tmp/?[2J??name") != NULL, "%s", printed);
  free(printed);
  pd_pool_free(&pool);
}
END_TEST

static int pool_main(const char *deed) {
  if (strcmp(deed, "untouched-write") == 0 || strcmp(deed, "untouched-read") == 0)
    return untouched(deed[10] == 'w', false);
  if (strcmp(deed, "closed-write") == 0)
    return untouched(true, true);
  if (strcmp(deed, "end-unread") == 0 || strcmp(deed, "killed-unread") == 0)
    return end_unread(deed[0] == 'k');
  if (strcmp(deed, "without-first-thread") == 0)
    without_first_thread();
  return 99;
}

int main(int argc, char **argv) {
  if (argc > 1)
    _exit(pool_main(argv[1])); /* leak checkers do not work on a traced process */
  Suite *suite = suite_create("harness_files");
  TCase *tests = tcase_create("files");
  tcase_set_timeout(tests, 60);
  tcase_add_loop_test(tests, copies_of_file_pages_that_the_parent_had_not_touched_are_named, 0, 2);
  tcase_add_test(tests, file_pages_that_are_only_read_are_not_copies);
  tcase_add_loop_test(tests, pages_that_a_killed_process_has_not_were_dropped, 0, 2);
  tcase_add_test(tests, what_only_a_measurement_needs_is_freed_after_the_last_one);
  tcase_add_test(tests, a_long_curve_keeps_every_second_point);
  tcase_add_test(tests, a_parent_is_read_through_a_thread_that_lives);
  tcase_add_test(tests, names_of_files_do_not_steer_a_terminal);
  suite_add_tcase(suite, tests);
  return run_suite(suite);
}
