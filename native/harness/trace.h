/* Runs a command and follows it through its forks with ptrace, to its end. */
#ifndef PD_TRACE_H
#define PD_TRACE_H

#include <stdbool.h>
#include <sys/types.h>

#include "problem.h"

/* Called while the process concerned is stopped. A false return ends the run. */
struct pd_trace_events {
  /* `parent` is about to return from fork; `child` has not run yet or just begun. */
  bool (*forked)(void *context, pid_t parent, pid_t child, struct pd_error *error);
  bool (*executed)(void *context, pid_t pid, struct pd_error *error);
  /* Every `tick_ms` or a little later, between two stops; may be NULL. */
  void (*tick)(void *context);
  unsigned tick_ms;
  /* The last thread of process `pid` is at its exit, its memory still there. */
  bool (*exiting)(void *context, pid_t pid, struct pd_error *error);
};

/* `arguments` is a NULL-terminated command line, found on PATH. *status is the command's wait
 * status. Everything that the command started is killed when this process ends early. */
bool pd_trace_run(char *const arguments[], const struct pd_trace_events *events, void *context,
                  int *status, struct pd_error *error);

#endif
