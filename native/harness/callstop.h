/* Stops a traced process before a system call that drops memory: only then can be seen what the
 * process had done to it. A seccomp filter asks the tracer, and lets everything through. */
#ifndef PD_CALLSTOP_H
#define PD_CALLSTOP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "problem.h"

/* A call that is about to drop memory: all of it (exec), or up to two ranges. */
struct pd_call {
  bool exec;
  bool kept; /* all the same, another process runs in that memory after it */
  /* Of another architecture, of x32, or told by a filter of the command's own: what it does cannot
   * be told. */
  bool foreign;
  struct {
    uintptr_t start;
    uintptr_t end; /* start: nothing */
  } ranges[2];
};

/* In the process that will be traced with PTRACE_O_TRACESECCOMP, before it runs anything: every
 * process that comes of it has the filter. Calls fail with ENOSYS when the tracer is gone. */
bool pd_callstop_install(struct pd_error *error);

/* What the process, which is at its PTRACE_EVENT_SECCOMP stop, is about to do. */
void pd_callstop_read(pid_t pid, struct pd_call *call);

static inline bool pd_call_drops(const struct pd_call *call, uintptr_t start, uintptr_t end) {
  for (int i = 0; i < 2; i++) {
    if (call->ranges[i].start < end && call->ranges[i].end > start)
      return true;
  }
  return call->exec;
}

#endif
