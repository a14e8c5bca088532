/* The deeds of the controls. Everything here runs in a forked worker. */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "control.h"
#include "pagemap.h"

static void increment(uint8_t *at) {
  ++*(volatile uint32_t *)(void *)at;
}

static void store_back(uint8_t *at) {
  volatile uint8_t *place = at;
  uint8_t value = *place;
  *place = value;
}

static void swap_in_vain(uint8_t *at) {
  _Atomic uint64_t *place = (_Atomic uint64_t *)(void *)at;
  uint64_t wrong = ~atomic_load(place);
  atomic_compare_exchange_strong(place, &wrong, UINT64_C(5));
}

/* Other bytes than are there, so that the digest sees them where the mapping is shared. */
static bool read_into(uint8_t *at, const int pipe_ends[2], struct pd_error *error) {
  uint8_t other[8];
  for (size_t i = 0; i < sizeof other; i++)
    other[i] = (uint8_t)~at[i];
  if (write(pipe_ends[1], other, sizeof other) != (ssize_t)sizeof other ||
      read(pipe_ends[0], at, sizeof other) != (ssize_t)sizeof other) {
    return pd_fail_errno(error, "read(2) into the range");
  }
  return true;
}

static bool write_and_give_back(uint8_t *at, struct pd_error *error) {
  size_t page = pd_page_size();
  *(volatile uint8_t *)at ^= 1;
  void *start = (void *)((uintptr_t)at / page * page);
  return madvise(start, page, MADV_DONTNEED) == 0 || pd_fail_errno(error, "MADV_DONTNEED");
}

static bool read_from(uint8_t *at, struct pd_error *error) {
  uint8_t copy[8];
  struct iovec to = {.iov_base = copy, .iov_len = sizeof copy};
  struct iovec from = {.iov_base = at, .iov_len = sizeof copy};
  return process_vm_readv(getpid(), &to, 1, &from, 1, 0) == (ssize_t)sizeof copy ||
         pd_fail_errno(error, "process_vm_readv");
}

static bool strike_one(const struct pd_strike *strike, size_t i, const int pipe_ends[2],
                       struct pd_error *error) {
  uint8_t *at = strike->base + strike->places[i];
  switch (strike->control) {
    case PD_REFCOUNT:
      increment(at);
      return true;
    case PD_SILENT_STORE:
      store_back(at);
      return true;
    case PD_FAILED_CAS:
      swap_in_vain(at);
      return true;
    case PD_READ_INTO:
      return read_into(at, pipe_ends, error);
    case PD_DONTNEED:
      return write_and_give_back(at, error);
    case PD_VM_READV:
      return read_from(at, error);
    default:
      return true;
  }
}

bool pd_strike(const struct pd_strike *strike, struct pd_error *error) {
  int pipe_ends[2] = {-1, -1};
  bool ok = true;
  if (strike->control == PD_READ_INTO && pipe(pipe_ends) != 0) {
    return pd_fail_errno(error, "no pipe");
  }
  for (size_t i = 0; ok && i < strike->count; i++) {
    (void)*(const volatile uint8_t *)(strike->base + strike->places[i]);
    ok = strike_one(strike, i, pipe_ends, error);
  }
  if (pipe_ends[0] >= 0) {
    close(pipe_ends[0]);
    close(pipe_ends[1]);
  }
  return ok;
}
