/*
 * All mappings that this library made, so that a SIGBUS can be told from somebody else's. Fixed,
 * lock-free, in static memory; each entry has a cache line. The state word of a region lives here,
 * not in its handle: the signal handler must be able to set it.
 */
#ifndef ZTC_REGISTRY_H
#define ZTC_REGISTRY_H

#include <stdatomic.h>
#include <stdint.h>

#include "ztc/ztc.h"

enum { ZTC__REGISTRY_SIZE = 4096 };

/* Registers [base, base + size) and returns its slot, or -1 if all are taken. Any thread. */
int32_t ztc__registry_add(const void *base, uint64_t size);
void ztc__registry_remove(int32_t slot);
/* The state word of a slot; a ztc_status. */
_Atomic uint32_t *ztc__registry_state(int32_t slot);
/* Moves the state from OK to `to` (CLOSED or LOST); the first one wins. Async-signal-safe. */
void ztc__registry_fail(int32_t slot, ztc_status to);
/* The slot whose range holds `address`, with the range; -1 if none. Async-signal-safe. */
int32_t ztc__registry_find(uintptr_t address, uintptr_t *base, uint64_t *size);

#endif
