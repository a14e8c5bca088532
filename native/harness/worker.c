#include "worker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "maps.h"
#include "pagemap.h"

_Static_assert(offsetof(struct pd_board, bytes) == 8 && offsetof(struct pd_board, work_ns) == 16 &&
                   offsetof(struct pd_board, failed) == 24 &&
                   offsetof(struct pd_board, why) == 28 && sizeof(struct pd_error) == 320,
               "Worker.java knows this layout");

/* Where the process maps the file behind the mapping, as a whole. */
static bool find_file(pid_t pid, const struct pd_mapping *mapping, uintptr_t *base,
                      struct pd_error *error) {
  struct pd_map own;
  struct pd_map map;
  bool found = false;
  if (mapping->fd < 0)
    return pd_fail(error, "there is no file that worker %ld could have mapped", (long)pid);
  if (!pd_maps_at(getpid(), (uintptr_t)mapping->base, &own, error))
    return false;
  FILE *maps = pd_maps_open(pid, error);
  if (maps == NULL)
    return false;
  while (!found && pd_maps_next(maps, &map)) {
    found = pd_map_same_file(&map, &own) && map.offset == 0 &&
            map.end - map.start == mapping->pages * pd_page_size();
    *base = map.start;
  }
  fclose(maps);
  return found || pd_fail(error, "worker %ld does not map the region", (long)pid);
}

bool pd_worker_target(const struct pd_worker *worker, const struct pd_mapping *mapping,
                      struct pd_target *target, struct pd_error *error) {
  *target = (struct pd_target){
      .kind = mapping->kind,
      .keeper = getpid(),
      .worker = worker->pid,
      .keeper_base = (uintptr_t)mapping->base,
      .worker_base = (uintptr_t)mapping->base,
      .pages = mapping->pages,
  };
  return !worker->program || find_file(worker->pid, mapping, &target->worker_base, error);
}

const struct pd_arming *pd_worker_arming(const struct pd_worker *worker,
                                         const struct pd_mapping *mapping) {
  return worker->program && !pd_mapping_is_shared(mapping->kind) ? NULL : worker->board->arming;
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
  struct pd_target target;
  if (mapping != NULL)
    pd_mapping_sweep(mapping);
  bool ok = prepare == NULL || prepare(context, board);
  atomic_store(&board->failed, ok ? 0 : 1);
  if (mapping != NULL) {
    pd_worker_target(worker, mapping, &target, NULL);
    target.keeper = getppid();
    target.worker = getpid();
    pd_audit_arm_inside(&target, board->arming);
  }
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

bool pd_worker_board(struct pd_worker *worker, struct pd_error *error) {
  *worker = (struct pd_worker){.channel = -1};
  worker->board_fd = memfd_create("pagediff-board", MFD_CLOEXEC);
  bool ok = worker->board_fd >= 0 && ftruncate(worker->board_fd, sizeof *worker->board) == 0;
  void *at = ok ? mmap(NULL, sizeof *worker->board, PROT_READ | PROT_WRITE, MAP_SHARED,
                       worker->board_fd, 0)
                : MAP_FAILED;
  if (at != MAP_FAILED) {
    worker->board = at;
    return true;
  }
  pd_fail_errno(error, "no memory for a worker");
  if (worker->board_fd >= 0)
    close(worker->board_fd);
  memset(worker, 0, sizeof *worker);
  return false;
}

/* Forks with a channel between the two; in the child, *child_end is its end. */
static bool fork_with_channel(struct pd_worker *worker, int *child_end, struct pd_error *error) {
  int ends[2] = {-1, -1};
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
    signal(SIGCHLD, SIG_DFL); /* ignored, children that it had would leave no trace */
    close(ends[0]);
    *child_end = ends[1];
    return true;
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

bool pd_worker_fork(struct pd_worker *worker, const struct pd_mapping *mapping, pd_job *prepare,
                    pd_job *job, void *context, struct pd_error *error) {
  int channel = -1;
  if (!fork_with_channel(worker, &channel, error))
    return false;
  if (channel >= 0)
    worker_main(worker, channel, mapping, prepare, job, context);
  return true;
}

bool pd_worker_start(struct pd_worker *worker, const struct pd_mapping *mapping, pd_job *prepare,
                     pd_job *job, void *context, struct pd_error *error) {
  return pd_worker_board(worker, error) &&
         pd_worker_fork(worker, mapping, prepare, job, context, error);
}

enum { FREE_FD = 64 }; /* from here on no program is promised a descriptor */

static bool hand_on(int fd, int as) {
  return fd >= 0 && dup2(fd, as) == as;
}

/* No descriptor but these is left open at exec. */
static _Noreturn void become_program(const struct pd_worker *worker, int channel,
                                     const struct pd_program *program) {
  bool ok = hand_on(channel, STDIN_FILENO) && hand_on(channel, STDOUT_FILENO);
  /* All copies first: a number wanted may be in use by one of the others. */
  int board = fcntl(worker->board_fd, F_DUPFD_CLOEXEC, FREE_FD);
  int inherited = program->inherited < 0 ? -1 : fcntl(program->inherited, F_DUPFD_CLOEXEC, FREE_FD);
  ok = ok && hand_on(board, program->board_fd) &&
       (program->inherited < 0 || hand_on(inherited, program->inherited_fd));
  if (program->environment != NULL)
    ok = ok && putenv((char *)(uintptr_t)program->environment) == 0;
  if (ok)
    execv(program->command[0], (char *const *)(uintptr_t)program->command);
  _exit(127);
}

bool pd_worker_start_program(struct pd_worker *worker, const struct pd_program *program,
                             struct pd_error *error) {
  int channel = -1;
  worker->program = true;
  if (!fork_with_channel(worker, &channel, error))
    return false;
  if (channel >= 0)
    become_program(worker, channel, program);
  return true;
}

/* Says how a worker that should still live has died; true when it lives. One whose end of the
 * channel is closed is of no use any more, and is ended. */
static bool still_lives(struct pd_worker *worker, bool hung_up, struct pd_error *error) {
  int status = 0;
  pid_t pid = worker->pid;
  pid_t ended = 0;
  if (pid <= 0)
    return pd_fail(error, "the worker has ended");
  if (hung_up)
    kill(pid, SIGKILL); /* no more than nothing, when it is at its end */
  do {
    ended = waitpid(pid, &status, hung_up ? 0 : WNOHANG);
  } while (ended < 0 && errno == EINTR);
  if (ended == 0)
    return true;
  worker->pid = 0;
  if (ended < 0)
    return pd_fail_errno(error, "worker %ld has ended, and how cannot be told", (long)pid);
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
  return still_lives(worker, n > 0, error);
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
    close(worker->board_fd);
    if (worker->channel >= 0)
      close(worker->channel);
  }
  memset(worker, 0, sizeof *worker);
}
