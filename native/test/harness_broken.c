/* A library that breaks invariant 1 on purpose turns page diff red: a hit counter in the region's
 * handle is found in what workers inherit, a cache kept in the region in the region. This program
 * is its own pool: with an argument it opens a region, forks, and copies in the child. */
#include <check.h>
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "main.h"
#include "pagemap.h"
#include "run.h"
#include "source.h"
#include "ztc/ztc.h"

/* Handles on pages of their own: more than what two runs of one pool differ by. */
enum { RECORDS = 300, HANDLES = 40 };

/* ------------------------------------------------------------------------------ the pool -- */

static uint8_t copy_buffer[1 << 16];

/* The functions of the library under test, resolved before the fork. */
static int pool_main(const char *library, int fd) {
  ztc_status (*open_fd)(int, uint32_t, ztc_region **, ztc_error *) = NULL;
  ztc_status (*copy)(const ztc_region *, uint64_t, void *, uint64_t, uint64_t *, ztc_workspace *) =
      NULL;
  static ztc_region *regions[HANDLES];
  static void *volatile between;
  void *loaded = dlopen(library, RTLD_NOW | RTLD_LOCAL);
  if (loaded == NULL)
    return 1;
  *(void **)&open_fd = dlsym(loaded, "ztc_region_open_fd");
  *(void **)&copy = dlsym(loaded, "ztc_copy");
  for (int i = 0; i < HANDLES; i++) {
    if (open_fd(fd, 0, &regions[i], NULL) != ZTC_OK)
      return 2;
    between = malloc(2 * pd_page_size());
    if (between == NULL)
      return 2;
  }
  uintptr_t address = (uintptr_t)regions[0];
  if (write(STDOUT_FILENO, &address, sizeof address) != (ssize_t)sizeof address)
    return 3;
  pid_t pid = fork();
  if (pid == 0) {
    uint64_t size = 0;
    for (uint64_t i = 0; i < RECORDS; i++) {
      if (copy(regions[i % HANDLES], i, copy_buffer, sizeof copy_buffer, &size, NULL) != ZTC_OK)
        _exit(1);
    }
    _exit(0);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  return status == 0 ? 0 : 4;
}

/* ------------------------------------------------------------------------------ the tests -- */

static int sample_fd(void) {
  struct pd_error error = {""};
  int fd = -1;
  size_t size = 0;
  ck_assert_msg(pd_sample_region(RECORDS, 5, &fd, &size, &error), "%s", error.text);
  return fd;
}

/* Runs a pool over that library. Whether its child has a copy of its own of the page that the first
 * handle lies in. */
static bool handle_is_unshared(const char *library, struct pd_pool *pool) {
  struct pd_error error = {""};
  const struct pd_pool_options options = {0};
  char fd_text[16];
  int ends[2];
  int fd = dup(sample_fd()); /* kept over exec */
  uintptr_t handle = 0;
  bool unshared = false;
  bool found = false;
  snprintf(fd_text, sizeof fd_text, "%d", fd);
  char *const arguments[] = {"/proc/self/exe", (char *)(uintptr_t)library, fd_text, NULL};
  ck_assert_int_eq(pipe(ends), 0);
  int saved = dup(STDOUT_FILENO);
  dup2(ends[1], STDOUT_FILENO);
  bool ok = pd_pool_run(arguments, &options, pool, &error);
  dup2(saved, STDOUT_FILENO);
  ck_assert_msg(ok, "%s", error.text);
  ck_assert_int_eq(pool->status, 0);
  ck_assert_uint_eq(pd_pool_measured(pool), 1);
  ck_assert_int_eq((int)read(ends[0], &handle, sizeof handle), (int)sizeof handle);
  for (size_t m = 0; m < pool->children[0].count; m++) {
    const struct pd_inherited_mapping *mapping = &pool->children[0].mappings[m];
    if (handle < mapping->start || handle >= mapping->start + mapping->pages * pd_page_size())
      continue;
    found = true;
    unshared = pd_pageset_has(&mapping->unshared, (handle - mapping->start) / pd_page_size());
  }
  ck_assert(found);
  return unshared;
}

START_TEST(a_hit_counter_in_the_handle_is_found_in_what_workers_inherit) {
  struct pd_pool good;
  struct pd_pool broken;
  struct pd_verdict verdict;
  ck_assert(!handle_is_unshared(PD_LIBRARY, &good));
  ck_assert(handle_is_unshared(ZTC_BROKEN_1, &broken));
  pd_pool_judge(&broken, &good, &verdict);
  ck_assert_msg(verdict.outcome == PD_UNSHARED, "%s", verdict.sentence);
  pd_pool_free(&good);
  pd_pool_free(&broken);
}
END_TEST

static int verify_with(const char *preloaded, const char *region) {
  char command[2048];
  snprintf(command, sizeof command,
           "LD_PRELOAD='%s' '%s' verify '%s' --no-heap -q -w 2 > /dev/null 2>&1", preloaded,
           PD_PROGRAM, region);
  int status = system(command);
  ck_assert(WIFEXITED(status));
  return WEXITSTATUS(status);
}

START_TEST(a_cache_kept_in_the_region_is_found_there) {
  char region[64];
  snprintf(region, sizeof region, "/proc/%ld/fd/%d", (long)getpid(), sample_fd());
  ck_assert_int_eq(verify_with("", region), 0);
  ck_assert_int_eq(verify_with(ZTC_BROKEN_2, region), 1);
}
END_TEST

int main(int argc, char **argv) {
  if (argc > 2)
    _exit(pool_main(argv[1], atoi(argv[2])));
  Suite *suite = suite_create("harness_broken");
  TCase *tests = tcase_create("broken");
  tcase_set_timeout(tests, 60);
  tcase_add_test(tests, a_hit_counter_in_the_handle_is_found_in_what_workers_inherit);
  tcase_add_test(tests, a_cache_kept_in_the_region_is_found_there);
  suite_add_tcase(suite, tests);
  return run_suite(suite);
}
