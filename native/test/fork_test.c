/* Forks and executed programs: what children can do, whatever other threads of the parent did. */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "allocator_at_fork.h"
#include "fork_child.h"
#include "main.h"
#include "support.h"

/* -------------------------------------------------------------------------- threads and forks --
 */

enum { FORKS = 50 };

static struct {
  const ztc_region *region;
  char path[256], own[256];
  _Atomic bool stop;
  _Atomic int running;
} busy;

static void *read_all_the_time(void *context) {
  (void)context;
  atomic_fetch_add(&busy.running, 1);
  while (!atomic_load(&busy.stop)) {
    uint8_t copy[4096];
    uint64_t size;
    for (int n = 0; n < 10000; n++) /* mostly inside of one call, so that forks meet it there */
      ztc_copy(busy.region, RECORD, copy, sizeof copy, &size, NULL);
    reads(busy.region);
  }
  return NULL;
}

static void *open_and_publish_all_the_time(void *context) {
  (void)context;
  atomic_fetch_add(&busy.running, 1);
  while (!atomic_load(&busy.stop))
    lives(busy.path, busy.own);
  return NULL;
}

/* A lock that another thread held would never be released in the child, which the alarm ends. */
START_TEST(a_child_of_a_busy_process_reads_opens_and_publishes) {
  ztc_region *region = open_sample();
  busy.region = region;
  strcpy(busy.path, test_path("sample.ztc"));
  strcpy(busy.own, test_path("parents.ztc"));
  keep_allocator_free_at_forks();
  pthread_t threads[4];
  for (int t = 0; t < 4; t++) {
    pthread_create(&threads[t], NULL,
                   t % 2 == 0 ? read_all_the_time : open_and_publish_all_the_time, NULL);
  }
  while (atomic_load(&busy.running) < 4)
    sched_yield();
  char own[256];
  strcpy(own, test_path("childs.ztc"));
  fflush(stdout);
  for (int n = 0; n < FORKS; n++) {
    const pid_t child = fork();
    if (child == 0) {
      lose_patience_later();
      const bool good = reads(region) && lives(busy.path, own);
      ztc_region_close(region); /* the child's own matter */
      _exit(good ? 0 : 1);
    }
    ck_assert_int_eq(status_of(child), 0);
    ck_assert(reads(region));
  }
  atomic_store(&busy.stop, true);
  for (int t = 0; t < 4; t++)
    pthread_join(threads[t], NULL);
  ztc_region_free(region);
}
END_TEST

START_TEST(a_child_outlives_its_parent) {
  int done[2], gone[2];
  char path[256], own[256];
  strcpy(path, test_path("sample.ztc"));
  strcpy(own, test_path("own.ztc"));
  publish_sample(path);
  ck_assert_int_eq(pipe(done), 0);
  ck_assert_int_eq(pipe(gone), 0);
  fflush(stdout);
  const pid_t parent = fork();
  if (parent == 0) {
    ztc_region *region;
    if (ztc_region_open(path, 0, &region, NULL) != ZTC_OK)
      _exit(1);
    if (fork() == 0) {
      char byte;
      lose_patience_later();
      close(gone[1]);
      /* The parent holds the other end, until it is gone with all its mappings and files. */
      const bool good = read(gone[0], &byte, 1) == 0 && reads(region) && lives(path, own);
      ztc_region_free(region);
      _exit(write(done[1], good ? "y" : "n", 1) == 1 ? 0 : 1);
    }
    _exit(0); /* without the clean-up of the test's directory */
  }
  ck_assert_int_eq(status_of(parent), 0);
  close(gone[1]);
  close(done[1]);
  char answer = '?';
  ck_assert_int_eq(read(done[0], &answer, 1), 1);
  ck_assert_int_eq(answer, 'y');
}
END_TEST

/* -------------------------------------------------------------------------- executed programs --
 */

/* What the shell lists of its own descriptors, executed from here; that of the list itself is gone.
 */
static void list_descriptors(char out[4096]) {
  int to[2];
  ck_assert_int_eq(pipe2(to, O_CLOEXEC), 0);
  fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    dup2(to[1], 1);
    execl("/bin/sh", "sh", "-c", "for f in /proc/$$/fd/*; do readlink \"$f\" || :; done",
          (char *)NULL);
    _exit(127);
  }
  close(to[1]);
  size_t used = 0;
  ssize_t got;
  while ((got = read(to[0], out + used, 4095 - used)) > 0)
    used += (size_t)got;
  out[used] = 0;
  close(to[0]);
  ck_assert_int_eq(status_of(child), 0);
}

