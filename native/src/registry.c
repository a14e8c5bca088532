#include "registry.h"

#include <stdalign.h>

typedef struct entry {
  alignas(64) _Atomic uintptr_t base; /* 0: free; 1: being filled in or cleared */
  _Atomic uint64_t size;
  _Atomic uint32_t state;
} entry;

static entry entries[ZTC__REGISTRY_SIZE];
static _Atomic int32_t used; /* slots at or above this were never taken */

int32_t ztc__registry_add(const void *base, uint64_t size) {
  for (int32_t slot = 0; slot < ZTC__REGISTRY_SIZE; slot++) {
    entry *e = &entries[slot];
    uintptr_t expected = 0;
    /* Looked at first: a compare-and-swap, also one that fails, un-shares the page after a fork. */
    if (atomic_load(&e->base) != 0 || !atomic_compare_exchange_strong(&e->base, &expected, 1))
      continue;
    atomic_store(&e->size, size);
    atomic_store(&e->state, ZTC_OK);
    atomic_store(&e->base, (uintptr_t)base);
    int32_t top = atomic_load(&used);
    while (top <= slot && !atomic_compare_exchange_weak(&used, &top, slot + 1)) {
    }
    return slot;
  }
  return -1;
}

void ztc__registry_remove(int32_t slot) {
  atomic_store(&entries[slot].base, 1);
  atomic_store(&entries[slot].size, 0);
  atomic_store(&entries[slot].base, 0);
}

_Atomic uint32_t *ztc__registry_state(int32_t slot) {
  return &entries[slot].state;
}

void ztc__registry_fail(int32_t slot, ztc_status to) {
  uint32_t expected = ZTC_OK;
  atomic_compare_exchange_strong(&entries[slot].state, &expected, (uint32_t)to);
}

int32_t ztc__registry_find(uintptr_t address, uintptr_t *base, uint64_t *size) {
  const int32_t top = atomic_load(&used);
  for (int32_t slot = 0; slot < top; slot++) {
    const uintptr_t from = atomic_load(&entries[slot].base);
    const uint64_t length = atomic_load(&entries[slot].size);
    if (from > 1 && address - from < length && atomic_load(&entries[slot].base) == from) {
      *base = from;
      *size = length;
      return slot;
    }
  }
  return -1;
}
