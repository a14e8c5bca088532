#include "worker.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

uint64_t pd_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

struct pd_target pd_worker_target(const struct pd_worker *worker,
                                  const struct pd_mapping *mapping) {
  return (struct pd_target){
      .kind = mapping->kind,
      .keeper = getpid(),
      .worker = worker->pid,
      .keeper_base = (uintptr_t)mapping->base,
      .worker_base = (uintptr_t)mapping->base,
      .pages = mapping->pages,
  };
}

static bool say(int channel) {
  ssize_t n = 0;
  do {
    n = send(channel, ".", 1, MSG_NOSIGNAL);
  } while (n < 0 && errno == EINTR);
  return n == 1;
}

static bool hear(int channel) {
  char byte = 0;
  ssize_t n = 0;
  do {
    n = recv(channel, &byte, 1, 0);
  } while (n < 0 && errno == EINTR);
  return n == 1;
}

static _Noreturn void worker_main(const struct pd_worker *worker, int channel,
                                  const struct pd_mapping *mapping, pd_job *prepare, pd_job *job,
                                  void *context) {
  struct pd_board *board = worker->board;
  struct pd_target target = pd_worker_target(worker, mapping);
  target.worker = getpid();
  pd_mapping_sweep(mapping);
  bool ok = prepare == NULL || prepare(context, board);
  atomic_store(&board->failed, ok ? 0 : 1);
  pd_audit_arm_inside(&target, board->arming);
  if (!say(channel) || !hear(channel))
    _exit(0);
  uint64_t start = pd_now();
  if (ok)
    ok = job(context, board);
  atomic_store(&board->work_ns, pd_now() - start);
  atomic_store(&board->failed, ok ? 0 : 1);
  if (say(channel))
    hear(channel);
  _exit(0);
}

bool pd_worker_start(struct pd_worker *worker, const struct pd_mapping *mapping, pd_job *prepare,
                     pd_job *job, void *context, struct pd_error *error) {
  int ends[2] = {-1, -1};
  memset(worker, 0, sizeof *worker);
  worker->channel = -1;
  worker->board =
      mmap(NULL, sizeof *worker->board, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (worker->board == MAP_FAILED) {
    worker->board = NULL;
    return pd_fail_errno(error, "no memory for a worker");
  }
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    pd_fail_errno(error, "no channel to a worker");
    pd_worker_end(worker);
    return false;
  }
  pid_t parent = getpid();
  fflush(NULL);
  worker->pid = fork();
  if (worker->pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
      _exit(0);
    close(ends[0]);
    worker_main(worker, ends[1], mapping, prepare, job, context);
  }
  int fork_errno = errno;
  close(ends[1]);
  worker->channel = ends[0];
  if (worker->pid > 0)
    return true;
  pd_worker_end(worker);
  errno = fork_errno;
  return pd_fail_errno(error, "a worker cannot be forked");
}

/* Says how a worker that should still live has died; true when it lives. */
static bool still_lives(struct pd_worker *worker, struct pd_error *error) {
  int status = 0;
  if (worker->pid <= 0)
    return pd_fail(error, "the worker has ended");
  if (waitpid(worker->pid, &status, WNOHANG) != worker->pid)
    return true;
  pid_t pid = worker->pid;
  worker->pid = 0;
  if (WIFSIGNALED(status)) {
    return pd_fail(error, "worker %ld was killed by signal %d (%s)", (long)pid, WTERMSIG(status),
                   strsignal(WTERMSIG(status)));
  }
  return pd_fail(error, "worker %ld ended early with exit code %d", (long)pid, WEXITSTATUS(status));
}

bool pd_worker_poll(struct pd_worker *worker, int milliseconds, bool *ready,
                    struct pd_error *error) {
  struct pollfd item = {.fd = worker->channel, .events = POLLIN};
  *ready = false;
  int n = poll(&item, 1, milliseconds);
  if (n > 0 && (item.revents & POLLIN) != 0 && hear(worker->channel)) {
    *ready = true;
    return true;
  }
  return still_lives(worker, error);
}

bool pd_worker_await(struct pd_worker *worker, struct pd_error *error) {
  bool ready = false;
  while (!ready) {
    if (!pd_worker_poll(worker, 100, &ready, error))
      return false;
  }
  if (atomic_load(&worker->board->failed) == 0)
    return true;
  return pd_fail(error, "%s", worker->board->why.text);
}

bool pd_worker_release(struct pd_worker *worker, struct pd_error *error) {
  if (say(worker->channel))
    return true;
  return pd_fail_errno(error, "worker %ld cannot be reached", (long)worker->pid);
}

void pd_worker_end(struct pd_worker *worker) {
  if (worker->pid > 0) {
    kill(worker->pid, SIGKILL);
    while (waitpid(worker->pid, NULL, 0) < 0 && errno == EINTR) {
    }
  }
  if (worker->board != NULL) {
    munmap(worker->board, sizeof *worker->board);
    if (worker->channel >= 0)
      close(worker->channel);
  }
  memset(worker, 0, sizeof *worker);
}
