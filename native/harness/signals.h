/* Signals that reach the program while it follows a command. They are meant for the command: it is
 * let to end as it does, and its report is written. */
#ifndef PD_SIGNALS_H
#define PD_SIGNALS_H

#include <signal.h>
#include <sys/types.h>

#include "roster.h"

enum { PD_SIGNALS_DIVERTED = 4 };

struct pd_signals {
  struct sigaction before[PD_SIGNALS_DIVERTED];
  sigset_t open;   /* in a wait */
  sigset_t closed; /* at any other time: the roster changes then */
};

/* From now on, SIGTERM, SIGHUP, SIGINT and SIGQUIT go on to the `command`, or, when that has ended,
 * to all in the roster; the last two only when they came from a process: a terminal sends them to
 * the command as well. A signal that was ignored before stays so. For a process that was forked
 * already nothing changes. One at a time. */
void pd_signals_divert(struct pd_signals *signals, const struct pd_roster *roster, pid_t command);

/* As waitpid for any process; the signals come in here only. */
pid_t pd_signals_wait(const struct pd_signals *signals, int *status);

/* As it was before. Returns the last one of these signals that came, or 0. */
int pd_signals_restore(const struct pd_signals *signals);

#endif
