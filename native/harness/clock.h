#ifndef PD_CLOCK_H
#define PD_CLOCK_H

#include <stdint.h>

/* Nanoseconds of the monotonic clock. */
uint64_t pd_now(void);

#endif
