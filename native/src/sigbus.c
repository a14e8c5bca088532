/*
 * A region whose file is truncated raises SIGBUS in whoever reads it. The handler marks the region
 * lost, puts zero pages over the whole of it with one mmap (page by page would meet the kernel's
 * limit on mappings) and returns; the reader then sees the state and fails. Faults elsewhere go to
 * the handler that was installed before.
 */
#include "sigbus.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "registry.h"
#include "ztc/ztc.h"

static struct sigaction previous;
enum { NOT_INSTALLED = 0, INSTALLED = -1 };
static _Atomic int installation; /* or the id of the process in which a thread is at it */

/* Whether the instruction that raised the signal will raise it again; else somebody sent it. */
static bool comes_again(const siginfo_t *info) {
  return info->si_code > 0 && info->si_code != BUS_MCEERR_AO;
}

static void call_previous(int signal_number, siginfo_t *info, void *context) {
  if ((previous.sa_flags & SA_SIGINFO) != 0) {
    previous.sa_sigaction(signal_number, info, context);
  } else if (previous.sa_handler == SIG_DFL || previous.sa_handler == SIG_IGN) {
    /* An ignored or default SIGBUS from a fault kills the process: let the fault happen again. */
    if (previous.sa_handler == SIG_IGN && !comes_again(info))
      return;
    signal(signal_number, SIG_DFL);
    if (!comes_again(info))
      raise(signal_number);
  } else {
    previous.sa_handler(signal_number);
  }
}

static bool is_fault(const siginfo_t *info) {
  return info->si_code == BUS_ADRERR || info->si_code == BUS_OBJERR ||
         info->si_code == BUS_MCEERR_AR;
}

static void on_sigbus(int signal_number, siginfo_t *info, void *context) {
  const int saved_errno = errno;
  uintptr_t base;
  uint64_t size;
  const int32_t slot =
      is_fault(info) ? ztc__registry_find((uintptr_t)info->si_addr, &base, &size) : -1;
  if (slot >= 0) {
    /* The state first: no reader may take the zeros for data. */
    ztc__registry_fail(slot, ZTC_LOST);
    const long mapped = syscall(SYS_mmap, base, size, PROT_READ,
                                MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);
    if ((uintptr_t)mapped == base) {
      errno = saved_errno;
      return;
    }
  }
  call_previous(signal_number, info, context);
  errno = saved_errno;
}

/* False if it was installed before. Waits for a thread that is at it, but not in a child that was
   forked meanwhile, in which that thread is not. */
static bool begin_installation(void) {
  const int self = (int)getpid();
  int found = NOT_INSTALLED;
  while (!atomic_compare_exchange_strong(&installation, &found, self)) {
    if (found == INSTALLED)
      return false;
    if (found == self) {
      sched_yield();
      found = NOT_INSTALLED;
    }
  }
  return true;
}

ztc_status ztc_sigbus_install(void) {
  if (!begin_installation())
    return ZTC_OK;
  struct sigaction action, present;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = on_sigbus;
  action.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  bool done = sigaction(SIGBUS, NULL, &present) == 0;
  /* A parent's thread may have come as far as that before the fork. */
  if (done && ((present.sa_flags & SA_SIGINFO) == 0 || present.sa_sigaction != on_sigbus)) {
    previous = present;
    done = sigaction(SIGBUS, &action, NULL) == 0;
  }
  atomic_store(&installation, done ? INSTALLED : NOT_INSTALLED);
  return done ? ZTC_OK : ZTC_IO;
}

bool ztc__sigbus_is_first(void) {
  /* What the kernel has: a library that stands between may say something else. Its struct begins
     with the handler; room for the rest, and for a set of 64 signals. */
  uintptr_t action[8] = {0};
  return syscall(SYS_rt_sigaction, SIGBUS, NULL, action, 8) == 0 &&
         action[0] == (uintptr_t)on_sigbus;
}
