/* One worker: accepts a connection, answers its lines, accepts the next. */
#ifndef PREFORK_WORKER_H
#define PREFORK_WORKER_H

#include <stdint.h>
#include <sys/types.h>
#include <ztc/ztc.h>

/* What a worker tells its master when it has done what a SIGHUP asked for. Written whole. */
struct worker_report {
  pid_t pid;
  int32_t status; /* ztc_status of the reload */
};

/*
 * Serves until SIGTERM. `live` was opened by the master before the fork; from here on this worker
 * polls it alone. SIGHUP: take the region at the path, between two requests, and write a report to
 * `reports`. SIGHUP and SIGTERM are blocked on entry, and are let in only while there is nothing
 * to do. Returns the exit status.
 */
int worker_run(int listener, int reports, ztc_live *live);

#endif
