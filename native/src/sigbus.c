/*
 * A region whose file is truncated raises SIGBUS in whoever reads it. The handler marks the region
 * lost, puts zero pages over the whole of it with one mmap (page by page would meet the kernel's
 * limit on mappings) and returns; the reader then sees the state and fails. Faults elsewhere go to
 * the handler that was installed before.
 */
#include "sigbus.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "registry.h"
#include "ztc/ztc.h"

static struct sigaction previous;
static _Atomic int installation; /* 0 no, 1 being done, 2 done */

static void call_previous(int signal_number, siginfo_t *info, void *context) {
  if ((previous.sa_flags & SA_SIGINFO) != 0) {
    previous.sa_sigaction(signal_number, info, context);
  } else if (previous.sa_handler == SIG_DFL || previous.sa_handler == SIG_IGN) {
    /* An ignored or default SIGBUS from a fault kills the process: let the fault happen again. */
    signal(signal_number, SIG_DFL);
    if (info->si_code <= 0)
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

ztc_status ztc_sigbus_install(void) {
  int expected = 0;
  if (!atomic_compare_exchange_strong(&installation, &expected, 1))
    return ZTC_OK;
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = on_sigbus;
  action.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  if (sigaction(SIGBUS, NULL, &previous) != 0 || sigaction(SIGBUS, &action, NULL) != 0) {
    atomic_store(&installation, 0);
    return ZTC_IO;
  }
  atomic_store(&installation, 2);
  return ZTC_OK;
}

bool ztc__sigbus_is_first(void) {
  /* What the kernel has: a library that stands between may say something else. Its struct begins
     with the handler; room for the rest, and for a set of 64 signals. */
  uintptr_t action[8] = {0};
  return syscall(SYS_rt_sigaction, SIGBUS, NULL, action, 8) == 0 &&
         action[0] == (uintptr_t)on_sigbus;
}