START_TEST(an_executed_program_inherits_nothing_of_the_library) {
  char listed[4096];
  ztc_region *region = open_sample(), *sealed, *polled;
  ztc_watch *watch;
  ztc_writer *writer;
  uint32_t id;
  const int before = open_descriptors();
  ck_assert_ztc(ztc_region_open(test_path("sample.ztc"), ZTC_OPEN_SEALED, &sealed, NULL));
  ck_assert_ztc(ztc_watch_create(test_path("sample.ztc"), 0, &watch, NULL));
  ck_assert_ztc(ztc_watch_poll(watch, &polled, NULL));
  ck_assert_ztc(ztc_writer_create(test_path("own.ztc"), 0, &writer, NULL));
  ck_assert_ztc(ztc_writer_reserve_shared(writer, &id));
  define_shared(writer, id, "\"shared\"");
  ck_assert_ztc(ztc_writer_record_key(writer, &sample_keys[0]));
  ck_assert_ztc(add_text(writer, "1i8"));
  ck_assert_int_ge(open_descriptors(), before + 5); /* the watch's, the directory, four files */
  list_descriptors(listed);
  for (const char *const *what = (const char *const[]){".ztc", "memfd", test_directory(), NULL};
       *what != NULL; what++) {
    ck_assert_msg(strstr(listed, *what) == NULL, "%s among %s", *what, listed);
  }
  ztc_writer_abort(writer);
  ztc_watch_free(watch);
  ztc_region_free(polled);
  ztc_region_free(sealed);
  ztc_region_free(region);
}
END_TEST

/* This program again: opens the descriptor that its parent left open for it. */
static void executed(const char *fd) {
  ztc_region *region;
  const uint32_t flags = (uint32_t)atoi(getenv("ZTC_FORK_TEST_FLAGS"));
  if (ztc_region_open_fd(atoi(fd), flags, &region, NULL) != ZTC_OK)
    _exit(2);
  close(atoi(fd));
  const bool good = reads(region);
  ztc_region_free(region);
  _exit(good ? 0 : 1);
}

static int execute_with(int fd, uint32_t flags) {
  fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    char number[16], bits[16];
    snprintf(number, sizeof number, "%d", dup(fd)); /* which is not closed */
    snprintf(bits, sizeof bits, "%u", flags);
    setenv("ZTC_FORK_TEST_FD", number, 1);
    setenv("ZTC_FORK_TEST_FLAGS", bits, 1);
    execl("/proc/self/exe", "executed", (char *)NULL);
    _exit(127);
  }
  return status_of(child);
}

START_TEST(an_executed_program_opens_the_descriptor_that_it_inherits) {
  ztc_region_free(open_sample());
  int sealed;
  const int file = open(test_path("sample.ztc"), O_RDONLY | O_CLOEXEC);
  ck_assert_int_eq(execute_with(file, 0), 0);
  ck_assert_int_eq(execute_with(file, ZTC_OPEN_VERIFY_RECORD), 0);
  ck_assert_ztc(ztc_region_seal(test_path("sample.ztc"), &sealed, NULL));
  ck_assert_int_eq(unlink(test_path("sample.ztc")), 0);
  ck_assert_int_eq(execute_with(sealed, ZTC_OPEN_SEALED), 0);
  close(sealed);
  close(file);
}
END_TEST

static void fill(TCase *tests) {
  tcase_add_test(tests, a_child_of_a_busy_process_reads_opens_and_publishes);
  tcase_add_test(tests, a_child_outlives_its_parent);
  tcase_add_test(tests, an_executed_program_inherits_nothing_of_the_library);
  tcase_add_test(tests, an_executed_program_opens_the_descriptor_that_it_inherits);
}

#define main run_tests
ZTC_TEST_MAIN("fork", fill)
#undef main

int main(void) {
  const char *fd = getenv("ZTC_FORK_TEST_FD");
  if (fd != NULL)
    executed(fd);
  return run_tests();
}
