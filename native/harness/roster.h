/* The processes that a tracer follows, from the moment it hears of them: a child's first stop and
 * its parent's word of it come in any order. */
#ifndef PD_ROSTER_H
#define PD_ROSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum pd_presence {
  PD_ANNOUNCED, /* its parent told of it; it has not stopped yet */
  PD_HELD,      /* it is at its first stop, in memory that it may borrow; its parent tells */
  PD_RUNNING
};

struct pd_process {
  pid_t pid;
  pid_t parent;
  pid_t teller; /* the thread that told of it and is held until its first stop, or 0 */
  enum pd_presence presence;
  bool by_job_control; /* what the first stop of a held one was */
  bool borrows; /* it runs in its parent's memory (vfork) until it runs a program of its own */
  bool ended;   /* nothing of it is left that could still write, but who borrows its memory */
};

/* Zero-initialise; free with pd_roster_free. */
struct pd_roster {
  struct pd_process *processes;
  size_t count;
  pid_t *leaving; /* threads that were at their exit and have not been waited for */
  size_t leaving_count;
};

/* NULL when memory is short. Good until the next change. */
struct pd_process *pd_roster_add(struct pd_roster *roster, pid_t pid, pid_t parent,
                                 enum pd_presence presence);

struct pd_process *pd_roster_find(const struct pd_roster *roster, pid_t pid);

void pd_roster_remove(struct pd_roster *roster, pid_t pid);

/* What borrows its memory from this process has it from `owner` in truth, and goes on with it. */
void pd_roster_pass_on(struct pd_roster *roster, pid_t pid, pid_t owner);

/* A child that is held and whose parent this process is, or NULL. */
struct pd_process *pd_roster_held_child(const struct pd_roster *roster, pid_t parent);

/* A thread is at its exit. False when memory is short. */
bool pd_roster_leave(struct pd_roster *roster, pid_t thread);

/* It has been waited for, or a program took its place: that number may come back. */
void pd_roster_forget(struct pd_roster *roster, pid_t thread);

/* The other threads of a process that were not at their exit before, and could still write. */
enum pd_others {
  PD_NO_OTHERS,
  PD_UNTRACED_OTHERS, /* only such as never stop for the tracer (the kernel's own, of io_uring) */
  PD_TRACED_OTHERS
};

/* `thread` is at its exit. A leader that ended stays in the kernel's list until all have. */
enum pd_others pd_roster_others(const struct pd_roster *roster, pid_t process, pid_t thread);

/* Whether any process that is not in the roster is traced by this one: it has not been heard of. */
bool pd_roster_misses_any(const struct pd_roster *roster);

void pd_roster_free(struct pd_roster *roster);

#endif
