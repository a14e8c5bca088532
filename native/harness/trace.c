#include "trace.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "maps.h"
#include "roster.h"
#include "signals.h"
#include "worker.h"

struct trace {
  const struct pd_trace_events *events;
  void *context;
  pid_t main;
  struct pd_trace_end *end;
  struct pd_roster roster;
  struct pd_signals signals;
};

static void resume(pid_t pid, int signal_number) {
  /* ESRCH: it was killed in the meantime, which the next wait tells. */
  ptrace(PTRACE_CONT, pid, NULL, (void *)(intptr_t)signal_number);
}

/* A field of the status of a thread that is stopped, or -1. Killed, a thread may be gone by then;
 * any other reason is told: without the field, nobody follows what it does. */
static long field_of(const struct trace *trace, pid_t thread, const char *key) {
  struct pd_error why = {""};
  long value = pd_status_field(thread, key);
  if (value < 0 && errno != ENOENT && errno != ESRCH) {
    pd_fail_errno(&why, "/proc/%ld/status cannot be read", (long)thread);
    trace->events->trouble(trace->context, thread, &why);
  }
  return value;
}

/* Lets a process go on from its first stop; job control may have stopped it there. */
static void release(pid_t pid, bool by_job_control) {
  if (by_job_control) {
    ptrace(PTRACE_LISTEN, pid, NULL, NULL);
  } else {
    resume(pid, 0);
  }
}

/* The child is at its first stop; its parent has told of it, or needs not. */
static bool begin(const struct trace *trace, struct pd_process *child, bool by_job_control,
                  struct pd_error *error) {
  pid_t pid = child->pid;
  pid_t parent = child->parent;
  pid_t teller = child->teller;
  child->presence = PD_RUNNING;
  child->teller = 0;
  bool ok = child->borrows || trace->events->forked(trace->context, parent, pid, error);
  release(pid, by_job_control);
  if (teller != 0)
    resume(teller, 0);
  return ok;
}

/* A child can have its parent's memory without its parent waiting for it as with vfork, and memory
 * of its own although that waits. Where that cannot be told (kcmp is refused), the child is
 * followed: what it does must not be missed. */
static bool has_own_memory(pid_t parent, pid_t child) {
  const long same_memory = 1; /* KCMP_VM */
  return syscall(SYS_kcmp, (long)parent, (long)child, same_memory, 0L, 0L) != 0;
}

/* A thread is no process of its own. True in *held when the one that told must wait. */
static bool on_fork(struct trace *trace, pid_t pid, bool *held, struct pd_error *error) {
  unsigned long message = 0;
  *held = false;
  if (ptrace(PTRACE_GETEVENTMSG, pid, NULL, &message) != 0 || message == 0)
    return true;
  pid_t child = (pid_t)message;
  bool borrows = !has_own_memory(pid, child);
  struct pd_process *known = pd_roster_find(&trace->roster, child);
  if (known != NULL && known->presence == PD_HELD) {
    known->borrows = borrows;
    return begin(trace, known, known->by_job_control, error);
  }
  if (known != NULL || field_of(trace, child, "Tgid:") != (long)child)
    return true;
  if (field_of(trace, child, "TracerPid:") != (long)getpid()) /* it began, and ended, before */
    return true;
  long parent = field_of(trace, pid, "Tgid:");
  known = pd_roster_add(&trace->roster, child, parent > 0 ? (pid_t)parent : 0, PD_ANNOUNCED);
  if (known == NULL)
    return pd_fail(error, "no memory to follow another process");
  known->borrows = borrows;
  known->teller = pid;
  *held = true;
  return true;
}

/* A stop that no signal and no event explains: the first one of a new thread or process, or one by
 * job control. True when it was a first one and is dealt with. */
static bool on_first_stop(struct trace *trace, pid_t pid, int signal_number, bool *ok,
                          struct pd_error *error) {
  struct pd_process *known = pd_roster_find(&trace->roster, pid);
  bool by_job_control = signal_number != SIGTRAP;
  if (known != NULL && known->presence != PD_ANNOUNCED)
    return false;
  if (known != NULL) {
    *ok = begin(trace, known, by_job_control, error);
    return true;
  }
  if (field_of(trace, pid, "Tgid:") != (long)pid)
    return false;
  pid_t parent = (pid_t)field_of(trace, pid, "PPid:");
  bool gone = pd_roster_find(&trace->roster, parent) == NULL; /* and another one took its child */
  known = pd_roster_add(&trace->roster, pid, gone ? 0 : parent, PD_HELD);
  if (known == NULL) {
    *ok = pd_fail(error, "no memory to follow another process");
    return true;
  }
  known->by_job_control = by_job_control;
  /* Only whether it borrows memory must be told: one that was killed before it could tell never
   * does. A child that has memory of its own does not wait for that. */
  if (gone || has_own_memory(parent, pid))
    *ok = begin(trace, known, by_job_control, error);
  return true;
}

