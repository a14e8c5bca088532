/* The master: forks workers, replaces those that die, passes signals on. */
#ifndef PREFORK_POOL_H
#define PREFORK_POOL_H

#include <ztc/ztc.h>

/*
 * Runs `workers` workers on the listening socket until SIGTERM or SIGINT, and returns the exit
 * status. A line on standard output names the port once signals are taken. SIGHUP polls `live`;
 * when another region is at the path, all workers take it, too, and a line on standard output says
 * when the last one has. A region that cannot be opened is named on standard error, and the old one
 * stays. `live` is the caller's.
 */
int pool_run(int listener, unsigned workers, ztc_live *live);

enum { POOL_WORKERS_MAX = 256 };

#endif
