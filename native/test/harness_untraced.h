/* A thread that never stops for a tracer, as the kernel's own for io_uring. */
#ifndef HARNESS_UNTRACED_H
#define HARNESS_UNTRACED_H

#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness_store.h"

static volatile int leader_runs = 1; /* which the kernel clears when the leader has ended */

static inline int store_when_alone(void *at) {
  while (leader_runs != 0)
    sched_yield();
  silent_store(at);
  return 0;
}

/* The process's first thread ends, and the other one writes after that. */
static inline _Noreturn void store_in_an_untraced_thread(uint8_t *at) {
  static uint8_t stack[1 << 16] __attribute__((aligned(16)));
  const int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
                    CLONE_SYSVSEM | CLONE_UNTRACED;
  if (syscall(SYS_set_tid_address, &leader_runs) < 0 ||
      clone(store_when_alone, stack + sizeof stack, flags, at) < 0)
    _exit(1);
  for (;;)
    syscall(SYS_exit, 0); /* this thread's end alone */
}

#endif
