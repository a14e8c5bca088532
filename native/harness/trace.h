/* Runs a command and follows it through its forks with ptrace, to its end. */
#ifndef PD_TRACE_H
#define PD_TRACE_H

#include <stdbool.h>
#include <sys/types.h>

#include "callstop.h"
#include "problem.h"

struct pd_exit {
  pid_t pid;
  pid_t thread;
  bool last;
  bool killed; /* by SIGKILL: then the kernel may have taken memory from it before */
};

/* Called while the process concerned is stopped. A false return ends the run. */
struct pd_trace_events {
  /* `child` is held before its first instruction; its parent's threads may be running. 0: the
   * parent was killed in the fork, and is not known any more. */
  bool (*forked)(void *context, pid_t parent, pid_t child, struct pd_error *error);
  /* `thread` is about to do a call that drops memory of `pid`: one of its own threads, or one of a
   * child that runs in its memory (vfork). NULL: no stops for these. */
  bool (*calling)(void *context, pid_t pid, pid_t thread, const struct pd_call *call,
                  struct pd_error *error);
  /* There are no stops at calls although they were asked for, because of that. Told before the
   * command runs. May be NULL without `calling`. */
  void (*calls_refused)(void *context, const struct pd_error *why);
  /* Another program has taken the place of `pid`'s. */
  bool (*executed)(void *context, pid_t pid, struct pd_error *error);
  /* Every `tick_ms` or a little later, between two stops; may be NULL. */
  void (*tick)(void *context);
  unsigned tick_ms;
  /* A thread of process `pid` is at its exit, its memory still there: to be read through the
   * thread, as the first one may have ended before. Told of the first one's exit, of the last one
   * that stops, and as `last` when none is left that could still write. One of a child that runs
   * in its memory (vfork) and outlives it counts as its own. */
  bool (*exiting)(void *context, const struct pd_exit *ending, struct pd_error *error);
  /* Something about a stopped process or thread could not be read: what it does may be missed. */
  void (*trouble)(void *context, pid_t pid, const struct pd_error *why);
  /* The process has been waited for, and nobody is left in its memory: its number may come back. */
  void (*gone)(void *context, pid_t pid);
};

struct pd_trace_end {
  int status;      /* the command's wait status */
  int exec_errno;  /* why the program could not be run, or 0 */
  int interrupted; /* the last SIGINT, SIGQUIT, SIGTERM or SIGHUP that came, or 0 */
};

/* `arguments` is a NULL-terminated command line, found on PATH. Signals that are to end this
 * process are handed on to the command (see signals.h); the run goes on until everything that the
 * command started has ended. All of that is killed when this process ends early. */
bool pd_trace_run(char *const arguments[], const struct pd_trace_events *events, void *context,
                  struct pd_trace_end *end, struct pd_error *error);

#endif
