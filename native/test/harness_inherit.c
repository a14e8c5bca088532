/* Which of the inherited pages are still shared: when parent and child both write, when the kernel
 * moves pages, and when mappings change. This program is its own subject: with an argument it is
 * the pool that is run. */
#include <check.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness_pool.h"
#include "harness_untraced.h"
#include "inherit.h"
#include "main.h"
#include "pagemap.h"
#include "require.h"
#include "run.h"
#include "witness.h"

enum { PAGES = 64, ROOM = 40, STRAY_PAGE = 3, FILE_PAGES = 4 };

/* ------------------------------------------------------------------------------ the pool -- */

/* The parent writes all pages, then the child does. Without `writes`, only the child writes, and
 * other pages: more than what two runs differ by. */
static int both_write(bool writes) {
  uint8_t *base = written_pages(PAGES);
  uint8_t *room = written_pages(ROOM);
  int go[2];
  char byte = 0;
  tell_base(base);
  if (pipe(go) != 0)
    return 1;
  pid_t pid = fork();
  if (pid == 0) {
    if (read(go[0], &byte, 1) != 1)
      _exit(1);
    silent_stores(writes ? base : room, writes ? PAGES : ROOM);
    _exit(0);
  }
  if (writes)
    silent_stores(base, PAGES);
  if (write(go[1], &byte, 1) != 1)
    return 1;
  return wait_for(pid);
}

static void read_pages(const uint8_t *base, size_t pages) {
  for (size_t i = 0; i < pages; i++)
    (void)*(const volatile uint8_t *)(base + i * pd_page_size());
}

/* A parent that writes before its child does, and ends before it. */
static int parent_leaves(void) {
  int go[2];
  int done[2];
  char byte = 0;
  tell_base(NULL);
  pid_t parent = fork();
  if (parent != 0)
    return wait_for(parent);
  parent = getpid();
  uint8_t *base = written_pages(PAGES); /* that nobody has but these two */
  if (pipe(go) != 0 || pipe(done) != 0)
    _exit(1);
  pid_t pid = fork();
  if (pid == 0) {
    if (read(go[0], &byte, 1) != 1)
      _exit(1);
    silent_stores(base, PAGES);
    if (write(done[1], &byte, 1) != 1)
      _exit(1);
    while (getppid() == parent)
      sched_yield();
    _exit(0);
  }
  silent_stores(base, PAGES);
  _exit(write(go[1], &byte, 1) == 1 && read(done[0], &byte, 1) == 1 ? 0 : 1);
}

/* A pool that goes on without the process that forked it: its worker writes when that has ended. */
static int leave_worker(void) {
  uint8_t *base = written_pages(PAGES);
  tell_base(base);
  pid_t parent = fork();
  if (parent != 0)
    return wait_for(parent);
  parent = getpid();
  if (fork() == 0) {
    while (getppid() == parent)
      sched_yield();
    silent_stores(base, PAGES);
  }
  _exit(0);
}

/* Memory that nobody may touch at the fork, and that the child opens again. */
static int open_again(void) {
  size_t size = PAGES * pd_page_size();
  uint8_t *base = written_pages(PAGES);
  tell_base(base);
  if (mprotect(base, size, PROT_NONE) != 0)
    return 1;
  pid_t pid = fork();
  if (pid == 0) {
    if (mprotect(base, size, PROT_READ | PROT_WRITE) != 0)
      _exit(1);
    silent_store(base + STRAY_PAGE * pd_page_size());
    _exit(0);
  }
  return wait_for(pid);
}

/* A child that reads other pages of the same file where it inherited some. */
static int map_other_pages(void) {
  size_t size = PAGES * pd_page_size();
  FILE *file = tmpfile();
  if (file == NULL || ftruncate(fileno(file), (off_t)(2 * size)) != 0)
    return 1;
  uint8_t *base = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fileno(file), 0);
  if (base == MAP_FAILED)
    return 1;
  tell_base(base);
  read_pages(base, PAGES);
  pid_t pid = fork();
  if (pid == 0) {
    read_pages(base, PAGES);
    if (mmap(base, size, PROT_READ, MAP_PRIVATE | MAP_FIXED, fileno(file), (off_t)size) != base)
      _exit(1);
    read_pages(base, PAGES);
    _exit(0);
  }
  return wait_for(pid);
}

