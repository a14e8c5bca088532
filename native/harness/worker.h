/* One forked worker and the order of events between it and its keeper:
 * fork, sweep, arm | keeper arms | work | keeper measures | end. */
#ifndef PD_WORKER_H
#define PD_WORKER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "audit_mapping.h"
#include "clock.h"
#include "problem.h"
#include "witness.h"

/* Shared between worker and keeper; the only memory that a worker writes and the keeper reads. A
 * worker in a JVM maps it as a file: up to `why`, the Java worker knows this layout. */
struct pd_board {
  _Atomic uint64_t done;  /* records */
  _Atomic uint64_t bytes; /* copied */
  _Atomic uint64_t work_ns;
  _Atomic int failed;
  struct pd_error why; /* when failed */
  struct pd_arming arming[PD_WITNESSES];
};

/* The work itself, in the child; false with board->why filled when it went wrong. */
typedef bool pd_job(void *context, struct pd_board *board);

struct pd_worker {
  pid_t pid;
  int channel; /* one byte each way at every step */
  struct pd_board *board;
  int board_fd;
  bool program; /* of its own: it maps the source somewhere else */
};

/* The page range as keeper and worker see it. A program must have mapped it: await it first. */
bool pd_worker_target(const struct pd_worker *worker, const struct pd_mapping *mapping,
                      struct pd_target *target, struct pd_error *error);

/* What the worker noted about arming, on its board; NULL where nothing can be armed inside. A
 * program arms a shared mapping, which it makes itself; what it opened through the library is left
 * as it is. */
const struct pd_arming *pd_worker_arming(const struct pd_worker *worker,
                                         const struct pd_mapping *mapping);

/* Forks a worker that sweeps the mapping, runs `prepare` (may be NULL), arms the witnesses, and
 * waits to be released to do `job`. Without a mapping (NULL), it sweeps and arms nothing. The
 * worker dies with its parent. */
bool pd_worker_start(struct pd_worker *worker, const struct pd_mapping *mapping, pd_job *prepare,
                     pd_job *job, void *context, struct pd_error *error);

/* The two halves of pd_worker_start: the board, and the fork. */
bool pd_worker_board(struct pd_worker *worker, struct pd_error *error);
bool pd_worker_fork(struct pd_worker *worker, const struct pd_mapping *mapping, pd_job *prepare,
                    pd_job *job, void *context, struct pd_error *error);

/* A program that does the same over standard input and output, one byte each way at every step. */
struct pd_program {
  const char *const *command; /* NULL-terminated; the first is the path of the program */
  const char *environment;    /* one "NAME=value" to add; NULL: none */
  int board_fd;               /* the board's file as the program finds it */
  int inherited;              /* a descriptor to hand on, -1: none, */
  int inherited_fd;           /* and its number there */
};

/* Starts it on a worker that has its board. */
bool pd_worker_start_program(struct pd_worker *worker, const struct pd_program *program,
                             struct pd_error *error);

/* Waits until the worker is armed, or has finished its job: it is still then. */
bool pd_worker_await(struct pd_worker *worker, struct pd_error *error);

/* The same without waiting longer than `milliseconds`; *ready tells. */
bool pd_worker_poll(struct pd_worker *worker, int milliseconds, bool *ready,
                    struct pd_error *error);

/* Releases a worker to its next step. */
bool pd_worker_release(struct pd_worker *worker, struct pd_error *error);

/* Ends the worker, whatever it does, and frees what belongs to it. Harmless when not started. */
void pd_worker_end(struct pd_worker *worker);

#endif
