/* Worker processes over one region: what they share, what they cost, how they scale. */
#ifndef ZTC_WORKERS_H
#define ZTC_WORKERS_H

#include <stdint.h>
#include <sys/types.h>

typedef struct memory {
  uint64_t pss_kb, private_kb, region_pss_kb;
} memory;

/* What the kernel says about a process; the mappings of `region` also apart. 0 if unreadable. */
int memory_of(pid_t pid, const char *region, memory *out);

#endif