static int end_late(void) {
  uint8_t *base = written_pages(PAGES);
  tell_base(base);
  pid_t pid = fork();
  if (pid == 0)
    store_in_an_untraced_thread(base);
  return wait_for(pid);
}

/* ------------------------------------------------------------------------------ the tests -- */

START_TEST(pages_that_the_parent_writes_before_the_child_give_no_zero) {
  struct pd_pool pool;
  struct pd_pool baseline;
  char text[64];
  run_pool_as("neither-writes", &baseline);
  uintptr_t base = run_pool_as("both-write", &pool);
  const struct pd_inherited_mapping *mapping = inherited_at(&pool.children[0], base);
  pages_from(mapping, &mapping->unshared, base, PAGES, text);
  if (pool.frames) {
    ck_assert_str_eq(text, "");
    ck_assert_uint_ge(pool.children[0].parted, PAGES);
    assert_verdict(&pool, &baseline, PD_INCONCLUSIVE, "un-shared by the parent, or by a process");
    assert_verdict(&pool, &baseline, PD_INCONCLUSIVE, "of the baseline");
    assert_verdict(&pool, &pool, PD_ZERO, "by the process after the parent");
  } else {
    ck_assert_str_eq(text, "0-63");
    assert_verdict(&pool, &baseline, PD_UNSHARED, "un-shared");
  }
  pd_pool_free(&pool);
  pd_pool_free(&baseline);
}
END_TEST

START_TEST(pages_parted_from_a_parent_are_counted_before_it_ends) {
  struct pd_pool pool;
  run_pool_as("parent-leaves", &pool);
  ck_assert_uint_eq(pool.count, 2);
  ck_assert(pool.children[1].measured);
  ck_assert(!pool.children[1].parent_lives);
  if (pool.frames)
    ck_assert_uint_ge(pool.children[1].parted, PAGES);
  pd_pool_free(&pool);
}
END_TEST

/* All others that had the pages may have ended by then: the worker keeps the frames. */
START_TEST(what_is_written_after_the_parents_end_gives_no_zero) {
  struct pd_pool pool;
  struct pd_pool baseline;
  run_pool_as("neither-writes", &baseline);
  run_pool_as("leave-worker", &pool);
  ck_assert_uint_eq(pool.count, 2);
  ck_assert(pool.children[1].parent_ended);
  for (size_t i = 0; i < pool.count; i++) {
    pool.children[i].unshared = 0;
    pool.children[i].parted = 0;
  }
  if (pool.frames)
    assert_verdict(&pool, &baseline, PD_INCONCLUSIVE, "the parents of 1 processes ended before");
  pd_pool_free(&pool);
  pd_pool_free(&baseline);
}
END_TEST

/* A child that waits, reads the file, writes one page, and says so. */
static pid_t start_child(uint8_t *base, const uint8_t *file, const int go[2], const int done[2]) {
  pid_t pid = fork();
  if (pid == 0) {
    char byte = 0;
    if (read(go[0], &byte, 1) != 1)
      _exit(1);
    read_pages(file, FILE_PAGES);
    silent_store(base + STRAY_PAGE * pd_page_size());
    if (write(done[1], &byte, 1) != 1)
      _exit(1);
    pause();
    _exit(0);
  }
  return pid;
}

/* As if the kernel had moved every page since. */
static void move_pages(struct pd_inheritance *inheritance) {
  for (size_t m = 0; m < inheritance->count; m++) {
    struct pd_inherited_mapping *mapping = &inheritance->mappings[m];
    for (size_t i = 0; i < mapping->present_count; i++)
      mapping->present[i].entry ^= 1;
  }
}

