#include "trace.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fcntl.h>

#include "worker.h"

struct trace {
  const struct pd_trace_events *events;
  void *context;
  pid_t main;
  int main_status;
};

/* A field of /proc/PID/status, or 0. */
static long status_field(pid_t pid, const char *key) {
  char path[64];
  char line[256];
  long value = 0;
  size_t length = strlen(key);
  snprintf(path, sizeof path, "/proc/%ld/status", (long)pid);
  FILE *file = fopen(path, "re");
  if (file == NULL)
    return 0;
  while (fgets(line, sizeof line, file) != NULL) {
    if (strncmp(line, key, length) == 0 && sscanf(line + length, "%ld", &value) == 1)
      break;
  }
  fclose(file);
  return value;
}

static void resume(pid_t pid, int signal_number) {
  /* ESRCH: it was killed in the meantime, which the next wait tells. */
  ptrace(PTRACE_CONT, pid, NULL, (void *)(intptr_t)signal_number);
}

static bool on_fork(const struct trace *trace, pid_t pid, struct pd_error *error) {
  unsigned long child = 0;
  if (ptrace(PTRACE_GETEVENTMSG, pid, NULL, &child) != 0 || child == 0)
    return true;
  /* A thread is no process of its own, and a vfork child borrows its parent's memory. */
  if (status_field((pid_t)child, "Tgid:") != (long)child)
    return true;
  return trace->events->forked(trace->context, (pid_t)status_field(pid, "Tgid:"), (pid_t)child,
                               error);
}

static bool on_exit_stop(const struct trace *trace, pid_t pid, struct pd_error *error) {
  long process = status_field(pid, "Tgid:");
  bool last = status_field(pid, "Threads:") <= 1;
  /* The leader's turn is measured too: it may be the last one that still has the memory. */
  if (process == 0 || (!last && pid != (pid_t)process))
    return true;
  return trace->events->exiting(trace->context, (pid_t)process, error);
}

static bool on_stop(const struct trace *trace, pid_t pid, int status, struct pd_error *error) {
  int event = status >> 16;
  int signal_number = WSTOPSIG(status);
  bool ok = true;
  switch (event) {
    case PTRACE_EVENT_FORK:
    case PTRACE_EVENT_CLONE:
      ok = on_fork(trace, pid, error);
      break;
    case PTRACE_EVENT_EXEC:
      ok = trace->events->executed(trace->context, pid, error);
      break;
    case PTRACE_EVENT_EXIT:
      ok = on_exit_stop(trace, pid, error);
      break;
    case PTRACE_EVENT_STOP:
      if (signal_number != SIGTRAP) { /* stopped by job control: it stays stopped */
        ptrace(PTRACE_LISTEN, pid, NULL, NULL);
        return true;
      }
      break;
    case 0:
      resume(pid, signal_number);
      return true;
    default:
      break;
  }
  resume(pid, 0);
  return ok;
}

static void on_alarm(int signal_number) {
  (void)signal_number; /* it ends a waitpid */
}

/* An alarm that comes again and again, so that one between two waits is not the last. */
static void set_alarm(unsigned milliseconds) {
  struct sigaction action = {.sa_handler = milliseconds == 0 ? SIG_DFL : on_alarm};
  struct itimerval timer = {{milliseconds / 1000, milliseconds % 1000 * 1000},
                            {milliseconds / 1000, milliseconds % 1000 * 1000}};
  if (milliseconds == 0)
    setitimer(ITIMER_REAL, &timer, NULL);
  sigaction(SIGALRM, &action, NULL);
  if (milliseconds != 0)
    setitimer(ITIMER_REAL, &timer, NULL);
}

/* Samples cost time, too: they are let to take a tenth of it. */
static void tick(const struct trace *trace, uint64_t *next) {
  uint64_t start = pd_now();
  if (trace->events->tick == NULL || start < *next)
    return;
  trace->events->tick(trace->context);
  uint64_t end = pd_now();
  uint64_t pause = (uint64_t)trace->events->tick_ms * 1000000;
  *next = end + ((end - start) * 10 > pause ? (end - start) * 10 : pause);
}

static bool follow(struct trace *trace, struct pd_error *error) {
  uint64_t next = 0;
  for (;;) {
    int status = 0;
    tick(trace, &next);
    pid_t pid = waitpid(-1, &status, __WALL);
    if (pid < 0 && errno == EINTR)
      continue;
    if (pid < 0)
      return errno == ECHILD || pd_fail_errno(error, "waiting for the command");
    if (WIFSTOPPED(status)) {
      if (!on_stop(trace, pid, status, error))
        return false;
    } else if (pid == trace->main) {
      trace->main_status = status;
    }
  }
}

static _Noreturn void become_command(int go, char *const arguments[]) {
  char byte = 0;
  if (read(go, &byte, 1) != 1)
    _exit(126);
  close(go);
  /* A huge page is un-shared as a whole: pages are counted without them, here and in all that the
   * command starts. */
  prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
  execvp(arguments[0], arguments);
  fprintf(stderr, "pagediff: %s: %s\n", arguments[0], strerror(errno));
  _exit(127);
}

bool pd_trace_run(char *const arguments[], const struct pd_trace_events *events, void *context,
                  int *status, struct pd_error *error) {
  const long options = PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
                       PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL;
  struct trace trace = {.events = events, .context = context};
  int go[2];
  if (pipe2(go, O_CLOEXEC) != 0)
    return pd_fail_errno(error, "no pipe to the command");
  fflush(NULL);
  trace.main = fork();
  if (trace.main == 0) {
    close(go[1]);
    become_command(go[0], arguments);
  }
  close(go[0]);
  bool ok = trace.main > 0 || pd_fail_errno(error, "the command cannot be forked");
  if (ok && ptrace(PTRACE_SEIZE, trace.main, NULL, (void *)(intptr_t)options) != 0)
    ok = pd_fail_errno(error, "ptrace is not allowed here");
  if (ok && write(go[1], ".", 1) != 1)
    ok = pd_fail_errno(error, "the command cannot be started");
  close(go[1]);
  if (ok) {
    set_alarm(events->tick == NULL ? 0 : events->tick_ms);
    ok = follow(&trace, error);
    set_alarm(0);
  }
  *status = trace.main_status;
  return ok;
}
