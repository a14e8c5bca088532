/* Signals, job control and sudden ends in a command that is followed: they do there what they do
 * without, and nobody waits for ever. This program is its own subject: with arguments it is the
 * pool that is run. */
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
#include "run.h"

enum { SIGNALS = 100, BYSTANDERS = 20, FORKERS = 200, FORKED = 3 };

/* ------------------------------------------------------------------------------ the pool -- */

/* A worker stops itself and must not go on before it is continued; meanwhile others come and go, so
 * that one that did go on would have ended. */
static int stop_and_continue(void) {
  volatile int *allowed =
      mmap(NULL, sizeof *allowed, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  int status = 0;
  tell_base(NULL);
  pid_t pid = fork();
  if (pid == 0) {
    raise(SIGSTOP);
    _exit(*allowed == 1 ? 0 : 1);
  }
  if (waitpid(pid, &status, WUNTRACED) != pid || !WIFSTOPPED(status) || WSTOPSIG(status) != SIGSTOP)
    return 2;
  for (int i = 0; i < BYSTANDERS; i++) {
    pid_t other = fork();
    if (other == 0)
      _exit(0);
    if (wait_for(other) != 0)
      return 3;
  }
  *allowed = 1;
  kill(pid, SIGCONT);
  return wait_for(pid);
}

static volatile sig_atomic_t received;

static void count(int number) {
  (void)number;
  received++;
}

/* A worker that gets signals of two kinds, one by one, and a parent that is told of its end. */
static int count_signals(void) {
  struct sigaction action = {.sa_handler = count};
  tell_base(NULL);
  sigaction(SIGCHLD, &action, NULL);
  pid_t pid = fork();
  if (pid == 0) {
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGRTMIN, &action, NULL);
    for (int i = 0; i < SIGNALS; i++) {
      raise(SIGUSR1);
      raise(SIGRTMIN);
    }
    _exit(received == 2 * SIGNALS ? 0 : 1);
  }
  while (received == 0)
    sched_yield();
  return wait_for(pid);
}

/* Processes that are killed while they fork; what they forked goes to another parent. */
static int kill_forkers(void) {
  tell_base(NULL);
  for (int i = 0; i < FORKERS; i++) {
    pid_t pid = fork();
    if (pid == 0) {
      for (int k = 0; k < FORKED; k++) {
        if (fork() == 0)
          _exit(0);
      }
      pause();
      _exit(0);
    }
    for (int k = 0; k < i % 8; k++) /* at another moment each time */
      sched_yield();
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
  }
  return 0;
}

static int pool_main(const char *deed) {
  if (strcmp(deed, "stop") == 0)
    return stop_and_continue();
  if (strcmp(deed, "count") == 0)
    return count_signals();
  if (strcmp(deed, "kill") == 0)
    return kill_forkers();
  return 99;
}

/* ------------------------------------------------------------------------------ the tests -- */

START_TEST(a_worker_that_stops_stays_stopped_until_it_is_continued) {
  struct pd_pool pool;
  run_pool_as("stop", &pool);
  ck_assert_uint_eq(pool.count, 1 + BYSTANDERS);
  ck_assert(pool.children[0].measured);
  pd_pool_free(&pool);
}
END_TEST

START_TEST(signals_reach_those_whom_they_are_for) {
  struct pd_pool pool;
  run_pool_as("count", &pool);
  ck_assert(pool.children[0].measured);
  pd_pool_free(&pool);
}
END_TEST

START_TEST(processes_that_are_killed_while_they_fork_leave_nobody_waiting) {
  char *const arguments[] = {"/proc/self/exe", "kill", NULL};
  const struct pd_pool_options options = {0};
  struct pd_error error = {""};
  struct pd_pool pool;
  ck_assert_msg(pd_pool_run(arguments, &options, &pool, &error), "%s", error.text);
  ck_assert_int_eq(pool.status, 0);
  ck_assert_uint_ge(pool.count, FORKERS);
  pd_pool_free(&pool);
}
END_TEST

int main(int argc, char **argv) {
  if (argc > 1)
    _exit(pool_main(argv[1])); /* leak checkers do not work on a traced process */
  Suite *suite = suite_create("harness_signals");
  TCase *tests = tcase_create("signals");
  tcase_set_timeout(tests, 40);
  tcase_add_test(tests, a_worker_that_stops_stays_stopped_until_it_is_continued);
  tcase_add_test(tests, signals_reach_those_whom_they_are_for);
  tcase_add_test(tests, processes_that_are_killed_while_they_fork_leave_nobody_waiting);
  suite_add_tcase(suite, tests);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_NORMAL);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
