#include "signals.h"

#include <errno.h>
#include <sys/wait.h>

static const int DIVERTED[PD_SIGNALS_DIVERTED] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP};

/* What is followed now. */
static const struct pd_roster *followed;
static pid_t first;
static volatile sig_atomic_t last;

/* Runs in pd_signals_wait alone, where nothing changes the roster. */
static void hand_on(int number, siginfo_t *info, void *unused) {
  int saved = errno;
  (void)unused;
  last = number;
  if (number == SIGTERM || number == SIGHUP || info->si_code != SI_KERNEL) {
    bool all = pd_roster_find(followed, first) == NULL;
    for (size_t i = 0; i < followed->count; i++) {
      if (all || followed->processes[i].pid == first)
        kill(followed->processes[i].pid, number);
    }
  }
  errno = saved;
}

void pd_signals_divert(struct pd_signals *signals, const struct pd_roster *roster, pid_t command) {
  struct sigaction action = {.sa_sigaction = hand_on, .sa_flags = SA_SIGINFO};
  sigset_t all;
  sigemptyset(&all);
  for (int i = 0; i < PD_SIGNALS_DIVERTED; i++)
    sigaddset(&all, DIVERTED[i]);
  action.sa_mask = all;
  followed = roster;
  first = command;
  last = 0;
  sigprocmask(SIG_BLOCK, &all, &signals->open);
  sigprocmask(SIG_BLOCK, NULL, &signals->closed);
  for (int i = 0; i < PD_SIGNALS_DIVERTED; i++) {
    sigaction(DIVERTED[i], NULL, &signals->before[i]);
    if (signals->before[i].sa_handler != SIG_IGN)
      sigaction(DIVERTED[i], &action, NULL);
  }
}

pid_t pd_signals_wait(const struct pd_signals *signals, int *status) {
  sigprocmask(SIG_SETMASK, &signals->open, NULL);
  pid_t pid = waitpid(-1, status, __WALL);
  int saved = errno;
  sigprocmask(SIG_SETMASK, &signals->closed, NULL);
  errno = saved;
  return pid;
}

int pd_signals_restore(const struct pd_signals *signals) {
  sigprocmask(SIG_SETMASK, &signals->open, NULL); /* what is pending comes first */
  for (int i = 0; i < PD_SIGNALS_DIVERTED; i++)
    sigaction(DIVERTED[i], &signals->before[i], NULL);
  return last;
}