/* A parent that was killed, or ran another program, before it could tell of a child. */
static bool begin_orphans(struct trace *trace, pid_t parent, struct pd_error *error) {
  bool ok = true;
  for (struct pd_process *child = NULL;
       ok && (child = pd_roster_held_child(&trace->roster, parent)) != NULL;)
    ok = begin(trace, child, child->by_job_control, error);
  return ok;
}

static bool borrows(const struct trace *trace, pid_t process) {
  const struct pd_process *known = pd_roster_find(&trace->roster, process);
  return known != NULL && known->borrows;
}

/* With vfork, the memory is that of a parent, or of a parent's. */
static pid_t owner_of_memory(const struct trace *trace, pid_t process) {
  while (borrows(trace, process))
    process = pd_roster_find(&trace->roster, process)->parent;
  return process;
}

/* Whether another process runs in the memory of this one. One that is at its end does not any more,
 * nor does one that is gone; who borrowed the memory of these still has it. */
static bool shares_memory(const struct trace *trace, pid_t process) {
  const pid_t owner = owner_of_memory(trace, process);
  for (size_t i = 0; i < trace->roster.count; i++) {
    const struct pd_process *other = &trace->roster.processes[i];
    if (other->pid != process && !other->ended && owner_of_memory(trace, other->pid) == owner)
      return true;
  }
  return false;
}

static void tell_when_gone(const struct trace *trace, pid_t owner) {
  for (size_t i = 0; i < trace->roster.count; i++) {
    if (owner_of_memory(trace, trace->roster.processes[i].pid) == owner)
      return;
  }
  trace->events->gone(trace->context, owner);
}

static bool on_exec(struct trace *trace, pid_t pid, struct pd_error *error) {
  struct pd_process *process = pd_roster_find(&trace->roster, pid);
  pid_t owner = owner_of_memory(trace, pid);
  if (owner != pid)
    pd_roster_pass_on(&trace->roster, pid, owner);
  if (process != NULL)
    process->borrows = false;
  pd_roster_forget(&trace->roster, pid);
  if (owner != pid)
    tell_when_gone(trace, owner);
  return begin_orphans(trace, pid, error) && trace->events->executed(trace->context, pid, error);
}

static bool on_call(const struct trace *trace, pid_t pid, struct pd_error *error) {
  struct pd_call call;
  pid_t process = (pid_t)field_of(trace, pid, "Tgid:");
  pd_callstop_read(pid, &call);
  call.kept = call.exec && shares_memory(trace, process);
  if (process <= 0 || (call.kept && borrows(trace, process)))
    return true;
  return trace->events->calling(trace->context, owner_of_memory(trace, process), pid, &call, error);
}

/* At its exit stop: what it ends with is a wait status. */
static bool is_killed(pid_t thread) {
  unsigned long status = 0;
  return ptrace(PTRACE_GETEVENTMSG, thread, NULL, &status) == 0 && WIFSIGNALED((int)status) &&
         WTERMSIG((int)status) == SIGKILL;
}

static bool on_exit_stop(struct trace *trace, pid_t pid, struct pd_error *error) {
  pid_t process = (pid_t)field_of(trace, pid, "Tgid:");
  enum pd_others others = pd_roster_others(&trace->roster, process, pid);
  struct pd_process *known = pd_roster_find(&trace->roster, process);
  if (!pd_roster_leave(&trace->roster, pid))
    return pd_fail(error, "no memory to follow another thread");
  if (known != NULL && others == PD_NO_OTHERS)
    known->ended = true;
  /* The leader's turn is measured too: others that are killed with it may not come to a stop. */
  if (process <= 0 || (others == PD_TRACED_OTHERS && pid != process))
    return true;
  bool shared = shares_memory(trace, process);
  if (shared && borrows(trace, process))
    return true;
  bool last = others == PD_NO_OTHERS && !shared;
  const struct pd_exit end = {owner_of_memory(trace, process), pid, last, is_killed(pid)};
  return trace->events->exiting(trace->context, &end, error);
}