START_TEST(shared_pages_that_the_kernel_moved_are_not_unshared) {
  struct pd_inheritance child;
  struct pd_error error = {""};
  char text[64];
  char byte = 0;
  int go[2];
  int done[2];
  if (!pd_frames_visible()) {
    not_available("pfn", "frame numbers are hidden");
    return;
  }
  uint8_t *base = written_pages(PAGES);
  FILE *self = fopen("/proc/self/exe", "re");
  ck_assert_ptr_nonnull(self);
  uint8_t *file = mmap(NULL, FILE_PAGES * pd_page_size(), PROT_READ, MAP_PRIVATE, fileno(self), 0);
  ck_assert_ptr_ne(file, MAP_FAILED);
  read_pages(file, FILE_PAGES);
  ck_assert_int_eq(pipe(go), 0);
  ck_assert_int_eq(pipe(done), 0);
  pid_t pid = start_child(base, file, go, done);
  ck_assert_msg(pd_inherit_snapshot(&child, getpid(), pid, &error), "%s", error.text);
  move_pages(&child);
  ck_assert_int_eq((int)write(go[1], &byte, 1), 1);
  ck_assert_int_eq((int)read(done[0], &byte, 1), 1);
  ck_assert_int_eq(munmap(file, FILE_PAGES * pd_page_size()), 0); /* it stays the file's page */
  ck_assert_msg(pd_inherit_measure(&child, true, &error), "%s", error.text);
  const struct pd_inherited_mapping *mapping = inherited_at(&child, (uintptr_t)base);
  ck_assert_str_eq(pages_from(mapping, &mapping->unshared, (uintptr_t)base, PAGES, text), "3");
  mapping = inherited_at(&child, (uintptr_t)file);
  ck_assert_str_eq(pages_from(mapping, &mapping->absent, (uintptr_t)file, FILE_PAGES, text), "");
  ck_assert_str_eq(pages_from(mapping, &mapping->unshared, (uintptr_t)file, FILE_PAGES, text), "");
  kill(pid, SIGKILL);
  waitpid(pid, NULL, 0);
  pd_inherit_free(&child);
  fclose(self);
}
END_TEST

START_TEST(a_process_that_was_not_measured_at_its_very_end_gives_no_zero) {
  struct pd_pool pool;
  run_pool_as("end-late", &pool);
  ck_assert_uint_eq(pool.count, 1);
  ck_assert(pool.children[0].measured); /* when its first thread ended */
  ck_assert(!pool.children[0].ended);
  pool.children[0].unshared = 0;
  pool.children[0].parted = 0;
  pool.children[0].unnamed_kb = 0;
  pool.children[0].conditions[0] = '\0';
  assert_verdict(&pool, NULL, PD_INCONCLUSIVE, "was gone before it could be measured");
  pd_pool_free(&pool);
}
END_TEST

START_TEST(memory_that_nobody_could_touch_at_the_fork_is_inherited) {
  struct pd_pool pool;
  char text[64];
  uintptr_t base = run_pool_as("open-again", &pool);
  const struct pd_inherited_mapping *mapping = inherited_at(&pool.children[0], base);
  ck_assert_str_eq(mapping->permissions, "---p");
  ck_assert_str_eq(pages_from(mapping, &mapping->unshared, base, PAGES, text), "3");
  pd_pool_free(&pool);
}
END_TEST

/* Reserved address space costs no page map. */
START_TEST(memory_without_a_page_is_not_followed) {
  struct pd_inheritance child;
  struct pd_error error = {""};
  size_t size = PAGES * pd_page_size();
  uintptr_t base =
      (uintptr_t)mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  ck_assert_msg(pd_inherit_snapshot(&child, getpid(), getpid(), &error), "%s", error.text);
  for (size_t m = 0; m < child.count; m++) {
    const struct pd_inherited_mapping *mapping = &child.mappings[m];
    ck_assert(base < mapping->start || base >= mapping->start + mapping->pages * pd_page_size());
  }
  pd_inherit_free(&child);
}
END_TEST

