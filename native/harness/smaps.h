/* The kernel's own account of a mapping, in kB: /proc/PID/smaps and smaps_rollup. */
#ifndef PD_SMAPS_H
#define PD_SMAPS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "problem.h"

struct pd_smaps {
  uint64_t rss_kb;
  uint64_t pss_kb;
  uint64_t private_clean_kb;
  uint64_t private_dirty_kb;
  uint64_t anonymous_kb;
  uint64_t huge_kb; /* transparent huge pages of any sort */
  uint64_t ksm_kb;  /* merged by kernel same-page merging */
  uint64_t swap_kb;
  bool may_write;    /* some mapping has `mw` in VmFlags: the kernel would allow writes */
  bool writable;     /* some mapping has `wr` */
  bool mergeable;    /* some mapping has `mg`: KSM may merge its pages at any time */
  unsigned mappings; /* mappings summed up */
};

static inline uint64_t pd_smaps_private_kb(const struct pd_smaps *s) {
  return s->private_clean_kb + s->private_dirty_kb;
}

/* Sums the mappings that lie within [base, base + size); one that only overlaps it is an error,
 * because its figures could not be told apart. */
bool pd_smaps_range(pid_t pid, uintptr_t base, size_t size, struct pd_smaps *out,
                    struct pd_error *error);

/* Sums the mappings that overlap the range, whole. */
bool pd_smaps_overlapping(pid_t pid, uintptr_t base, size_t size, struct pd_smaps *out,
                          struct pd_error *error);

/* Sums the mappings that `choose` says true of; none is no error. */
typedef bool pd_smaps_choice(const void *context, uintptr_t start, uintptr_t end);
bool pd_smaps_chosen(pid_t pid, pd_smaps_choice *choose, const void *context, struct pd_smaps *out,
                     struct pd_error *error);

/* The whole process. */
bool pd_smaps_rollup(pid_t pid, struct pd_smaps *out, struct pd_error *error);

#endif