static bool on_stop(struct trace *trace, pid_t pid, int status, struct pd_error *error) {
  int event = status >> 16;
  int signal_number = WSTOPSIG(status);
  bool held = false;
  bool ok = true;
  switch (event) {
    case PTRACE_EVENT_FORK:
    case PTRACE_EVENT_VFORK:
    case PTRACE_EVENT_CLONE:
      ok = on_fork(trace, pid, &held, error);
      if (held)
        return ok;
      break;
    case PTRACE_EVENT_SECCOMP:
      ok = on_call(trace, pid, error);
      break;
    case PTRACE_EVENT_EXEC:
      ok = on_exec(trace, pid, error);
      break;
    case PTRACE_EVENT_EXIT:
      ok = on_exit_stop(trace, pid, error);
      break;
    case PTRACE_EVENT_STOP:
      if (on_first_stop(trace, pid, signal_number, &ok, error))
        return ok;
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
    /* Children of before are nobody's concern. One that was forked by a process which was killed in
     * the fork has not been heard of. */
    if (trace->roster.count == 0 && !pd_roster_misses_any(&trace->roster))
      return true;
    tick(trace, &next);
    pid_t pid = pd_signals_wait(&trace->signals, &status);
    if (pid < 0 && errno == EINTR)
      continue;
    if (pid < 0)
      return errno == ECHILD || pd_fail_errno(error, "waiting for the command");
    if (WIFSTOPPED(status)) {
      if (!on_stop(trace, pid, status, error))
        return false;
      continue;
    }
    if (pid == trace->main)
      trace->end->status = status;
    const struct pd_process *ended = pd_roster_find(&trace->roster, pid);
    if (ended != NULL && ended->teller != 0) /* killed before its first stop */
      resume(ended->teller, 0);
    pid_t owner = owner_of_memory(trace, pid);
    if (owner != pid)
      pd_roster_pass_on(&trace->roster, pid, owner);
    pd_roster_remove(&trace->roster, pid);
    pd_roster_forget(&trace->roster, pid);
    if (!begin_orphans(trace, pid, error))
      return false;
    if (ended != NULL)
      tell_when_gone(trace, owner);
  }
}

/* Told to start, the child says why it has no filter, or nothing; and, when the program cannot be
 * run, the reason: the channel ends with the exec. */
static _Noreturn void become_command(int channel, bool with_filter, char *const arguments[]) {
  struct pd_error refused = {""};
  if (read(channel, &refused, 1) != 1)
    _exit(126);
  refused.text[0] = '\0';
  if (with_filter)
    pd_callstop_install(&refused);
  if (write(channel, &refused, sizeof refused) != (ssize_t)sizeof refused)
    _exit(126);
  /* A huge page is un-shared as a whole: pages are counted without them, here and in all that the
   * command starts. */
  prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
  execvp(arguments[0], arguments);
  int why = errno;
  send(channel, &why, sizeof why, MSG_NOSIGNAL);
  _exit(127);
}

bool pd_trace_run(char *const arguments[], const struct pd_trace_events *events, void *context,
                  struct pd_trace_end *end, struct pd_error *error) {
  /* Without stops of its own, the command's filters (SECCOMP_RET_TRACE) find no tracer. */
  const long options = PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
                       PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL |
                       (events->calling != NULL ? PTRACE_O_TRACESECCOMP : 0);
  struct trace trace = {.events = events, .context = context, .end = end};
  int channel[2];
  *end = (struct pd_trace_end){.status = 0};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel) != 0)
    return pd_fail_errno(error, "no channel to the command");
  fflush(NULL);
  trace.main = fork();
  if (trace.main == 0) {
    close(channel[1]);
    become_command(channel[0], events->calling != NULL, arguments);
  }
  pd_signals_divert(&trace.signals, &trace.roster, trace.main);
  close(channel[0]);
  bool ok = trace.main > 0 || pd_fail_errno(error, "the command cannot be forked");
  if (ok && ptrace(PTRACE_SEIZE, trace.main, NULL, (void *)(intptr_t)options) != 0)
    ok = pd_fail_errno(error, "ptrace is not allowed here");
  if (ok && pd_roster_add(&trace.roster, trace.main, getpid(), PD_RUNNING) == NULL)
    ok = pd_fail(error, "no memory to follow a process");
  struct pd_error refused = {""};
  if (ok && (send(channel[1], ".", 1, MSG_NOSIGNAL) != 1 ||
             recv(channel[1], &refused, sizeof refused, 0) != (ssize_t)sizeof refused)) {
    ok = pd_fail_errno(error, "the command cannot be started");
  }
  if (ok && refused.text[0] != '\0')
    events->calls_refused(context, &refused);
  if (ok) {
    set_alarm(events->tick == NULL ? 0 : events->tick_ms);
    ok = follow(&trace, error);
    set_alarm(0);
  }
  if (recv(channel[1], &end->exec_errno, sizeof end->exec_errno, MSG_DONTWAIT) !=
      (ssize_t)sizeof end->exec_errno)
    end->exec_errno = 0;
  close(channel[1]);
  end->interrupted = pd_signals_restore(&trace.signals);
  pd_roster_free(&trace.roster);
  return ok;
}
