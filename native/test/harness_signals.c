/* Signals, job control and sudden ends in a command that is followed: they do there what they do
 * without, and nobody waits for ever. This program is its own subject: with arguments it is the
 * pool that is run. */
#include <check.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness_filter.h"
#include "harness_pool.h"
#include "main.h"
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

/* A worker whose own filter asks a tracer, which it has not: nobody follows its calls. */
static int ask_tracer(void) {
  tell_base(NULL);
  pid_t pid = fork();
  if (pid == 0) {
    if (!filter_call(SYS_getppid, SECCOMP_RET_TRACE | 1))
      _exit(2);
    _exit(syscall(SYS_getppid) == -1 && errno == ENOSYS ? 0 : 1);
  }
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

/* Until /proc shows the process in that state. */
static void wait_for_state(pid_t pid, char state) {
  char path[64];
  char found = '?';
  snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
  while (found != state) {
    FILE *file = fopen(path, "re");
    if (file == NULL || fscanf(file, "%*d (%*[^)]) %c", &found) != 1)
      _exit(1);
    fclose(file);
  }
}

/* Kills the forker at its stop for the tracer, which does not run meanwhile and never sees it. */
static _Noreturn void kill_at_fork(pid_t forker, pid_t tracer, int channel) {
  char byte = 0;
  if (read(channel, &byte, 1) != 1 || kill(tracer, SIGSTOP) != 0)
    _exit(1);
  wait_for_state(tracer, 'T');
  if (write(channel, &byte, 1) == 1)
    wait_for_state(forker, 't');
  kill(forker, SIGKILL);
  kill(tracer, SIGCONT);
  _exit(0);
}

/* The command is killed before it can tell of a child, whose parent is not in the command. */
static int be_killed_at_fork(void) {
  int channel[2];
  char byte = 0;
  const pid_t forker = getpid();
  const pid_t tracer = (pid_t)pd_status_field(forker, "TracerPid:");
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, channel) != 0)
    return 1;
  if (fork() == 0)
    kill_at_fork(forker, tracer, channel[1]);
  /* That fork has been told of by now, so that the next stop is of the next one. */
  if (write(channel[0], &byte, 1) == 1 && read(channel[0], &byte, 1) == 1 &&
      syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0) == 0)
    _exit(0);
  return 1;
}

/* A pool that works until it is told to end: by its terminal, or alone. */
static int work_until_signal(int ready) {
  sigset_t ends;
  sigset_t before;
  int number = 0;
  uint8_t *page = written_pages(1);
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGQUIT);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGHUP);
  sigprocmask(SIG_BLOCK, &ends, &before);
  pid_t pid = fork();
  if (pid == 0) {
    silent_store(page);
    signal(SIGINT, SIG_IGN);
    signal(SIGQUIT, SIG_IGN);
    sigprocmask(SIG_SETMASK, &before, NULL);
    for (;;)
      pause();
  }
  if (write(ready, "r", 1) != 1 || sigwait(&ends, &number) != 0)
    return 1;
  kill(pid, SIGTERM);
  waitpid(pid, NULL, 0);
  return 0;
}

