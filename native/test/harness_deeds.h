/* Rare ways to write to a page and to be rid of it, for pools that are watched. */
#ifndef HARNESS_DEEDS_H
#define HARNESS_DEEDS_H

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness_filter.h"
#include "harness_store.h"
#include "harness_untraced.h"
#include "harness_vfork.h"
#include "pagemap.h"

static pthread_t first_thread;

static void *store_after_the_first_thread(void *at) {
  pthread_join(first_thread, NULL);
  silent_store(at);
  _exit(0); /* leak checkers do not work on a traced process */
}

/* The last thread's deed is the process's: its first thread has ended, and none may do more. */
static _Noreturn void store_in_the_last_thread(uint8_t *at) {
  pthread_t thread;
  first_thread = pthread_self();
  if (pthread_create(&thread, NULL, store_after_the_first_thread, at) != 0)
    _exit(1);
  pthread_exit(NULL);
}

/* With a process of its own that runs in this memory. */
static void store_and_give_back_in_vfork(uint8_t *at) {
  pid_t pid = vfork();
  if (pid == 0) {
    silent_store(at);
    madvise(at, pd_page_size(), MADV_DONTNEED);
    _exit(0);
  }
  waitpid(pid, NULL, 0);
}

/* Kernels before 6.13 refuse: the store is still there then. */
static void give_back_by_process(uint8_t *at) {
  const int process_madvise = 440;
  struct iovec range = {at, pd_page_size()};
  int self = (int)syscall(SYS_pidfd_open, getpid(), 0);
  syscall(process_madvise, self, &range, 1UL, MADV_DONTNEED, 0U);
}

static void attach_over(uint8_t *at) {
  int id = shmget(IPC_PRIVATE, pd_page_size(), 0600);
  if (shmat(id, at, SHM_REMAP) != at)
    _exit(1);
  shmctl(id, IPC_RMID, NULL);
}

/* Ways to drop a page that are not in every kernel, and processes made in unusual ways. */
static void do_rare_deed(const char *deed, uint8_t *stray) {
  const int give_back_locked = 24;
  const int install_guard = 102;
  if (strcmp(deed, "last-thread") == 0)
    store_in_the_last_thread(stray);
  if (strcmp(deed, "untraced-thread") == 0)
    store_in_an_untraced_thread(stray);
  if (strcmp(deed, "leave-vfork") == 0)
    store_when_the_owner_has_ended(stray);
  if (strcmp(deed, "vfork-give-back") == 0) {
    store_and_give_back_in_vfork(stray);
  } else if (strcmp(deed, "give-back-locked") == 0) {
    silent_store(stray);
    madvise(stray, pd_page_size(), give_back_locked);
  } else if (strcmp(deed, "guard") == 0) {
    silent_store(stray);
    madvise(stray, pd_page_size(), install_guard);
  } else if (strcmp(deed, "give-back-by-process") == 0) {
    silent_store(stray);
    give_back_by_process(stray);
  } else if (strcmp(deed, "attach-over") == 0) {
    silent_store(stray);
    attach_over(stray);
  } else if (strcmp(deed, "x32") == 0) {
    const long other_form = 0x40000000; /* refused or not */
    syscall(other_form + SYS_getpid);
  } else if (strcmp(deed, "own-filter") == 0) { /* its number is not that of a call that is known */
    filter_call(SYS_madvise, SECCOMP_RET_TRACE | 1);
    silent_store(stray);
    madvise(stray, pd_page_size(), MADV_DONTNEED);
  } else if (strcmp(deed, "waited-for-grandchild") == 0) { /* as vfork, in memory of its own */
    pid_t pid = (pid_t)syscall(SYS_clone, CLONE_VFORK | SIGCHLD, 0, 0, 0, 0);
    if (pid == 0) {
      silent_store(stray);
      _exit(0);
    }
    waitpid(pid, NULL, 0);
  }
}

#endif
