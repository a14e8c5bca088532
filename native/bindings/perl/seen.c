#include "zt.h"

static inline size_t slot_of(const void *key, size_t mask) {
  return (size_t)(((uintptr_t)key >> 3) * UINT64_C(0x9E3779B97F4A7C15) >> 32) & mask;
}

static zt_seen_entry *place(const zt_seen *seen, const void *key) {
  size_t slot = slot_of(key, seen->mask);
  while (seen->entries[slot].key != NULL && seen->entries[slot].key != key) {
    slot = (slot + 1) & seen->mask;
  }
  return &seen->entries[slot];
}

void **zt_seen_find(const zt_seen *seen, const void *key) {
  if (seen->used == 0) return NULL;
  zt_seen_entry *entry = place(seen, key);
  return entry->key != NULL ? &entry->value : NULL;
}

static void grow(zt_seen *seen) {
  zt_seen_entry *const old = seen->entries;
  const size_t old_size = seen->mask + 1;
  seen->mask = old_size * 4 - 1;
  Newxz(seen->entries, seen->mask + 1, zt_seen_entry);
  for (size_t i = 0; i < old_size; i++) {
    if (old[i].key != NULL) *place(seen, old[i].key) = old[i];
  }
  if (old != seen->small) Safefree(old);
}

void zt_seen_add(zt_seen *seen, const void *key, void *value) {
  if (seen->entries == NULL) {
    memset(seen->small, 0, sizeof seen->small);
    seen->entries = seen->small;
    seen->mask = ZT_SEEN_SMALL - 1;
  } else if (seen->used >= (seen->mask + 1) / 2) {
    grow(seen);
  }
  *place(seen, key) = (zt_seen_entry){.key = key, .value = value};
  seen->used++;
}

void zt_seen_clear(zt_seen *seen) {
  if (seen->used == 0) return;
  if (seen->mask >= 4096) {
    zt_seen_free(seen);
  } else {
    memset(seen->entries, 0, (seen->mask + 1) * sizeof *seen->entries);
  }
  seen->used = 0;
}

void zt_seen_free(zt_seen *seen) {
  if (seen->entries != NULL && seen->entries != seen->small) Safefree(seen->entries);
  zt_seen_init(seen);
}
