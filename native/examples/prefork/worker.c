#include "worker.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "answer.h"

enum { LINE_SIZE = 8192, IDLE_SECONDS = 30 };

static volatile sig_atomic_t reload_ordered;
static volatile sig_atomic_t stop_ordered;

static void take_order(int number) {
  if (number == SIGHUP)
    reload_ordered = 1;
  else
    stop_ordered = 1;
}

struct worker {
  int reports;
  sigset_t while_waiting;
  struct desk desk;
};

/* Between two requests nothing reads the old region: it is closed and freed at once. */
static void region_reload(struct worker *worker) {
  ztc_error error;
  const ztc_status status = ztc_live_poll(worker->desk.live, NULL, &error);
  if (status != ZTC_OK)
    fprintf(stderr, "prefork: worker %ld keeps the old region: %s\n", (long)getpid(),
            error.message);
  ztc_live_reclaim(worker->desk.live);
  const struct worker_report report = {.pid = getpid(), .status = (int32_t)status};
  if (write(worker->reports, &report, sizeof report) != (ssize_t)sizeof report)
    stop_ordered = 1; /* the master is gone */
}

/* Waits until `fd` can be read, and obeys what comes meanwhile. False: stop, or idle too long. */
static bool wait_readable(struct worker *worker, int fd, int seconds) {
  const struct timespec limit = {.tv_sec = seconds};
  for (;;) {
    if (reload_ordered) {
      reload_ordered = 0;
      region_reload(worker);
    }
    if (stop_ordered)
      return false;
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    const int ready = ppoll(&wait, 1, seconds == 0 ? NULL : &limit, &worker->while_waiting);
    if (ready > 0)
      return true;
    if (ready == 0 || errno != EINTR)
      return false;
  }
}

static bool send_all(int fd, const char *bytes, size_t size) {
  while (size > 0) {
    const ssize_t sent = send(fd, bytes, size, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR)
      continue;
    if (sent <= 0)
      return false;
    bytes += sent;
    size -= (size_t)sent;
  }
  return true;
}

/* Answers the whole lines in line[0 .. *size) and keeps what is left. */
static bool lines_answer(struct worker *worker, int fd, char *line, size_t *size) {
  char *start = line;
  char *end;
  while ((end = memchr(start, '\n', *size - (size_t)(start - line))) != NULL) {
    *end = '\0';
    if (end > start && end[-1] == '\r')
      end[-1] = '\0';
    if (!desk_answer(&worker->desk, start) ||
        !send_all(fd, worker->desk.out.bytes, worker->desk.out.size))
      return false;
    start = end + 1;
  }
  *size -= (size_t)(start - line);
  memmove(line, start, *size);
  return true;
}

static void connection_serve(struct worker *worker, int fd) {
  static const char too_long[] = "error TOO_LARGE a line has at most 8192 bytes\n";
  const struct timeval limit = {.tv_sec = IDLE_SECONDS};
  char line[LINE_SIZE];
  size_t size = 0;
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  while (wait_readable(worker, fd, IDLE_SECONDS)) {
    const ssize_t got = recv(fd, line + size, sizeof line - size, 0);
    if (got <= 0)
      return;
    size += (size_t)got;
    if (!lines_answer(worker, fd, line, &size))
      return;
    if (size == sizeof line) {
      send_all(fd, too_long, sizeof too_long - 1);
      return;
    }
  }
}

int worker_run(int listener, int reports, ztc_live *live) {
  struct worker worker = {.reports = reports, .desk.live = live};
  const struct sigaction action = {.sa_handler = take_order};
  sigaction(SIGHUP, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  sigprocmask(SIG_SETMASK, NULL, &worker.while_waiting);
  sigdelset(&worker.while_waiting, SIGHUP);
  sigdelset(&worker.while_waiting, SIGTERM);
  int status = 0;
  while (wait_readable(&worker, listener, 0)) {
    const int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd >= 0) {
      connection_serve(&worker, fd);
      close(fd);
    } else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
      perror("prefork: accept");
      status = 1;
      break;
    }
  }
  desk_free(&worker.desk);
  ztc_live_free(live);
  return status;
}
