#include "pool.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "worker.h"

enum { SHORT_LIVES = 16, SHORT_SECONDS = 10 }; /* so many in a row, and the pool gives up */

static volatile sig_atomic_t reload_ordered;
static volatile sig_atomic_t stop_ordered;

static void take_order(int number) {
  if (number == SIGHUP)
    reload_ordered = 1;
  else if (number != SIGCHLD) /* which only has to end the waiting */
    stop_ordered = 1;
}

struct slot {
  pid_t pid;
  time_t since; /* seconds of a clock that is never set */
  bool reloading;
};

struct pool {
  int listener;
  int reports[2];
  unsigned workers;
  unsigned failures;
  ztc_live *live;
  sigset_t while_waiting;
  struct slot slots[POOL_WORKERS_MAX];
};

static time_t seconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec;
}

static bool worker_start(struct pool *pool, struct slot *slot) {
  const pid_t master = getpid();
  fflush(NULL);
  const pid_t pid = fork();
  if (pid < 0) {
    perror("prefork: fork");
    return false;
  }
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    close(pool->reports[0]);
    _exit(getppid() == master ? worker_run(pool->listener, pool->reports[1], pool->live) : 1);
  }
  *slot = (struct slot){.pid = pid, .since = seconds_now()};
  return true;
}

static void workers_signal(const struct pool *pool, int number) {
  for (unsigned i = 0; i < pool->workers; i++) {
    if (pool->slots[i].pid > 0)
      kill(pool->slots[i].pid, number);
  }
}

static bool workers_reload(const struct pool *pool) {
  for (unsigned i = 0; i < pool->workers; i++) {
    if (pool->slots[i].reloading)
      return true;
  }
  return false;
}

static struct slot *slot_of(struct pool *pool, pid_t pid) {
  for (unsigned i = 0; i < pool->workers; i++) {
    if (pool->slots[i].pid == pid)
      return &pool->slots[i];
  }
  return NULL;
}

static void reload_finish(const struct pool *pool) {
  printf("reloaded: all workers serve %" PRIu64 " records\n",
         ztc_region_count(ztc_live_region(pool->live)));
  fflush(stdout);
}

/* The master's own region is swapped as well, so that a worker that is replaced has the new one. */
static void reload_begin(struct pool *pool) {
  ztc_error error;
  bool swapped = false;
  if (ztc_live_poll(pool->live, &swapped, &error) != ZTC_OK) {
    fprintf(stderr, "prefork: the old region stays: %s\n", error.message);
    return;
  }
  if (!swapped) {
    fputs("prefork: there is no other region at the path\n", stderr);
    return;
  }
  ztc_live_reclaim(pool->live);
  for (unsigned i = 0; i < pool->workers; i++)
    pool->slots[i].reloading = true;
  workers_signal(pool, SIGHUP);
}

static void reports_read(struct pool *pool) {
  struct worker_report report;
  while (read(pool->reports[0], &report, sizeof report) == (ssize_t)sizeof report) {
    struct slot *slot = slot_of(pool, report.pid);
    if (slot == NULL || !slot->reloading)
      continue;
    slot->reloading = false;
    if (!workers_reload(pool))
      reload_finish(pool);
  }
}

/* A worker that ended though nobody asked is replaced. */
static bool ends_attend(struct pool *pool) {
  int status;
  pid_t pid;
  while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
    struct slot *slot = slot_of(pool, pid);
    if (slot == NULL)
      continue;
    fprintf(stderr, "prefork: worker %ld ended, wait status 0x%x: it is replaced\n", (long)pid,
            (unsigned)status);
    pool->failures = seconds_now() - slot->since < SHORT_SECONDS ? pool->failures + 1 : 0;
    if (pool->failures > SHORT_LIVES) {
      fputs("prefork: too many workers ended: giving up\n", stderr);
      slot->pid = 0;
      return false;
    }
    const bool was_reloading = slot->reloading;
    slot->pid = 0;
    if (!worker_start(pool, slot))
      return false;
    if (was_reloading && !workers_reload(pool))
      reload_finish(pool);
  }
  return true;
}

static bool workers_attend(struct pool *pool) {
  while (!stop_ordered) {
    if (!ends_attend(pool))
      return false;
    if (reload_ordered && !workers_reload(pool)) { /* one reload at a time */
      reload_ordered = 0;
      reload_begin(pool);
    }
    struct pollfd wait = {.fd = pool->reports[0], .events = POLLIN};
    if (ppoll(&wait, 1, NULL, &pool->while_waiting) > 0)
      reports_read(pool);
  }
  return true;
}

static void signals_prepare(struct pool *pool) {
  static const int numbers[] = {SIGHUP, SIGTERM, SIGINT, SIGCHLD};
  const struct sigaction action = {.sa_handler = take_order};
  sigset_t blocked;
  sigemptyset(&blocked);
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    sigaction(numbers[i], &action, NULL);
    sigaddset(&blocked, numbers[i]);
  }
  sigprocmask(SIG_BLOCK, &blocked, &pool->while_waiting);
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
    sigdelset(&pool->while_waiting, numbers[i]);
}

/* Not before signals are taken: who reads the line may send one. */
static bool port_announce(int listener) {
  struct sockaddr_in address;
  socklen_t size = sizeof address;
  if (getsockname(listener, (struct sockaddr *)&address, &size) != 0)
    return false;
  printf("listening on 127.0.0.1 port %u, process %ld\n", (unsigned)ntohs(address.sin_port),
         (long)getpid());
  return fflush(stdout) == 0;
}

int pool_run(int listener, unsigned workers, ztc_live *live) {
  struct pool pool = {.listener = listener, .workers = workers, .live = live};
  if (pipe2(pool.reports, O_CLOEXEC) != 0 || fcntl(pool.reports[0], F_SETFL, O_NONBLOCK) != 0) {
    perror("prefork: pipe");
    return 1;
  }
  signals_prepare(&pool);
  bool ok = true;
  for (unsigned i = 0; i < workers && ok; i++)
    ok = worker_start(&pool, &pool.slots[i]);
  ok = ok && port_announce(listener) && workers_attend(&pool);
  workers_signal(&pool, SIGTERM);
  for (pid_t pid; (pid = waitpid(-1, NULL, 0)) > 0 || errno == EINTR;)
    continue;
  close(pool.reports[0]);
  close(pool.reports[1]);
  return ok ? 0 : 1;
}