static int pool_main(const char *deed, const char *number) {
  if (strcmp(deed, "work") == 0)
    return work_until_signal(atoi(number));
  if (strcmp(deed, "stop") == 0)
    return stop_and_continue();
  if (strcmp(deed, "count") == 0)
    return count_signals();
  if (strcmp(deed, "ask") == 0)
    return ask_tracer();
  if (strcmp(deed, "kill") == 0)
    return kill_forkers();
  if (strcmp(deed, "orphan") == 0)
    return be_killed_at_fork();
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

START_TEST(a_filter_that_asks_a_tracer_finds_none_when_calls_are_not_followed) {
  struct pd_pool pool;
  run_pool_as("ask", &pool);
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

START_TEST(a_child_of_which_nobody_could_tell_leaves_nobody_waiting) {
  char *const arguments[] = {"/proc/self/exe", "orphan", NULL};
  const struct pd_pool_options options = {0};
  struct pd_error error = {""};
  struct pd_pool pool;
  ck_assert_msg(pd_pool_run(arguments, &options, &pool, &error), "%s", error.text);
  ck_assert_int_eq(pool.status, SIGKILL);
  ck_assert_uint_eq(pool.count, 2); /* who killed it, and that child */
  pd_pool_free(&pool);
}
END_TEST

/* ------------------------------------------------------------------- the program itself -- */

struct program {
  pid_t pid; /* and its process group */
  int ready; /* where the pool says that it works */
  int out;   /* what was printed */
};

static char self[512];

/* A terminal sends its signals to the whole group. */
static const struct {
  int number;
  bool group;
} ENDS[] = {{SIGTERM, false}, {SIGHUP, false}, {SIGINT, false},
            {SIGQUIT, false}, {SIGINT, true},  {SIGQUIT, true}};
enum { END_COUNT = sizeof ENDS / sizeof *ENDS };

/* `pagediff run -q OPTION... -- this program`, which writes to the descriptor with that number. */
static void start_program(struct program *program, bool as_baseline) {
  int ready[2];
  int out[2];
  char number[16];
  char command[600];
  ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
  ck_assert_int_gt((int)n, 0);
  self[n] = '\0';
  ck_assert_int_eq(pipe(ready), 0);
  ck_assert_int_eq(pipe(out), 0);
  snprintf(number, sizeof number, "%d", ready[1]);
  snprintf(command, sizeof command, "'%s' work %s", self, number);
  program->pid = fork();
  if (program->pid == 0) {
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* nothing is left of a test that is killed */
    for (size_t i = 0; i < END_COUNT; i++)
      signal(ENDS[i].number, SIG_DFL); /* whatever runs the tests */
    dup2(out[1], STDOUT_FILENO);
    dup2(out[1], STDERR_FILENO);
    close(out[0]);
    close(out[1]);
    close(ready[0]);
    if (as_baseline) {
      execl(PD_PROGRAM, "pagediff", "run", "-q", "--baseline", command, "--", self, "stop", NULL);
    } else {
      execl(PD_PROGRAM, "pagediff", "run", "-q", "--", self, "work", number, NULL);
    }
    _exit(127);
  }
  close(ready[1]);
  close(out[1]);
  program->ready = ready[0];
  program->out = out[0];
}

/* Its exit status; what it printed is in `output`. */
static int end_program(struct program *program, int number, bool group, char output[4096]) {
  size_t used = 0;
  ssize_t n = 0;
  int status = 0;
  char byte = 0;
  ck_assert_int_eq((int)read(program->ready, &byte, 1), 1);
  ck_assert_int_eq(kill(group ? -program->pid : program->pid, number), 0);
  while (used < 4095 && (n = read(program->out, output + used, 4095 - used)) > 0)
    used += (size_t)n;
  output[used] = '\0';
  ck_assert_int_eq(waitpid(program->pid, &status, 0), program->pid);
  ck_assert_msg(WIFEXITED(status), "killed by signal %d", WTERMSIG(status));
  close(program->ready);
  close(program->out);
  return WEXITSTATUS(status);
}

START_TEST(a_command_that_is_ended_from_outside_is_reported) {
  struct program program;
  char output[4096];
  start_program(&program, false);
  int status = end_program(&program, ENDS[_i].number, ENDS[_i].group, output);
  ck_assert_msg(status == 1, "%d: %s", status, output);
  ck_assert_msg(strstr(output, "Processes measured: 1;") != NULL, "%s", output);
}
END_TEST

START_TEST(a_baseline_that_is_ended_by_its_terminal_ends_the_run) {
  struct program program;
  char output[4096];
  start_program(&program, true);
  int status = end_program(&program, SIGINT, true, output);
  ck_assert_msg(status == 3, "%d: %s", status, output);
  ck_assert_msg(strstr(output, "before the command was started") != NULL, "%s", output);
}
END_TEST

int main(int argc, char **argv) {
  if (argc > 1)
    _exit(pool_main(argv[1], argc > 2 ? argv[2] : "")); /* leak checkers fail when traced */
  Suite *suite = suite_create("harness_signals");
  TCase *tests = tcase_create("signals");
  tcase_set_timeout(tests, 40);
  tcase_add_test(tests, a_worker_that_stops_stays_stopped_until_it_is_continued);
  tcase_add_test(tests, signals_reach_those_whom_they_are_for);
  tcase_add_test(tests, a_filter_that_asks_a_tracer_finds_none_when_calls_are_not_followed);
  tcase_add_loop_test(tests, a_command_that_is_ended_from_outside_is_reported, 0, END_COUNT);
  tcase_add_test(tests, a_baseline_that_is_ended_by_its_terminal_ends_the_run);
  tcase_add_test(tests, processes_that_are_killed_while_they_fork_leave_nobody_waiting);
  tcase_add_test(tests, a_child_of_which_nobody_could_tell_leaves_nobody_waiting);
  suite_add_tcase(suite, tests);
  return run_suite(suite);
}