START_TEST(other_pages_of_the_file_are_not_those_that_were_inherited) {
  struct pd_pool pool;
  char text[64];
  uintptr_t base = run_pool_as("other-pages", &pool);
  const struct pd_inherited_mapping *mapping = inherited_at(&pool.children[0], base);
  ck_assert_str_eq(pages_from(mapping, &mapping->unshared, base, PAGES, text), "");
  ck_assert_str_eq(pages_from(mapping, &mapping->dropped, base, PAGES, text), "0-63");
  pd_pool_free(&pool);
}
END_TEST

START_TEST(a_mapping_is_known_by_device_and_inode) {
  struct pd_inheritance child;
  struct pd_error error = {""};
  char text[64];
  uint8_t *base = written_pages(PAGES);
  FILE *file = tmpfile();
  ck_assert_ptr_nonnull(file);
  ck_assert_int_eq(ftruncate(fileno(file), (off_t)(PAGES * pd_page_size())), 0);
  ck_assert_ptr_eq(
      mmap(base, PAGES * pd_page_size(), PROT_READ, MAP_PRIVATE | MAP_FIXED, fileno(file), 0),
      base);
  read_pages(base, PAGES);
  ck_assert_msg(pd_inherit_snapshot(&child, getpid(), getpid(), &error), "%s", error.text);
  struct pd_inherited_mapping *mapping =
      (struct pd_inherited_mapping *)(uintptr_t)inherited_at(&child, (uintptr_t)base);
  mapping->minor += _i == 1 ? 1 : 0;
  mapping->inode += _i == 2 ? 1 : 0;
  ck_assert_msg(pd_inherit_measure(&child, pd_frames_visible(), &error), "%s", error.text);
  ck_assert_str_eq(pages_from(mapping, &mapping->dropped, (uintptr_t)base, PAGES, text),
                   _i == 0 ? "" : "0-63");
  pd_inherit_free(&child);
  fclose(file);
}
END_TEST

static int pool_main(const char *deed) {
  if (strcmp(deed, "both-write") == 0 || strcmp(deed, "neither-writes") == 0)
    return both_write(deed[0] == 'b');
  if (strcmp(deed, "parent-leaves") == 0)
    return parent_leaves();
  if (strcmp(deed, "leave-worker") == 0)
    return leave_worker();
  if (strcmp(deed, "end-late") == 0)
    return end_late();
  if (strcmp(deed, "open-again") == 0)
    return open_again();
  if (strcmp(deed, "other-pages") == 0)
    return map_other_pages();
  return 99;
}

int main(int argc, char **argv) {
  if (argc > 1)
    _exit(pool_main(argv[1])); /* leak checkers do not work on a traced process */
  Suite *suite = suite_create("harness_inherit");
  TCase *tests = tcase_create("inherit");
  tcase_set_timeout(tests, 60);
  tcase_add_test(tests, pages_that_the_parent_writes_before_the_child_give_no_zero);
  tcase_add_test(tests, pages_parted_from_a_parent_are_counted_before_it_ends);
  tcase_add_test(tests, what_is_written_after_the_parents_end_gives_no_zero);
  tcase_add_test(tests, shared_pages_that_the_kernel_moved_are_not_unshared);
  tcase_add_test(tests, a_process_that_was_not_measured_at_its_very_end_gives_no_zero);
  tcase_add_test(tests, memory_that_nobody_could_touch_at_the_fork_is_inherited);
  tcase_add_test(tests, memory_without_a_page_is_not_followed);
  tcase_add_test(tests, other_pages_of_the_file_are_not_those_that_were_inherited);
  tcase_add_loop_test(tests, a_mapping_is_known_by_device_and_inode, 0, 3);
  suite_add_tcase(suite, tests);
  return run_suite(suite);
}
