/* A process that ends while a child of it runs in its memory (vfork). */
#ifndef HARNESS_VFORK_H
#define HARNESS_VFORK_H

#include <pthread.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <unistd.h>

#include "harness_store.h"

static volatile pid_t vfork_owner;
static volatile int vfork_begun;

static inline void *end_when_begun(void *unused) {
  (void)unused;
  while (vfork_begun == 0)
    sched_yield();
  _exit(0); /* all threads; the child stays */
}

/* The child stores when the process has ended. */
static inline _Noreturn void store_when_the_owner_has_ended(uint8_t *at) {
  pthread_t thread;
  vfork_owner = getpid();
  if (pthread_create(&thread, NULL, end_when_begun, NULL) != 0)
    _exit(1);
  if (vfork() == 0) {
    vfork_begun = 1;
    while (getppid() == vfork_owner)
      sched_yield();
    silent_store(at);
    _exit(0);
  }
  for (;;)
    pause();
}

#endif
